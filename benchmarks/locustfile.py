"""Clients that post one body after another, each body once; `benchmarks.load` runs this file in a process of its own.

locust -f benchmarks/locustfile.py --headless … with BODIES, a file of one body a line, PATH_ASKED, and TIMES, the
file that gets the milliseconds of every answer and the number of failures.
"""

import json
import os
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant, events, task

BODIES = iter(Path(os.environ["BODIES"]).read_text().splitlines())
times: list[float] = []
failures: list[str] = []


class Listener(FastHttpUser):
    """Asks again as soon as it has its answer."""

    wait_time = constant(0)

    @task
    def ask(self) -> None:
        """Post the next body."""
        self.client.post(os.environ["PATH_ASKED"], data=next(BODIES), headers={"Content-Type": "application/json"})


@events.request.add_listener
def note(response_time: float, exception: Exception | None, **_: Any) -> None:
    """Keep the exact time, which locust itself rounds."""
    if exception is None:
        times.append(response_time)
    else:
        failures.append(repr(exception))


@events.quitting.add_listener
def write(environment: Any, **_: Any) -> None:
    """Leave what was measured."""
    total = environment.stats.total
    seconds = (total.last_request_timestamp or total.start_time) - total.start_time
    result = {"ms": times, "per_s": len(times) / max(seconds, 1e-3), "failures": failures}
    Path(os.environ["TIMES"]).write_text(json.dumps(result))
