"""What the gateway counts, and /metrics, where Prometheus reads it."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0)
BREAKER_STATES = {"closed": 0, "half-opened": 1, "opened": 2}


class Metrics:
    """One app's collectors; each app has its own registry, so that two apps in a process do not collide."""

    def __init__(self) -> None:
        """All at zero."""
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "quintet_requests", "Requests answered", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "quintet_request_seconds", "Seconds from request to answer", ["route"], buckets=SECONDS, registry=registry
        )
        self.stages = Histogram(
            "quintet_stage_seconds",
            "Seconds spent waiting for a stage: search_catalog, search_spotify, model",
            ["stage"],
            buckets=SECONDS,
            registry=registry,
        )
        self.upstream_errors = Counter(
            "quintet_upstream_errors", "Failed calls to an upstream", ["upstream", "kind"], registry=registry
        )
        self.breaker = Gauge(
            "quintet_breaker_state", "0 closed, 1 half-opened, 2 opened", ["upstream"], registry=registry
        )
        self.model = Gauge(
            "quintet_model_info", "1 for the model version that answered last", ["name", "version"], registry=registry
        )
        self.in_flight = Gauge("quintet_requests_in_flight", "Requests being answered", registry=registry)
        self._model_version: tuple[str, str] | None = None

    def answered_by(self, name: str, version: str) -> None:
        """Note which model version answered; the one before is forgotten."""
        if self._model_version != (name, version):
            self.model.clear()
            self.model.labels(name, version).set(1)
            self._model_version = (name, version)


router = APIRouter()


@router.get("/metrics", tags=["operation"], response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request) -> Response:
    """Counters, histograms and gauges in Prometheus' text format."""
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
