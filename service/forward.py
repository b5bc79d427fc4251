"""A request's way: to the version that is in service when it arrives, again if the connection breaks, and back."""

import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from service.metrics import Metrics
from service.rollout import Rollout
from service.workers import NoAnswer, Reply, TooSlow, Workers

MAX_BODY_BYTES = 16 * 1024 * 1024
"""A table of some ten thousand requests; a bigger one is for `recommend_batch`."""
ATTEMPTS = 3
"""The same request gives the same answer, so it may be sent again. The second try meets a version that has just taken
over, or a fresh connection where a kept one was closed at that very moment; the third, both."""
VERSION_HEADER = "X-Model-Version"
RETRY_AFTER_S = 2


class Forward:
    """Forwards to whichever version is in service."""

    def __init__(self, rollout: Rollout, metrics: Metrics) -> None:
        """rollout: says which version that is."""
        self._rollout = rollout
        self._metrics = metrics

    async def invocations(self, request: web.Request) -> web.Response:
        """POST /invocations."""
        started = time.perf_counter()
        body = await request.read()
        content_type = request.headers.get("Content-Type")
        response = await self._ask(lambda workers: workers.invoke(body, content_type))
        self._metrics.requests.labels(response.status).inc()
        self._metrics.seconds.observe(time.perf_counter() - started)
        return response

    async def version(self, request: web.Request) -> web.Response:
        """GET /version: MLflow's, as `mlflow models serve` answers it."""
        return await self._ask(lambda workers: workers.get("/version"))

    async def _ask(self, question: Callable[[Workers], Awaitable[Reply]]) -> web.Response:
        for _ in range(ATTEMPTS):
            server = self._rollout.live
            if server is None:
                break
            # From here to the answer the server is not stopped: between the two lines no other task can run.
            with server.busy():
                try:
                    return _response(await question(server.workers), server.version)
                except NoAnswer:
                    continue
                except TooSlow:
                    return problem(504, "model_timeout", "the model did not answer in time")
        return unavailable()


def _response(reply: Reply, version: str) -> web.Response:
    headers = {VERSION_HEADER: version}
    if reply.content_type is not None:
        headers["Content-Type"] = reply.content_type
    return web.Response(status=reply.status, body=reply.body, headers=headers)


def unavailable() -> web.Response:
    """503: no version is in service."""
    response = problem(503, "model_unavailable", "no model version is in service; /status says why")
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def problem(status: int, error: str, message: str) -> web.Response:
    """An answer of the service's own."""
    return web.json_response({"error": error, "message": message}, status=status)
