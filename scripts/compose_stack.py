"""The stack of docker-compose.yml under a project name and on ports of its own, driven by docker's command line."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PORTS = ("MLFLOW_PORT", "GATEWAY_PORT", "PAGE_PORT", "AIRFLOW_PORT")


class StackFailed(Exception):
    """A docker command failed, or the stack did not do what it should; says which and how."""


def docker(*arguments: str, timeout_s: float = 1800, **environment: str) -> str:
    """What a docker command prints. Raises StackFailed with the end of its errors."""
    command = ["docker", *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
    except FileNotFoundError:
        raise StackFailed("there is no `docker` on the PATH; install Docker with its compose plugin") from None
    except subprocess.TimeoutExpired:
        raise StackFailed(f"{' '.join(command)} took more than {timeout_s:.0f} s") from None
    if done.returncode:
        lines = "\n".join([*done.stdout.splitlines()[-5:], *done.stderr.splitlines()[-15:]])
        raise StackFailed(f"{' '.join(command)} failed ({done.returncode}):\n{lines}")
    return done.stdout


def free_ports(n: int) -> list[int]:
    """n ports of the loopback address that nobody listens on."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(n)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Stack:
    """One compose project."""

    def __init__(self, project: str) -> None:
        """Nothing is started. Whatever stands in .env or the shell, this stack runs on demo data and defaults."""
        self.project = project
        self._environment = {name: str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
        self._environment |= {"DATA_SOURCE": "demo", "API_KEY": ""}

    def compose(self, *arguments: str, timeout_s: float = 1800) -> str:
        """Run a compose command on this project. Raises StackFailed."""
        head = ("compose", "--project-name", self.project, "--env-file", os.devnull)
        return docker(*head, *arguments, timeout_s=timeout_s, **self._environment)

    def url(self, setting: str, path: str) -> str:
        """Address of a path on a published port, such as GATEWAY_PORT."""
        return f"http://127.0.0.1:{self._environment[setting]}{path}"

    def ask(self, setting: str, path: str, body: Any = None, timeout_s: float = 10) -> tuple[int, Any]:
        """Status and JSON (or text) of a GET, or with a body of a POST; status 0 if nobody answers."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url(setting, path), data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        except OSError:
            return 0, None
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text.decode(errors="replace")

    def container(self, service: str) -> dict[str, Any]:
        """What docker knows of a service's container."""
        found = self.compose("ps", "--all", "--quiet", service).split()
        if not found:
            raise StackFailed(f"{service} has no container")
        container: dict[str, Any] = json.loads(docker("inspect", found[0]))[0]
        return container

    def crash(self, service: str) -> None:
        """Kill everything in the container but its init, as a fault would: docker starts it again by its policy."""
        kill = (
            ["bash", "-c", "kill -KILL -1"] if service == "postgres" else ["python", "-c", "import os; os.kill(-1, 9)"]
        )
        try:
            self.compose("exec", "-T", service, *kill, timeout_s=60)
        except StackFailed:
            pass  # the command may die with its container

    def recovered(self, service: str, restarts: int, timeout_s: float = 300) -> float:
        """Seconds until the container was started again and is healthy. Raises StackFailed."""
        started = time.monotonic()
        while time.monotonic() - started < timeout_s:
            state = self.container(service)
            if state["RestartCount"] > restarts and state["State"].get("Health", {}).get("Status") == "healthy":
                return time.monotonic() - started
            time.sleep(0.5)
        raise StackFailed(f"{service} was killed and did not become healthy again in {timeout_s:.0f} s")
