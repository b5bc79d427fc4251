"""The routes: MLflow's own, and those that tell and move what is in service."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr

from service import webhook
from service.forward import MAX_BODY_BYTES, VERSION_HEADER, Forward, problem, unavailable
from service.metrics import Metrics
from service.rollout import Rollout

WEBHOOK_PATH = "/webhooks/mlflow"


class Service:
    """What is behind the routes."""

    def __init__(self, rollout: Rollout, metrics: Metrics, webhook_secret: SecretStr | None) -> None:
        """webhook_secret: None takes every call for MLflow's."""
        self._rollout, self._metrics = rollout, metrics
        self._webhook_secret = webhook_secret.get_secret_value() if webhook_secret else None

    def app(self) -> web.Application:
        """The application. The roll-out runs as long as it does."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        forward = Forward(self._rollout, self._metrics)
        app.router.add_post("/invocations", forward.invocations)
        app.router.add_get("/version", forward.version)
        app.router.add_get("/ping", self.ping)
        app.router.add_get("/health", self.ping)
        app.router.add_get("/status", self.status)
        app.router.add_get("/metrics", self.metrics)
        app.router.add_post(WEBHOOK_PATH, self.webhook)
        app.cleanup_ctx.append(self._running)
        return app

    async def _running(self, app: web.Application) -> AsyncIterator[None]:
        following = asyncio.create_task(self._rollout.run())
        following.add_done_callback(_end_with)
        yield
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        await self._rollout.close()

    async def ping(self, request: web.Request) -> web.Response:
        """GET /ping, /health: 200 while a version is in service, else 503."""
        live = self._rollout.live
        if live is None:
            return unavailable()
        return web.Response(text="\n", content_type="application/json", headers={VERSION_HEADER: live.version})

    async def status(self, request: web.Request) -> web.Response:
        """GET /status: what is in service, what a roll-out is doing, what was refused last."""
        return web.json_response(self._rollout.status())

    async def metrics(self, request: web.Request) -> web.Response:
        """GET /metrics, for Prometheus."""
        return web.Response(body=generate_latest(self._metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def webhook(self, request: web.Request) -> web.Response:
        """POST /webhooks/mlflow: MLflow says that something in its registry changed."""
        body = await request.read()
        if self._webhook_secret and not webhook.is_signed(request.headers, body, self._webhook_secret, time.time()):
            return problem(401, "unauthorized", "this call has no valid signature by MODEL_WEBHOOK_SECRET")
        if webhook.says_that_the_champion_moved(body):
            self._rollout.look_now()
        return web.Response(status=204)


def _end_with(following: asyncio.Task[None]) -> None:
    """A service that follows no more must not look healthy: end it, so that whoever supervises it starts another."""
    if not following.cancelled() and (error := following.exception()) is not None:
        raise SystemExit(1) from error
