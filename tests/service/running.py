"""A model service on a loopback socket, in a thread, on a registry of our own, with stand-ins underneath."""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvloop
from aiohttp import web
from pydantic_settings import SettingsConfigDict

from model.contract import Request
from service.__main__ import application
from service.registry import NoExample, RegistryUnreachable
from service.settings import ServiceSettings
from tests.eventually import eventually
from tests.gateway.stub_model import answer_to

EXAMPLE = b'{"inputs": [{"seed_track_ids": ["a", "b"], "k": 5}]}'
STAND_IN = str(Path(__file__).with_name("stand_in.py"))


class IsolatedSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_file=None)


class ToyRegistry:
    """A registry in memory; `behaviours` says what the stand-in of a version does, `answers` what it answers."""

    def __init__(self, folder: Path) -> None:
        self.alias: str | None = None
        self.reachable = True
        self.looks = 0
        self.was_live: str | None = None
        self.notes: list[tuple[str, str]] = []
        self.behaviours: dict[str, str] = {}
        self.answers: dict[str, Callable[[dict[str, Any]], object]] = {}
        """Version -> a change to a proper answer; may return text that is no answer at all."""
        self.starts: list[str] = []
        self._folder = folder

    def champion(self) -> str | None:
        self.looks += 1
        if not self.reachable:
            raise RegistryUnreachable("connection refused")
        return self.alias

    def last_live(self) -> str | None:
        return self.was_live

    def example(self, version: str) -> bytes:
        if self.behaviours.get(version) == "no example":
            raise NoExample("its logged input example cannot be read")
        return EXAMPLE

    def note_live(self, version: str) -> None:
        self.notes.append((version, "live"))

    def note_refusal(self, version: str, reason: str) -> None:
        self.notes.append((version, reason))

    def command(self, version: str) -> list[str]:
        """What serves the version."""
        self.starts.append(version)
        answer = answer_to(Request.model_validate(json.loads(EXAMPLE)["inputs"][0]), version).model_dump()
        file = self._folder / f"{version}.json"
        changed = self.answers[version](answer) if version in self.answers else None
        file.write_text(changed if isinstance(changed, str) else json.dumps({"predictions": [answer]}))
        return [sys.executable, STAND_IN, str(file), self.behaviours.get(version, "well")]


class RunningService:
    """What a test sees of it."""

    def __init__(self, registry: ToyRegistry, port: int) -> None:
        self.registry = registry
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(base_url=self.url, timeout=10)

    def ask(self) -> httpx.Response:
        return self.client.post("/invocations", content=EXAMPLE, headers={"Content-Type": "application/json"})

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = self.client.get("/status").json()
        return status

    def live(self) -> str | None:
        live = self.status()["live"]
        return live["version"] if live else None

    def pid(self) -> int:
        return int(self.status()["live"]["pid"])

    def metric(self, name: str) -> float:
        (line,) = [line for line in self.client.get("/metrics").text.splitlines() if line.startswith(f"{name} ")]
        return float(line.split()[1])

    def promote(self, version: str) -> None:
        """Move the alias and wait until the version answers."""
        self.registry.alias = version
        assert eventually(lambda: self.live() == version), self.status()

    def ask_on(self, over: threading.Event, pause_s: float, keep: bool = True) -> list[httpx.Response]:
        """Ask on a connection of its own until it is over, and return the answers. For a thread."""
        headers = {"Content-Type": "application/json", **({} if keep else {"Connection": "close"})}
        answers = []
        with httpx.Client(base_url=self.url, timeout=30, headers=headers) as client:
            while not over.is_set():
                answers.append(client.post("/invocations", content=EXAMPLE))
                time.sleep(pause_s)
        return answers

    def refuse(self, version: str) -> str:
        """Move the alias, wait until the version is refused, and return the reason."""
        self.registry.alias = version
        assert eventually(lambda: (self.status()["last_refusal"] or {}).get("version") == version), self.status()
        return str(self.status()["last_refusal"]["reason"])


@contextmanager
def running_service(registry: ToyRegistry, **settings: Any) -> Iterator[RunningService]:
    """The application of `python -m service`, as far as it does not concern MLflow; looks ten times a second."""
    chosen = IsolatedSettings(**{"model_poll_s": 0.1, "startup_timeout_s": 20, **settings})
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> tuple[web.AppRunner, int]:
        app = application(chosen, registry, registry.command, os.environ)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, runner.addresses[0][1]

    runner, port = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    service = RunningService(registry, port)
    try:
        yield service
    finally:
        service.client.close()
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(40)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
