"""What the model service counts; /metrics hands it to Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """One service's collectors, in a registry of their own."""

    def __init__(self) -> None:
        """All at zero."""
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "quintet_service_requests", "Requests to /invocations by the status they got", ["status"], registry=registry
        )
        self.seconds = Histogram(
            "quintet_service_request_seconds",
            "Seconds from a request to its answer",
            buckets=SECONDS,
            registry=registry,
        )
        self.live = Gauge(
            "quintet_service_live_info", "1 for the version that takes traffic", ["version"], registry=registry
        )
        self.up = Gauge("quintet_service_up", "1 while a version takes traffic", registry=registry)
        self.behind = Gauge(
            "quintet_service_behind", "1 while the champion is another version than the live one", registry=registry
        )
        self.registry_up = Gauge(
            "quintet_service_registry_up", "1 if the last look at the registry succeeded", registry=registry
        )
        self.rollouts = Counter("quintet_service_rollouts", "Versions that took traffic", registry=registry)
        self.refusals = Counter("quintet_service_refusals", "Versions that never got traffic", registry=registry)
        self.deaths = Counter(
            "quintet_service_deaths", "Live model servers that ended by themselves", registry=registry
        )
        self.rollout_seconds = Histogram(
            "quintet_service_rollout_seconds",
            "Seconds from noticing a new champion to its first request",
            buckets=(5, 10, 15, 20, 30, 45, 60, 120, 180, 300),
            registry=registry,
        )

    def took_over(self, version: str | None) -> None:
        """Note which version takes traffic from now on; None: none does."""
        self.live.clear()
        self.up.set(version is not None)
        if version is not None:
            self.live.labels(version).set(1)
