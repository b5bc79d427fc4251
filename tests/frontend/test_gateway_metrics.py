import pytest

from frontend.gateway_metrics import Route, parse
from tests.frontend.stub_gateway import METRICS


def test_requests_failures_and_version_are_read() -> None:
    metrics = parse(METRICS)
    route = metrics.routes["/recommend_ranked"]
    assert (route.n_requests, route.n_failed) == (100, 3)
    assert metrics.model_version == "3"
    assert metrics.breakers_open == 1


def test_quantiles_are_interpolated_within_their_bucket() -> None:
    route = parse(METRICS).routes["/recommend_ranked"]
    # 50 of 100: all in (5 ms, 10 ms], which holds 80: 5 + 5 * 50/80; 95: in (10 ms, 100 ms], 10 + 90 * 15/20
    assert route.quantile_s(0.5) == pytest.approx(0.005 + 0.005 * 50 / 80)
    assert route.quantile_s(0.95) == pytest.approx(0.01 + 0.09 * 15 / 20)


def test_beyond_the_last_bound_the_last_bound_is_said() -> None:
    assert Route(3, 0, {0.1: 1, float("inf"): 3}).quantile_s(0.9) == 0.1


def test_no_requests_have_no_latency() -> None:
    assert Route().quantile_s(0.5) is None
    assert parse("").routes == {}
