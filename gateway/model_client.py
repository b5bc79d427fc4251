"""Ask the model servers for recommendations. The only file that knows MLflow's scoring protocol."""

import asyncio
import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import CLOSED, HALF_OPENED, OpenedState
from purgatory.service._async.circuitbreaker import AsyncCircuitBreaker
from pydantic import BaseModel, Field, ValidationError

from gateway.errors import ModelBroken, ModelError, ModelTimeout, ModelUnavailable
from gateway.metrics import BREAKER_STATES, Metrics
from gateway.schemas import Answer, RecommendRequest

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""A hundred explained tracks are some 200 KB; whatever sends more is not our model."""
KEEP_ALIVE_S = 4.0
"""Below the five seconds after which uvicorn, which serves the model, closes an idle connection: no race for it."""

log = logging.getLogger(__name__)


class _Predictions(BaseModel):
    predictions: list[Answer] = Field(min_length=1, max_length=1)


@dataclass(frozen=True)
class _Server:
    url: str
    breaker: AsyncCircuitBreaker

    @property
    def state(self) -> str:
        return str(self.breaker.context.state)


class ModelClient:
    """Several servers of the same model: they take turns; when one fails the next is asked within the same deadline.

    A server that failed `failures` times in a row is left alone for `reset_s` seconds; then one request tries it again.
    """

    def __init__(
        self, urls: Sequence[str], *, deadline_s: float, failures: int, reset_s: float, metrics: Metrics
    ) -> None:
        """urls: base addresses, without a trailing slash; failures, reset_s: when a server is left alone, how long."""
        self._urls = urls
        self._deadline_s = deadline_s
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=failures, default_ttl=reset_s)
        self._metrics = metrics
        self._turns = itertools.count()

    async def open(self) -> None:
        """Get ready to ask; belongs to the event loop that is to ask."""
        self._servers = [_Server(url, await self._breakers.get_breaker(url)) for url in self._urls]
        for server in self._servers:
            self._metrics.breaker.labels(server.url).set(0)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S),
            headers={"Content-Type": "application/json", "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def recommend(self, request: RecommendRequest, spent_s: float = 0.0) -> Answer:
        """The model's answer to one request, of whose deadline so much was spent already.

        Raises ModelUnavailable, ModelTimeout or ModelBroken, whichever the last server asked gave reason for.
        """
        body = b'{"inputs":[' + request.model_dump_json(exclude_defaults=True).encode() + b"]}"
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._deadline_s - spent_s
        turn = next(self._turns) % len(self._servers)
        servers = self._servers[turn:] + self._servers[:turn]
        failure: ModelError | None = None
        for position, server in enumerate(servers, 1):
            # What is left is shared with the servers that can still be asked, so that a hanging one leaves them time.
            sharers = 1 + sum(other.state == CLOSED for other in servers[position:])
            try:
                with self._metrics.stages.labels("model").time():
                    return await self._ask(server, body, (ends - loop.time()) / sharers)
            except _BreakerOpen:
                continue
            except ModelError as error:
                failure = error
        raise failure or ModelUnavailable(
            "the model servers failed repeatedly and are left alone for some seconds; try again"
        )

    async def _ask(self, server: _Server, body: bytes, budget_s: float) -> Answer:
        if server.state == HALF_OPENED:  # another request is trying whether it is back
            raise _BreakerOpen
        try:
            async with server.breaker:
                return await self._post(server.url, body, budget_s)
        except OpenedState as opened:
            opened.__traceback__ = None  # one instance is raised again and again, and would collect a frame each time
            raise _BreakerOpen from None
        except ModelError as error:
            self._metrics.upstream_errors.labels(server.url, error.code).inc()
            log.warning("model call failed", extra={"upstream": server.url, "kind": error.code, "why": str(error)})
            raise
        finally:
            self._metrics.breaker.labels(server.url).set(BREAKER_STATES[server.state])

    async def _post(self, url: str, body: bytes, budget_s: float) -> Answer:
        try:
            async with (
                asyncio.timeout(budget_s),
                self._session.post(f"{url}/invocations", data=body, allow_redirects=False) as response,
            ):
                if response.status == 503:
                    raise ModelUnavailable("the model server has no model in service yet; try again")
                if response.status != 200:
                    raise ModelBroken(f"the model server answered with status {response.status}")
                text = await _read(response)
        except TimeoutError:
            raise ModelTimeout("the model did not answer in time; try again") from None
        except aiohttp.ClientResponseError as error:
            raise ModelBroken("the model server's answer is not HTTP") from error
        except aiohttp.ClientError as error:
            raise ModelUnavailable("the model server cannot be reached; try again") from error
        try:
            return _Predictions.model_validate_json(text).predictions[0]
        except ValidationError as error:
            raise ModelBroken(f"the model's answer is malformed in {error.error_count()} places") from None


class _BreakerOpen(Exception):
    """The server is left alone for now."""


async def _read(response: aiohttp.ClientResponse) -> bytes:
    text = bytearray()
    async for chunk in response.content.iter_any():
        text += chunk
        if len(text) > MAX_ANSWER_BYTES:
            raise ModelBroken(f"the model's answer is over {MAX_ANSWER_BYTES} bytes")
    return bytes(text)
