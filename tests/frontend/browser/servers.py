"""Real servers in processes of their own: the page, and a gateway that can be stopped and started again."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.processes import answers
from tests.ops.ports import free_ports

ROOT = Path(__file__).resolve().parents[3]


class Server:
    """One process on a free port of its own."""

    def __init__(self, module_and_arguments: Sequence[str], health: str, cwd: Path, env: Mapping[str, str]) -> None:
        """`{port}` in the arguments, the environment and the health path becomes the port."""
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, "-m", *(part.format(port=self.port) for part in module_and_arguments)]
        self._health = self.url + health
        self._cwd = cwd
        self._env = os.environ | {"PYTHONPATH": str(ROOT)} | {k: v.format(port=self.port) for k, v in env.items()}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, timeout_s: float = 90) -> "Server":
        """Return once it is healthy."""
        with (self._cwd / f"{self.port}.log").open("wb") as log:
            self._process = subprocess.Popen(self._command, cwd=self._cwd, env=self._env, stdout=log, stderr=log)
        deadline = time.monotonic() + timeout_s
        while not answers(self._health):
            assert self._process.poll() is None, (self._cwd / f"{self.port}.log").read_text()
            assert time.monotonic() < deadline, (self._cwd / f"{self.port}.log").read_text()
            time.sleep(0.1)
        return self

    def __enter__(self) -> "Server":
        """Started and healthy."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Ended, whatever happened."""
        self.stop()

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process = None


def page_server(gateway_url: str, cwd: Path, **env: str) -> Server:
    """The page, in front of the gateway at this address, with the project's own look."""
    (cwd / ".streamlit").symlink_to(ROOT / ".streamlit")
    arguments = ["streamlit", "run", str(ROOT / "frontend" / "app.py"), "--server.port", "{port}"]
    arguments += ["--server.address", "127.0.0.1"]
    return Server(arguments, "/_stcore/health", cwd, {"GATEWAY_URL": gateway_url, **env})


def gateway_server(model_port: int, catalog: Path, cwd: Path) -> Server:
    """A gateway in front of a model server; its feedback goes to a database in cwd."""
    env = {"MODEL_PORT": str(model_port), "GATEWAY_PORT": "{port}", "CATALOG_PATH": str(catalog)}
    env["FEEDBACK_DATABASE_URL"] = f"sqlite:///{cwd}/feedback.db"
    return Server(["gateway"], "/ready", cwd, env)
