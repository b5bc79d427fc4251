"""Wait for what happens by itself."""

import time
from collections.abc import Callable


def eventually(true: Callable[[], object], timeout_s: float = 20.0) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False
