"""What the gateway's /metrics say, in the few figures that the page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

RECOMMEND = "/recommend_ranked"


@dataclass(frozen=True)
class Route:
    """One route since the gateway's start."""

    n_requests: int = 0
    n_failed: int = 0
    """Answered with a status of 500 or more."""
    buckets: Mapping[float, float] = field(default_factory=dict)
    """Upper bound in seconds -> requests that took no longer, cumulative; the last bound is infinity."""

    def quantile_s(self, q: float) -> float | None:
        """Seconds that a share q of the requests stayed under, interpolated within its bucket; None without requests.

        In the open last bucket: its lower bound, as Prometheus' histogram_quantile has it.
        """
        bounds = sorted(self.buckets)
        total = self.buckets[bounds[-1]] if bounds else 0
        if not total:
            return None
        lower, below = 0.0, 0.0
        for bound in bounds:
            if self.buckets[bound] >= q * total:
                if bound == float("inf"):
                    return lower
                inside = self.buckets[bound] - below
                return lower + (bound - lower) * ((q * total - below) / inside if inside else 1.0)
            lower, below = bound, self.buckets[bound]
        return lower


@dataclass(frozen=True)
class GatewayMetrics:
    """The gateway since its start."""

    routes: Mapping[str, Route]
    model_version: str | None
    breakers_open: int
    """Model servers that are left alone after failing."""
    upstream_errors: int


def parse(text: str) -> GatewayMetrics:
    """Prometheus' text format, as the gateway writes it; what is missing counts as nothing. Raises ValueError."""
    requests: dict[str, int] = {}
    failed: dict[str, int] = {}
    buckets: dict[str, dict[float, float]] = {}
    version, breakers, errors = None, 0, 0.0
    for family in text_string_to_metric_families(text):
        for name, labels, value, *_ in family.samples:
            route = labels.get("route", "")
            if name == "quintet_requests_total":
                requests[route] = requests.get(route, 0) + int(value)
                failed[route] = failed.get(route, 0) + int(value) * labels.get("status", "").startswith("5")
            elif name == "quintet_request_seconds_bucket":
                buckets.setdefault(route, {})[float(labels["le"])] = value
            elif name == "quintet_model_info" and value:
                version = labels.get("version")
            elif name == "quintet_breaker_state":
                breakers += value == 2
            elif name == "quintet_upstream_errors_total":
                errors += value
    routes = {route: Route(n, failed[route], buckets.get(route, {})) for route, n in requests.items()}
    return GatewayMetrics(routes, version, breakers, int(errors))
