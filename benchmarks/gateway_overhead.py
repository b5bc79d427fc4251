"""What the gateway adds to a recommendation: `python -m benchmarks.gateway_overhead`, while `make up` runs.

The same five seeds go straight to the model server's /invocations and through /recommend_ranked, turn by turn on one
connection each, so that whatever else the machine does slows both alike.
"""

import argparse
import json
import statistics
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

from gateway.catalog import Catalog
from gateway.settings import GatewaySettings

WARM_UP = 50


class Caller:
    """One kept-alive connection that posts one body again and again."""

    def __init__(self, url: str, path: str, body: object, headers: dict[str, str]) -> None:
        """url: of the server, without a path."""
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
        self._path, self._body = path, json.dumps(body)
        self._headers = {"Content-Type": "application/json", **headers}

    def ms(self) -> float:
        """Milliseconds from request to the last byte of the answer. Raises SystemExit if it is not a 200."""
        started = time.perf_counter()
        self._connection.request("POST", self._path, self._body, self._headers)
        response = self._connection.getresponse()
        text = response.read()
        elapsed = (time.perf_counter() - started) * 1000
        if response.status != 200:
            raise SystemExit(f"{self._path} answered {response.status}: {text[:200]!r}")
        return elapsed


def main() -> None:
    """Measure, and print."""
    settings = GatewaySettings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway-url", default=f"http://127.0.0.1:{settings.gateway_port}")
    parser.add_argument("--model-url", default=settings.servers[0])
    parser.add_argument("--requests", type=int, default=500)
    given = parser.parse_args()
    row = {"seed_track_ids": [track.track_id for track in Catalog(settings.catalog_path).random(5, rng_seed=0)]}
    key = {"X-API-Key": settings.api_key.get_secret_value()} if settings.api_key else {}
    direct = Caller(given.model_url, "/invocations", {"inputs": [row]}, {})
    through = Caller(given.gateway_url, "/recommend_ranked", row, key)
    try:
        times = [(direct.ms(), through.ms()) for _ in range(WARM_UP + given.requests)][WARM_UP:]
    except OSError as error:
        raise SystemExit(f"a server cannot be reached ({error}); start them with `make up`") from None
    for name, each in zip(("model server", "gateway"), zip(*times, strict=True), strict=True):
        cuts = statistics.quantiles(each, n=100)
        print(f"{name:<13} p50 {cuts[49]:6.2f} ms   p95 {cuts[94]:6.2f} ms   p99 {cuts[98]:6.2f} ms")
    p50s = [statistics.median(each) for each in zip(*times, strict=True)]
    print(f"the gateway adds {p50s[1] - p50s[0]:.2f} ms at p50 ({given.requests} requests each)")


if __name__ == "__main__":
    main()
