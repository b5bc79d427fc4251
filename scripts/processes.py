"""Child processes with a log file each: started in groups of their own, watched, stopped with all that they started."""

import http.client
import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from service.process_group import signal_group

GRACE_S = 15.0
"""How long a process may take to stop by itself: a gateway that drains its last requests needs some seconds."""


class ChildFailed(Exception):
    """A child process ended that should not have, or with a non-zero status; says which, and the end of its log."""


class Interrupted(Exception):
    """Somebody asked for the end (Ctrl-C, SIGTERM) while something was still under way."""


@dataclass(frozen=True)
class Service:
    """A server: what starts it, and the URL that answers 200 once it can do its work."""

    name: str
    command: Sequence[str]
    health_url: str
    address: str
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to the environment that it inherits."""
    health_text: str = ""
    """What the healthy answer contains, where its status alone does not tell."""


def last_lines(log: Path, n: int = 15) -> str:
    """The end of a log file as a terminal would show it: of a progress bar, only its last state."""
    lines = [line.rsplit("\r", 1)[-1] for line in log.read_text(errors="replace").replace("\r\n", "\n").splitlines()]
    return "\n".join([line for line in lines if line.strip()][-n:])


def answers(url: str, text: str = "", timeout_s: float = 3.0) -> bool:
    """Whether a GET of the URL answers 200 in time, with this text in it."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as response:
            return bool(response.status == 200) and text.encode() in response.read()
    except (OSError, http.client.HTTPException):
        return False


class Processes:
    """The children of one run. Leaving the `with` block stops them all, whatever happened inside."""

    def __init__(self, log_folder: Path, grace_s: float = GRACE_S) -> None:
        """log_folder: made if missing; `<name>.log` is written anew by each start."""
        log_folder.mkdir(parents=True, exist_ok=True)
        self.log_folder = log_folder
        self.grace_s = grace_s
        self.interrupted = threading.Event()
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Processes":
        """The same; nothing is started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all children, whatever happened."""
        self.stop()

    def interrupt_on(self, *signals: signal.Signals) -> None:
        """Let these signals end `run`, `wait_healthy` and `watch` (by a flag: no child gets lost between lines)."""
        for number in signals:
            signal.signal(number, lambda *_: self.interrupted.set())

    def log(self, name: str) -> Path:
        """Where a child's output goes."""
        return self.log_folder / f"{name}.log"

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Start a child that is expected to stay."""
        with self.log(name).open("wb") as log:
            self._children[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )

    def run(self, name: str, command: Sequence[str], tick: Callable[[], None] = lambda: None) -> None:
        """Run a command to its end, calling `tick` often.

        Raises ChildFailed on a non-zero status, Interrupted when asked to stop.
        """
        self.start(name, command)
        child = self._children[name]
        while child.poll() is None:
            self._pause()
            tick()
        del self._children[name]
        if child.returncode != 0:
            raise ChildFailed(self._obituary(name, child.returncode))

    def wait_healthy(
        self,
        services: Sequence[Service],
        timeout_s: float,
        healthy: Callable[[Service], None],
        tick: Callable[[Sequence[Service]], None] = lambda _: None,
    ) -> None:
        """Return once every service has answered, calling `healthy` for each as it does, and `tick` with the others.

        Raises ChildFailed if a child ends or one stays silent for timeout_s, Interrupted when asked to stop.
        """
        waiting, deadline = list(services), time.monotonic() + timeout_s
        while waiting:
            self._pause()
            self._check()
            for service in [service for service in waiting if answers(service.health_url, service.health_text)]:
                waiting.remove(service)
                healthy(service)
            tick(waiting)
            if waiting and time.monotonic() > deadline:
                name = waiting[0].name
                silent = f"{name} gave no healthy answer at {waiting[0].health_url} within {timeout_s:.0f} s"
                raise ChildFailed(f"{silent}; the end of {self.log(name)}:\n{last_lines(self.log(name))}")

    def watch(self) -> None:
        """Return when asked to stop; raise ChildFailed when a child ends before that."""
        while not self.interrupted.wait(0.2):
            self._check()

    def stop(self, *names: str) -> None:
        """Ask the named children's groups to end, or all; kill what is still there after the grace time."""
        children = [self._children.pop(name) for name in names or list(self._children) if name in self._children]
        self._signal_groups(children, signal.SIGTERM)
        deadline = time.monotonic() + self.grace_s
        while self._signal_groups(children, 0) and time.monotonic() < deadline:
            time.sleep(0.05)
        self._signal_groups(children, signal.SIGKILL)
        for child in children:
            child.wait()

    def _signal_groups(self, children: Sequence["subprocess.Popen[bytes]"], number: int) -> bool:
        """Signal every group (0: only look); whether one is still there."""
        alive = False
        for child in children:
            child.poll()  # reaps the leader, which would otherwise count as alive
            alive = signal_group(child.pid, number) or alive
        return alive

    def _pause(self) -> None:
        if self.interrupted.wait(0.1):
            raise Interrupted

    def _check(self) -> None:
        for name, child in self._children.items():
            if child.poll() is not None:
                raise ChildFailed(self._obituary(name, child.returncode))

    def _obituary(self, name: str, status: int) -> str:
        log = self.log(name)
        return f"{name} ended with status {status}; the end of {log}:\n{last_lines(log)}"
