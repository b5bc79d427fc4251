"""What real uvicorn workers serve in tests: each answers with the number of its process, after a tenth of a second."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    assert scope["type"] == "http"
    if scope["path"] == "/invocations":
        await asyncio.sleep(0.1)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})
