"""What happens to every request, whatever its route: an id, a log line, a count, safe headers, and three refusals."""

import asyncio
import hmac
import logging
import re
import time
import uuid

from anyio import CapacityLimiter, WouldBlock
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import BodyTooLarge, GatewayError, Overloaded, Unauthorised, error_response
from gateway.metrics import Metrics

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
PROBES = ("/health", "/ready")
"""They carry no key, and they must answer under load."""
DOCUMENTATION = re.compile(r"/docs|/openapi\.json|/static-offline-docs/.*")
"""Public with or without a key: browsers open it, and it is the same everywhere."""
BODY_WITHIN_S = 5.0
"""Long enough for 64 KB over a bad line."""
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = logging.getLogger("gateway.access")


class Observe:
    """Give each request an id, answer what nobody else caught, and write down how it went."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """app: everything inside, errors included."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        started = time.perf_counter()
        self._metrics.in_flight.inc()
        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:  # the last resort: a bug must not show its insides
            log.exception("bug", extra={"request_id": request_id})
            if status:
                raise
            bug = GatewayError("something went wrong inside the gateway; the log has it under this request id")
            await error_response(scope, bug)(scope, receive, send_with_headers)
        finally:
            self._metrics.in_flight.dec()
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self._metrics.requests.labels(scope["method"], route, status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        log.info(
            "request",
            extra={
                "request_id": scope["state"]["request_id"],
                "method": scope["method"],
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 2),
                "model_version": scope["state"].get("model_version"),
            },
        )


class Guard:
    """Refuse what has no key, what is too large, and what is too much at once; before anything is read."""

    def __init__(self, app: ASGIApp, *, api_key: str | None, max_body_bytes: int, max_in_flight: int) -> None:
        """api_key: None lets everybody in."""
        self._app = app
        self._api_key = api_key.encode() if api_key is not None else None
        self._max_body_bytes = max_body_bytes
        self._slots = CapacityLimiter(max_in_flight)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            return await self._app(scope, receive, send)
        refusal = self._refusal(scope["path"], Headers(scope=scope))
        if refusal is not None:
            return await error_response(scope, refusal)(scope, receive, send)
        try:
            self._slots.acquire_nowait()
        except WouldBlock:
            busy = Overloaded("too many requests at once; try again in a second")
            return await error_response(scope, busy)(scope, receive, send)
        try:
            await self._app(scope, self._bounded(receive), send)
        finally:
            self._slots.release()

    def _bounded(self, receive: Receive) -> Receive:
        """A body that comes in chunks hides its size, and one that trickles in would hold its slot for ever."""
        size, complete, ends = 0, False, asyncio.get_running_loop().time() + BODY_WITHIN_S

        async def bounded() -> Message:
            nonlocal size, complete
            if complete:
                return await receive()
            try:
                async with asyncio.timeout_at(ends):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, f"the request body did not arrive within {BODY_WITHIN_S:.0f} s") from None
            size += len(message.get("body", b""))
            if size > self._max_body_bytes:
                raise HTTPException(413)
            complete = not message.get("more_body", False)
            return message

        return bounded

    def _refusal(self, path: str, headers: Headers) -> GatewayError | None:
        if self._api_key is not None and not DOCUMENTATION.fullmatch(path):
            given = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), self._api_key):
                return Unauthorised("this gateway wants its API key, as X-API-Key or as Authorization: Bearer")
        if int(headers.get("content-length", "0")) > self._max_body_bytes:  # the server has checked that it is a number
            return BodyTooLarge(f"the request body is over {self._max_body_bytes} bytes")
        return None
