"""What the model service adds to an invocation: `python -m benchmarks.service_overhead`, while `make up` runs.

The same five seeds go to the socket of the model server underneath and through the service, turn by turn on one
connection each, so that whatever else the machine does slows both alike.
"""

import argparse
import json
import os
import socket
import statistics
import urllib.request
from pathlib import Path

from benchmarks.gateway_overhead import WARM_UP, Caller
from gateway.catalog import Catalog
from gateway.settings import GatewaySettings


class _SocketCaller(Caller):
    """One kept connection to the server of the live version, which listens on a Unix socket."""

    def __init__(self, path: str, body: object) -> None:
        super().__init__("http://model", "/invocations", body, {})
        self._connection.sock = socket.socket(socket.AF_UNIX)
        self._connection.sock.connect(path)


def socket_of(pid: int) -> str:
    """Where a version's server listens: Linux shows the environment that it was started with."""
    environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return next(line for line in environment if line.startswith(b"UVICORN_UDS=")).decode().partition("=")[2]


def processor_s(pid: int) -> float:
    """Seconds of processor that the parent of a process has used: the parent of a model server is the service."""
    parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]
    used = Path(f"/proc/{parent}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure, and print."""
    settings = GatewaySettings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model-url", default=settings.servers[0])
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--body", help="JSON for /invocations; if missing, five tracks of the catalog")
    given = parser.parse_args()
    try:
        with urllib.request.urlopen(f"{given.model_url}/status", timeout=5) as response:
            live = json.load(response)["live"]
    except OSError as error:
        raise SystemExit(f"the model service cannot be reached ({error}); start it with `make up`") from None
    if live is None:
        raise SystemExit("no version is in service yet")
    if given.body:
        body = json.loads(given.body)
    else:
        body = {
            "inputs": [{"seed_track_ids": [t.track_id for t in Catalog(settings.catalog_path).random(5, rng_seed=0)]}]
        }
    direct, through = _SocketCaller(socket_of(live["pid"]), body), Caller(given.model_url, "/invocations", body, {})
    before = processor_s(live["pid"])
    times = [(direct.ms(), through.ms()) for _ in range(WARM_UP + given.requests)][WARM_UP:]
    used_ms = (processor_s(live["pid"]) - before) * 1000 / (WARM_UP + given.requests)
    for name, each in zip(("underneath", "through"), zip(*times, strict=True), strict=True):
        cuts = statistics.quantiles(each, n=100)
        print(f"{name:<10} p50 {cuts[49]:6.2f} ms   p95 {cuts[94]:6.2f} ms   p99 {cuts[98]:6.2f} ms")
    p50s = [statistics.median(each) for each in zip(*times, strict=True)]
    added = f"the service adds {p50s[1] - p50s[0]:.2f} ms at p50, and takes {used_ms:.2f} ms of processor a request"
    print(f"{added} ({given.requests} requests each)")


if __name__ == "__main__":
    main()
