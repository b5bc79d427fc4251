"""`make up`: data, a model and the four servers, from nothing or from what is there; Ctrl-C stops them all."""

import fcntl
import json
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from scripts import receipt
from scripts.processes import ChildFailed, Interrupted, Processes, last_lines
from scripts.services import ENVIRONMENT, services
from scripts.settings import StackSettings, export_dotenv

VAR = Path("var")


class CannotStart(Exception):
    """Something has to be changed first; the message says what."""


@contextmanager
def only_one(lock_file: Path, target: str = "up") -> Iterator[None]:
    """Hold the lock for the block. Raises CannotStart if the same `make` target of this checkout holds it already."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            raise CannotStart(
                f"`make {target}` is already running here (process {holder}); "
                f"stop it first with Ctrl-C or `kill {holder}`"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def refuse_taken_ports(ports: dict[str, int], target: str = "up") -> None:
    """Raise CannotStart that names every port somebody listens on, and the setting that moves it."""
    problems = []
    for setting, port in ports.items():
        twins = [other for other in ports if other < setting and ports[other] == port]
        if twins:
            problems.append(f"{setting} and {twins[0]} are both {port}; give them different ports")
        elif _taken(port):
            problems.append(f"port {port} is taken; free it, or choose another: make {target} {setting}={port + 100}")
    if problems:
        raise CannotStart("\n    ".join(problems))


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return True
    return False


class Progress:
    """Short lines on the terminal: what is done, and (where there is somebody to look) what is going on."""

    def __init__(self) -> None:
        """Time starts now."""
        self.started = time.monotonic()
        self.live = sys.stdout.isatty()

    def done(self, what: str, detail: str) -> None:
        """Say that something is done; the line stays."""
        self._clear()
        print(f"  {what:<13} {detail}", flush=True)

    def doing(self, what: str, detail: str) -> None:
        """Say what is going on; the next line replaces it."""
        if self.live:
            columns = os.get_terminal_size().columns
            print(f"\r\033[K{f'  {what:<13} {detail}'[: columns - 1]}", end="", flush=True)

    def _clear(self) -> None:
        if self.live:
            print("\r\033[K", end="")

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started


def run_entry_point(processes: Processes, name: str, progress: Progress) -> None:
    """Run one of MLproject's entry points to its end. Raises ChildFailed, Interrupted."""
    started = time.monotonic()

    def tick() -> None:
        progress.doing(name, f"{time.monotonic() - started:4.0f} s  {last_lines(processes.log(name), 1)}")

    command = [sys.executable, *f"-m mlflow run . --env-manager local --experiment-name quintet -e {name}".split()]
    processes.run(name, command, tick)
    progress.done(name, f"done in {time.monotonic() - started:.0f} s")


def make_data_and_model(processes: Processes, settings: StackSettings, progress: Progress) -> None:
    """Prepare the tables and train, evaluate and promote a model, each only if its inputs changed."""
    if receipt.stale("data", receipt.data_state(settings.data_source)):
        run_entry_point(processes, "prepare", progress)
        receipt.record("data", receipt.data_state(settings.data_source))
    else:
        progress.done("prepare", "up to date")
    if receipt.stale("model", receipt.model_state()):
        for name in ("train", "evaluate", "promote"):
            run_entry_point(processes, name, progress)
        if not receipt.has_champion():
            refusal = last_lines(processes.log("promote"), 5)
            raise CannotStart(f"no model was promoted, so there is none to serve:\n{refusal}")
        receipt.record("model", receipt.model_state())
    else:
        progress.done("train", "up to date")


def serve(processes: Processes, settings: StackSettings, progress: Progress) -> None:
    """Start the servers and return when all of them are healthy."""
    servers = services(settings)
    for server in servers:
        processes.start(server.name, server.command, server.env)
    processes.wait_healthy(
        servers,
        settings.startup_timeout_s,
        lambda server: progress.done(server.name, server.address),
        lambda waiting: progress.doing("starting", ", ".join(server.name for server in waiting)),
    )
    with urllib.request.urlopen(f"{settings.gateway_url}/health", timeout=5) as response:
        health = json.load(response)
    progress.done("ready", f"after {progress.elapsed_s:.0f} s, {health['n_tracks']:,} tracks; Ctrl-C stops everything")
    if health["notice"]:
        print(f"\n{'!' * 80}\n  {health['notice']}\n{'!' * 80}\n", flush=True)


def up(settings: StackSettings, progress: Progress) -> None:
    """Bring everything up and keep it up until somebody asks for the end. Raises CannotStart, ChildFailed."""
    with only_one(VAR / "up.lock"):
        refuse_taken_ports(settings.ports)
        with Processes(VAR / "log") as processes:
            processes.interrupt_on(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            try:
                make_data_and_model(processes, settings, progress)
                serve(processes, settings, progress)
                processes.watch()
            except Interrupted:
                pass
            progress.done("stopping", "")
    progress.done("stopped", "")


def exit_status(target: str, start: Callable[[], None]) -> int:
    """0 after a stop that was asked for; 1 when something failed, which is said in words."""
    try:
        export_dotenv()
        start()
    except ValidationError as error:
        problems = "\n".join(f"    {str(found['loc'][0]).upper()}: {found['msg']}" for found in error.errors())
        print(f"make {target}: a setting is wrong:\n{problems}", file=sys.stderr)
        return 1
    except (CannotStart, ChildFailed) as error:
        print(f"\nmake {target}: {error}", file=sys.stderr)
        return 1
    return 0


def main() -> None:
    """Start with the settings of the environment."""
    os.environ.update(ENVIRONMENT)
    # The entry points' `python` must be this environment's.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    up(StackSettings(), Progress())


if __name__ == "__main__":
    sys.exit(exit_status("up", main))
