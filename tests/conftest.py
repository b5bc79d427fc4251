"""What several rooms share because it takes minutes to make."""

import signal
from collections.abc import Iterator

import pytest

from tests.ops.checkout import RunningStack, copy_checkout


@pytest.fixture(scope="session")
def demo_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """`make up` on demo data in a fresh checkout, all servers running, until `tests/ops/test_stack.py` ends it.

    The rooms are run by name, so whoever else looks at it (`tests/frontend/browser`) comes earlier.
    """
    checkout = copy_checkout(tmp_path_factory.mktemp("stack") / "a checkout with spaces")
    running = RunningStack(checkout, tmp_path_factory.mktemp("output") / "first.txt", DATA_SOURCE="demo")
    try:
        yield running.wait_ready(900)
    finally:
        if running.process.poll() is None:
            running.stop(signal.SIGTERM)
