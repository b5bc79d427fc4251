"""More requests than the gateway has room for."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.gateway.conftest import MatrixRow, timed
from tests.gateway.running import running_gateway
from tests.gateway.stub_model import StubModel, hang, well

WISH = {"seed_track_ids": ["a"]}


def test_beyond_the_limit_requests_are_refused_at_once_and_the_probes_still_answer(matrix_row: MatrixRow) -> None:
    with (
        StubModel(hang) as stub,
        running_gateway(model_urls=(stub.url,), max_in_flight=4, breaker_failures=100) as gateway,
        ThreadPoolExecutor(4) as threads,
    ):
        waiting = [threads.submit(gateway.post, "/recommend_ranked", json=WISH) for _ in range(4)]
        while len(stub.requests) < 4:
            time.sleep(0.01)
        refused, ms = timed(lambda: gateway.post("/recommend_ranked", json=WISH), 200)
        alive = gateway.get("/health")
        statuses = [future.result().status_code for future in waiting]
        stub.behaviour = well
        recovered = [gateway.post("/recommend_ranked", json=WISH).status_code for _ in range(8)]
    assert (refused.status_code, refused.json()["error"]) == (503, "overloaded")
    assert refused.headers["Retry-After"] == "1"
    assert ms < 200
    assert alive.status_code == 200
    assert statuses == [504] * 4
    assert recovered == [200] * 8
    matrix_row("more requests at once than MAX_IN_FLIGHT", "503 `overloaded` with Retry-After at once", f"{ms:.0f} ms")


def test_after_a_flood_the_gateway_serves_as_before_without_a_restart(matrix_row: MatrixRow) -> None:
    with (
        StubModel() as stub,
        running_gateway(model_urls=(stub.url,), max_in_flight=2) as gateway,
        ThreadPoolExecutor(32) as threads,
    ):
        with httpx.Client(base_url=gateway.base_url, limits=httpx.Limits(max_connections=32), timeout=10) as flood:
            statuses = list(threads.map(lambda _: flood.post("/recommend_ranked", json=WISH).status_code, range(400)))
        after = [gateway.post("/recommend_ranked", json=WISH).status_code for _ in range(20)]
    assert set(statuses) == {200, 503}
    assert after == [200] * 20
    matrix_row("32 clients flood a gateway with room for 2", "200 or 503, and 200 again afterwards",
               f"{statuses.count(200)} served, {statuses.count(503)} refused, none failed")  # fmt: skip
