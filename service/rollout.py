"""Which version is in service: the champion, as soon as it has proved itself; until then the one before.

    look at the registry -> start the new version beside the old -> warm up, canary -> swap -> drain the old, stop it

A version that fails on the way never gets traffic and is not tried again until the alias has moved. A live server that
dies is started again, after 0, 1, 2, 4 … seconds.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from service import canary
from service.canary import CanaryFailed
from service.metrics import Metrics
from service.model_server import ModelServer, StartFailed
from service.registry import NAME, NoExample, RegistryUnreachable
from service.workers import REQUEST_TIMEOUT_S

LONGEST_BACK_OFF_S = 60.0

log = logging.getLogger(__name__)


class Registry(Protocol):
    """What is asked of MLflow; see `registry.MlflowRegistry`."""

    def champion(self) -> str | None: ...  # noqa: D102
    def last_live(self) -> str | None: ...  # noqa: D102
    def example(self, version: str) -> bytes: ...  # noqa: D102
    def note_live(self, version: str) -> None: ...  # noqa: D102
    def note_refusal(self, version: str, reason: str) -> None: ...  # noqa: D102


@dataclass(frozen=True)
class Refusal:
    """A version that did not get traffic."""

    version: str
    reason: str
    at: str


class Rollout:
    """Keeps one version in service. `run` belongs in a task; `live` is the server to ask."""

    def __init__(
        self,
        registry: Registry,
        launch: Callable[[str], ModelServer],
        metrics: Metrics,
        *,
        poll_s: float,
        startup_timeout_s: float,
    ) -> None:
        """launch: makes the (not yet started) server of a version."""
        self.champion: str | None = None
        self.step: str | None = None
        """What a roll-out is doing right now: `starting 7`, `checking 7`."""
        self.last_refusal: Refusal | None = None
        self._registry, self._launch, self._metrics = registry, launch, metrics
        self._poll_s, self._startup_timeout_s = poll_s, startup_timeout_s
        self._live: ModelServer | None = None
        self._refused: str | None = None
        self._proven: str | None = None
        """What took traffic last, here or (after a start) anywhere; it is what comes back when nothing else can."""
        self._deaths, self._not_before, self._live_since = 0, 0.0, 0.0
        self._hint = asyncio.Event()
        self._retiring: dict[ModelServer, asyncio.Task[None]] = {}

    @property
    def live(self) -> ModelServer | None:
        """The server to ask; None if there is none, or it has ended."""
        return self._live if self._live is not None and not self._live.ended.done() else None

    def look_now(self) -> None:
        """Look at the registry at once, not only when it is time."""
        self._hint.set()

    def status(self) -> dict[str, Any]:
        """For people: what is in service, what is going on, what was refused last."""
        live = self.live
        return {
            "live": {"version": live.version, "pid": live.pid, "in_flight": live.in_flight} if live else None,
            "champion": self.champion,
            "rollout": self.step,
            "draining": bool(self._retiring),
            "last_refusal": asdict(self.last_refusal) if self.last_refusal else None,
        }

    async def run(self) -> None:
        """Follow the alias until cancelled."""
        while True:
            await self._look()
            if not await self._reconcile():
                await self._pause()

    async def close(self) -> None:
        """Stop all servers; `run` has to be cancelled before."""
        live, self._live = self._live, None
        self._metrics.took_over(None)
        servers = [*self._retiring, *([live] if live else [])]
        for retiring in self._retiring.values():
            retiring.cancel()  # the HTTP server has waited for the last requests already
        await asyncio.gather(*(server.stop() for server in servers))

    async def _look(self) -> None:
        try:
            self.champion = await asyncio.to_thread(self._registry.champion)
        except RegistryUnreachable as error:
            self._metrics.registry_up.set(0)
            log.warning("registry unreachable", extra={"why": str(error)})
            return
        self._metrics.registry_up.set(1)
        if self.champion != self._refused:
            self._refused = None
        self._note_behind()

    async def _reconcile(self) -> bool:
        """Take one step towards what should be; whether there was one to take."""
        self._bury_the_dead()
        target = self._target()
        if target is None or (target == self._proven and asyncio.get_running_loop().time() < self._not_before):
            return False
        await self._roll_out(target)
        return True

    def _target(self) -> str | None:
        """The version to start now, if any."""
        if self.champion is not None and self.champion != self._refused:
            return None if self.live is not None and self.live.version == self.champion else self.champion
        return self._proven if self.live is None else None

    async def _roll_out(self, version: str) -> None:
        if self.live is not None and self._retiring:
            await asyncio.wait(self._retiring.values())  # never more than two versions in memory
        started = asyncio.get_running_loop().time()
        server = self._launch(version)
        try:
            self._say("starting", version)
            await server.start()
            try:
                async with asyncio.TaskGroup() as loading:
                    example = loading.create_task(asyncio.to_thread(self._registry.example, version))
                    loading.create_task(server.wait_ready(self._startup_timeout_s))
                self._say("checking", version)
                await canary.prove(server, example.result(), name=NAME)
                await self._look()
                if self.live is not None and self.champion not in (version, None):
                    log.info("overtaken", extra={"model_version": version, "champion": self.champion})
                    return
                self._bury_the_dead()
                self._swap(server, asyncio.get_running_loop().time() - started)
            finally:
                if self._live is not server:
                    await server.stop()
        except* (StartFailed, CanaryFailed, NoExample) as failures:
            await self._failed(version, str(failures.exceptions[0]))
        else:
            await asyncio.to_thread(self._registry.note_live, version)
        finally:
            self.step = None

    def _swap(self, server: ModelServer, seconds: float) -> None:
        before, self._live = self._live, server
        self._proven, self._live_since = server.version, asyncio.get_running_loop().time()
        self._metrics.took_over(server.version)
        self._metrics.rollouts.inc()
        self._metrics.rollout_seconds.observe(seconds)
        self._note_behind()
        log.info("took over", extra={"model_version": server.version, "seconds": round(seconds, 1), "pid": server.pid})
        if before is not None:
            self._retire(before)

    def _retire(self, server: ModelServer) -> None:
        """Let it finish its last requests and stop it, in the background."""

        async def drain_and_stop() -> None:
            await server.drained(REQUEST_TIMEOUT_S + 5)
            await server.stop()
            del self._retiring[server]
            log.info("gone", extra={"model_version": server.version, "pid": server.pid})

        self._retiring[server] = asyncio.create_task(drain_and_stop())

    async def _failed(self, version: str, reason: str) -> None:
        if self._proven is None:
            self._proven = await asyncio.to_thread(self._registry.last_live)
        if version == self._proven:  # it has served before, so the fault may lie elsewhere and pass
            self._back_off()
            log.error("restart failed", extra={"model_version": version, "why": reason})
            return
        self._refused = version
        self.last_refusal = Refusal(version, reason, datetime.now(UTC).isoformat(timespec="seconds"))
        self._metrics.refusals.inc()
        log.error("refused", extra={"model_version": version, "why": reason})
        await asyncio.to_thread(self._registry.note_refusal, version, reason)

    def _bury_the_dead(self) -> None:
        server = self._live
        if server is None or not server.ended.done():
            return
        self._live = None
        self._metrics.took_over(None)
        self._metrics.deaths.inc()
        if asyncio.get_running_loop().time() - self._live_since > LONGEST_BACK_OFF_S:
            self._deaths = 0
        self._back_off()
        log.error(
            "died",
            extra={"model_version": server.version, "status": server.ended.result(), "why": server.last_words()},
        )
        self._retire(server)

    def _back_off(self) -> None:
        delay = min(LONGEST_BACK_OFF_S, 2.0 ** (self._deaths - 1)) if self._deaths else 0.0
        self._deaths += 1
        self._not_before = asyncio.get_running_loop().time() + delay

    def _note_behind(self) -> None:
        live = self.live.version if self.live is not None else None
        self._metrics.behind.set(self.champion is not None and self.champion != live)

    def _say(self, step: str, version: str) -> None:
        self.step = f"{step} {version}"
        log.info(step, extra={"model_version": version})

    async def _pause(self) -> None:
        """Until it is time for the next look, or a hint comes, or the live server ends."""
        now = asyncio.get_running_loop().time()
        waiting = self.live is None and now < self._not_before
        timeout = min(self._poll_s, self._not_before - now) if waiting else self._poll_s
        hint = asyncio.create_task(self._hint.wait())
        try:
            await asyncio.wait(
                [hint, *([self.live.ended] if self.live else [])], timeout=timeout, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            hint.cancel()
            self._hint.clear()
