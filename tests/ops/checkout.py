"""A copy of this checkout in another place, and `make up` running in it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.ops.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
PORTS = ("MLFLOW_PORT", "MODEL_PORT", "GATEWAY_PORT", "PAGE_PORT")


def copy_checkout(target: Path) -> Path:
    """The files that git keeps or would keep, as they are now, committed to a repository of their own."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    for command in (["init", "--quiet"], ["add", "--all"], [*identity, "commit", "--quiet", "--message", "copy"]):
        subprocess.run(["git", *command], cwd=target, check=True, capture_output=True)
    return target


class RunningStack:
    """One run of `make up`'s program, on free ports."""

    def __init__(self, checkout: Path, output: Path, **settings: str) -> None:
        """settings: environment variables; the output goes to a file, as if no terminal were there."""
        self.checkout = checkout
        self.output = output
        self.ports = dict(zip(PORTS, free_ports(4), strict=True))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
        environment |= {name: str(port) for name, port in self.ports.items()} | settings
        with output.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts.up"],
                cwd=checkout,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def url(self, port: str, path: str = "") -> str:
        """Address of a server: `url("GATEWAY_PORT", "/health")`."""
        return f"http://127.0.0.1:{self.ports[port]}{path}"

    def said(self) -> str:
        """What it has printed so far."""
        return self.output.read_text()

    def wait_ready(self, timeout_s: float) -> "RunningStack":
        """Return once it says that it is ready; AssertionError with its output if it ends or takes longer."""
        deadline = time.monotonic() + timeout_s
        while "  ready " not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.2)
        return self

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send the signal, as Ctrl-C does, and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


def family(pid: int) -> set[int]:
    """The process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, todo = set[int](), [pid]
    while todo:
        found.add(one := todo.pop())
        todo += parents.get(one, [])
    return found


def group(leader: int) -> list[int]:
    """Living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of = stat.read_text().rsplit(")", 1)[1].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == leader and state != "Z":
            found.append(int(stat.parent.name))
    return found


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie, which only waits to be reaped, does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
