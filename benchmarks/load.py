"""Load by locust, in a process of its own, no request twice."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from benchmarks.times import Times

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
MOST_A_SECOND = 2_000


def load(url: str, path: str, bodies: Iterable[str], n_clients: int, seconds: float) -> Times:
    """What n_clients saw that post bodies to the path, each the next as soon as it has an answer.

    url: of the server, without a path.  Raises SystemExit with locust's last words if it could not measure.
    """
    with tempfile.TemporaryDirectory() as folder:
        asked, result = Path(folder, "bodies"), Path(folder, "times.json")
        asked.write_text("\n".join(islice(bodies, int(MOST_A_SECOND * seconds))))
        command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--only-summary", "--host", url]
        command += ["--users", str(n_clients), "--spawn-rate", str(n_clients), "--run-time", f"{seconds:.0f}s"]
        environment = {**os.environ, "BODIES": str(asked), "PATH_ASKED": path, "TIMES": str(result)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if not result.exists():
            raise SystemExit(f"locust measured nothing: {done.stderr[-2000:]}")
        measured = json.loads(result.read_text())
    if not measured["ms"]:
        raise SystemExit(f"{url}{path} answered nothing: {measured['failures'][:1]}")
    return Times(measured["ms"], per_s=measured["per_s"], errors=len(measured["failures"]))
