"""Model servers that hang, reset and lie: what the caller gets, and when."""

import json
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection

import httpx
import pytest

from tests.gateway.conftest import MatrixRow, timed
from tests.gateway.running import running_gateway
from tests.gateway.stub_model import (
    TRACE,
    Behaviour,
    StubModel,
    cut,
    drip,
    gibberish,
    hang,
    reset,
    says,
    tampered,
    trace,
    well,
)  # fmt: skip

WISH = {"seed_track_ids": ["a", "b"], "k": 3}
DEADLINE_MS = 2000
NAN = float("nan")

LIES: dict[str, Behaviour] = {
    "not JSON": says("<html>welcome</html>"),
    "nothing": says(""),
    "no predictions": says('{"predictions": []}'),
    "two predictions for one request": says('{"predictions": [{}, {}]}'),
    "a list": says("[1, 2]"),
    "null": says("null"),
    "half of the answer": says('{"predictions": [{"model": {"name": "quintet"'),
    "NaN as a score": tampered(lambda answer: answer["tracks"][0].update(score=NAN)),
    "Infinity in the profile": tampered(lambda answer: answer["profile"].update(energy=float("inf"))),
    "NaN among the features": tampered(lambda answer: answer["tracks"][2]["features"].update(tempo=NAN)),
    "a number beyond doubles": says('{"predictions": [{"profile": {"energy": 1e999}}]}'),
    "no score": tampered(lambda answer: answer["tracks"][0].pop("score")),
    "a title that is a number": tampered(lambda answer: answer["tracks"][0].update(title=5)),
    "a body without end": says(" " * 5_000_000),
    "status 500": says('{"error": "boom"}', 500),
    "status 302": says("", 302),
    "not HTTP": gibberish,
}


@pytest.fixture(scope="module")
def stub() -> Iterator[StubModel]:
    with StubModel() as stub:
        yield stub


@pytest.fixture(scope="module")
def gateway(stub: StubModel) -> Iterator[httpx.Client]:
    """A gateway with the default deadline, whose breaker stays closed."""
    with running_gateway(model_urls=(stub.url,), breaker_failures=10_000) as client:
        yield client


def recommend(gateway: httpx.Client) -> httpx.Response:
    return gateway.post("/recommend_ranked", json=WISH)


def refusal_times(gateway: httpx.Client, n: int) -> list[float]:
    """Milliseconds that n refusals took, by a client that costs less than what it measures."""
    times, body = [], json.dumps(WISH)
    with closing(HTTPConnection(gateway.base_url.host, gateway.base_url.port, timeout=10)) as connection:
        for _ in range(n):
            started = time.perf_counter()
            connection.request("POST", "/recommend_ranked", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            times.append((time.perf_counter() - started) * 1000)
            assert response.status == 503
    return times


def assert_refused(response: httpx.Response, status: int, code: str) -> None:
    body = response.json()
    assert (response.status_code, body["error"]) == (status, code)
    assert body.keys() == {"error", "message", "request_id"}
    assert "Traceback" not in response.text and "pyfunc" not in response.text


def test_a_model_that_is_down_is_a_503_at_once(matrix_row: MatrixRow) -> None:
    with StubModel() as dead:
        dead.die()
        with running_gateway(model_urls=(dead.url,)) as gateway:
            response, ms = timed(lambda: recommend(gateway))
    assert_refused(response, 503, "model_unavailable")
    assert response.headers["Retry-After"] == "1"
    assert ms < DEADLINE_MS + 100
    matrix_row("model server down (connection refused)", "503 `model_unavailable`, Retry-After", f"{ms:.0f} ms")


def test_a_model_service_that_has_no_version_in_service_is_a_503(
    stub: StubModel, gateway: httpx.Client, matrix_row: MatrixRow
) -> None:
    stub.behaviour = says('{"error": "model_unavailable"}', 503)
    response, ms = timed(lambda: recommend(gateway))
    assert_refused(response, 503, "model_unavailable")
    assert response.headers["Retry-After"] == "1"
    matrix_row("model service has no version in service", "503 `model_unavailable`, Retry-After", f"{ms:.0f} ms")


@pytest.mark.parametrize(
    ("fault", "behaviour"),
    [("model server: resets the connection", reset), ("model server: breaks off its answer", cut)],
    ids=["reset", "cut"],
)
def test_a_connection_that_breaks_is_a_503(
    gateway: httpx.Client, stub: StubModel, fault: str, behaviour: Behaviour, matrix_row: MatrixRow
) -> None:
    stub.behaviour = behaviour
    response, ms = timed(lambda: recommend(gateway))
    assert_refused(response, 503, "model_unavailable")
    assert ms < DEADLINE_MS + 100
    matrix_row(fault, "503 `model_unavailable`, Retry-After", f"{ms:.0f} ms")


@pytest.mark.parametrize(
    ("fault", "behaviour"),
    [("model server: hangs", hang), ("model server: drips a byte now and then", drip)],
    ids=["hang", "drip"],
)
def test_a_slow_model_is_a_504_at_the_deadline(
    gateway: httpx.Client, stub: StubModel, fault: str, behaviour: Behaviour, matrix_row: MatrixRow
) -> None:
    stub.behaviour = behaviour
    response, ms = timed(lambda: recommend(gateway), DEADLINE_MS + 100)
    assert_refused(response, 504, "model_timeout")
    assert DEADLINE_MS <= ms < DEADLINE_MS + 100
    matrix_row(fault, "504 `model_timeout` within 2 s + 100 ms", f"{ms:.0f} ms")


def test_a_trace_from_the_model_is_a_502_and_stays_inside(
    gateway: httpx.Client, stub: StubModel, matrix_row: MatrixRow, caplog: pytest.LogCaptureFixture
) -> None:
    stub.behaviour = trace
    response, ms = timed(lambda: recommend(gateway))
    assert_refused(response, 502, "model_error")
    assert TRACE not in caplog.text
    matrix_row(
        "model server answers 400 with a stack trace", "502 `model_error`, no word of it passed on", f"{ms:.0f} ms"
    )


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_is_none_is_a_502(
    gateway: httpx.Client, stub: StubModel, lie: str, matrix_row: MatrixRow
) -> None:
    stub.behaviour = LIES[lie]
    response, ms = timed(lambda: recommend(gateway))
    assert_refused(response, 502, "model_error")
    assert ms < DEADLINE_MS + 100
    matrix_row(f"model server answers with: {lie}", "502 `model_error`", f"{ms:.0f} ms")


def test_after_five_failures_the_breaker_answers_in_under_ten_milliseconds_without_asking(
    stub: StubModel, matrix_row: MatrixRow
) -> None:
    stub.behaviour = trace
    with running_gateway(model_urls=(stub.url,), breaker_reset_s=60) as gateway:
        for _ in range(5):
            assert_refused(recommend(gateway), 502, "model_error")
        asked = len(stub.requests)
        assert_refused(recommend(gateway), 503, "model_unavailable")
        times = refusal_times(gateway, 100)
        metrics = gateway.get("/metrics").text
    assert len(stub.requests) == asked
    # The best of ten medians: what the gateway takes, and not what else the machine was doing.
    p50 = min(statistics.median(times[start : start + 10]) for start in range(0, 100, 10))
    assert p50 < 10
    assert f'quintet_breaker_state{{upstream="{stub.url}"}} 2.0' in metrics
    assert f'quintet_upstream_errors_total{{kind="model_error",upstream="{stub.url}"}} 5.0' in metrics
    matrix_row(
        "the sixth request after five failures in a row", "503 in under 10 ms, upstream not asked", f"p50 {p50:.1f} ms"
    )


def test_a_success_in_between_starts_the_count_of_failures_anew(stub: StubModel) -> None:
    with running_gateway(model_urls=(stub.url,), breaker_failures=2, breaker_reset_s=60) as gateway:
        for behaviour, status in ((trace, 502), (well, 200), (trace, 502), (well, 200)):
            stub.behaviour = behaviour
            assert recommend(gateway).status_code == status


def test_of_many_requests_one_tries_whether_the_server_is_back(stub: StubModel, matrix_row: MatrixRow) -> None:
    with (
        running_gateway(model_urls=(stub.url,), breaker_reset_s=0.2, model_deadline_s=0.5) as gateway,
        ThreadPoolExecutor(10) as threads,
    ):
        stub.behaviour = trace
        for _ in range(5):
            recommend(gateway)
        time.sleep(0.3)
        stub.behaviour = hang
        asked = len(stub.requests)
        statuses = sorted(response.status_code for response in threads.map(lambda _: recommend(gateway), range(10)))
        assert statuses == [503] * 9 + [504]
        assert len(stub.requests) == asked + 1

        stub.behaviour = well
        time.sleep(0.3)
        response, ms = timed(lambda: recommend(gateway))
        assert response.status_code == 200
        assert [r.status_code for r in threads.map(lambda _: recommend(gateway), range(10))] == [200] * 10
    matrix_row(
        "a server comes back after its breaker opened", "one request tries it, then all go through", f"{ms:.0f} ms"
    )


@pytest.mark.parametrize("fault", ["hangs", "resets", "answers with a trace", "lies"])
def test_the_next_server_answers_when_one_fails(fault: str, matrix_row: MatrixRow) -> None:
    behaviour = {"hangs": hang, "resets": reset, "answers with a trace": trace, "lies": says("[]")}[fault]
    with StubModel(behaviour) as bad, StubModel(well) as good:
        with running_gateway(model_urls=(bad.url, good.url), breaker_failures=10_000) as gateway:
            answers = [timed(lambda: recommend(gateway)) for _ in range(4)]
            assert [response.status_code for response, _ in answers] == [200] * 4
            assert len(bad.requests) == 2
    slowest = max(ms for _, ms in answers)
    assert slowest < DEADLINE_MS
    matrix_row(f"one of two model servers: {fault}", "200 from the other within 2 s", f"{slowest:.0f} ms")


def test_when_every_server_hangs_the_deadline_is_still_one_deadline(matrix_row: MatrixRow) -> None:
    with StubModel(hang) as one, StubModel(hang) as two, StubModel(hang) as three:
        with running_gateway(model_urls=(one.url, two.url, three.url)) as gateway:
            response, ms = timed(lambda: recommend(gateway), DEADLINE_MS + 100)
        asked = {len(stub.requests) for stub in (one, two, three)}
    assert len(asked) == 1
    assert_refused(response, 504, "model_timeout")
    assert ms < DEADLINE_MS + 100
    matrix_row("all of three model servers hang", "504 within 2 s + 100 ms", f"{ms:.0f} ms")


def test_a_server_dying_under_load_costs_no_request_and_is_used_again_when_back(matrix_row: MatrixRow) -> None:
    with StubModel() as one, StubModel() as two:
        with (
            running_gateway(model_urls=(one.url, two.url), breaker_reset_s=0.2) as gateway,
            ThreadPoolExecutor(4) as threads,
        ):
            stop = threading.Event()

            def load() -> list[httpx.Response]:
                responses = []
                while not stop.is_set():
                    responses.append(recommend(gateway))
                return responses

            loads = [threads.submit(load) for _ in range(4)]
            time.sleep(0.5)
            port = one.port
            one.die()
            time.sleep(1)
            one.start(port)
            before = len(one.requests)
            time.sleep(1)
            stop.set()
            responses = [response for each in loads for response in each.result()]
            served_after = len(one.requests) - before
    assert [response.text for response in responses if response.status_code != 200] == []
    assert served_after > 0
    matrix_row("one of two model servers dies under load, and returns", "no failed request; it gets its share again",
               f"0 of {len(responses)} failed")  # fmt: skip
