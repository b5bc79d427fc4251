"""Requests that are too large, too many, or not what the documentation says."""

import http.client
import json
import logging
import socket
import time
import unicodedata
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.gateway.conftest import MatrixRow, timed
from tests.gateway.running import running_gateway
from tests.gateway.stub_model import StubModel

KEY = "k3y-for-a-test"


@pytest.fixture(scope="module")
def stub() -> Iterator[StubModel]:
    with StubModel() as stub:
        yield stub


@pytest.fixture(scope="module")
def gateway(stub: StubModel) -> Iterator[httpx.Client]:
    with running_gateway(model_urls=(stub.url,)) as client:
        yield client


def post(gateway: httpx.Client, body: str | bytes, **headers: str) -> httpx.Response:
    return gateway.post("/recommend_ranked", content=body, headers={"Content-Type": "application/json", **headers})


def timed_status(gateway: httpx.Client, head: str) -> tuple[int, float]:
    """The status that these bytes are answered with, and after how many milliseconds."""
    with socket.create_connection((gateway.base_url.host, gateway.base_url.port or 0), timeout=10) as client:
        started = time.perf_counter()
        client.sendall(head.encode())
        response = http.client.HTTPResponse(client)
        response.begin()
        return response.status, (time.perf_counter() - started) * 1000


def wish(**fields: Any) -> str:
    return json.dumps({"seed_track_ids": ["a"], **fields})


REFUSED: dict[str, str] = {
    "no body": "",
    "not JSON": "{",
    "NaN": '{"seed_track_ids": ["a"], "target": {"energy": NaN}}',
    "Infinity": '{"seed_track_ids": ["a"], "diversity": Infinity}',
    "-Infinity": '{"seed_track_ids": ["a"], "min": {"loudness": -Infinity}}',
    "a number beyond doubles": '{"seed_track_ids": ["a"], "max": {"tempo": 1e999}}',
    "an unknown field": wish(seeds=["b"]),
    "an unknown attribute": wish(min={"loudnes": -8}),
    "min above max": wish(min={"energy": 0.8}, max={"energy": 0.2}),
    "no seeds": wish(seed_track_ids=[]),
    "seeds missing": "{}",
    "501 seeds": wish(seed_track_ids=[f"s{i}" for i in range(501)]),
    "k = 0": wish(k=0),
    "k = 101": wish(k=101),
    "k as text": wish(k="20"),
    "k as a fraction": wish(k=2.5),
    "true as a number": wish(diversity=True),
    "diversity beyond 1": wish(diversity=1.01),
    "a 10,000-character id": wish(seed_track_ids=["x" * 10_000]),
    "an empty id": wish(seed_track_ids=[""]),
    "a NUL in an id": wish(seed_track_ids=["a\0b"]),
    "a line break in an id": wish(seed_track_ids=["a\nb"]),
    "a C1 control character in an artist": wish(exclude_artists=["a\x85b"]),
    "half a surrogate pair in an id": '{"seed_track_ids": ["\\ud800"]}',
    "half a surrogate pair as a field": '{"seed_track_ids": ["a"], "\\udfff": 1}',
    "a list for an object": "[]",
    "null": "null",
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_breaks_the_documented_rules_is_a_422_and_never_reaches_the_model(
    gateway: httpx.Client, stub: StubModel, fault: str, matrix_row: MatrixRow
) -> None:
    asked = len(stub.requests)
    response, ms = timed(lambda: post(gateway, REFUSED[fault]))
    assert response.status_code == 422, response.text
    assert response.json()["error"] == "invalid_request"
    assert len(stub.requests) == asked
    matrix_row(f"request with: {fault}", "422 `invalid_request`, model not asked", f"{ms:.0f} ms")


def test_the_message_names_the_field_that_is_wrong(gateway: httpx.Client) -> None:
    message = post(gateway, wish(target={"energy": "high"}, k=0)).json()["message"]
    assert "body.k" in message and "body.target.energy" in message


@pytest.mark.parametrize("body", [b'{"k": "\xff"}', b"[" * 60_000], ids=["not UTF-8", "60,000 nested lists"])
def test_bytes_that_no_parser_can_read_are_a_400(gateway: httpx.Client, body: bytes) -> None:
    response = post(gateway, body)
    assert (response.status_code, response.json()["error"]) == (400, "bad_request")


def test_a_body_over_64_kb_is_a_413(gateway: httpx.Client, stub: StubModel, matrix_row: MatrixRow) -> None:
    asked = len(stub.requests)
    padding = " " * (65_537 - len(wish()))
    response, ms = timed(lambda: post(gateway, wish() + padding))
    assert (response.status_code, response.json()["error"]) == (413, "body_too_large")
    assert post(gateway, wish() + padding[1:]).status_code == 200
    assert len(stub.requests) == asked + 1
    matrix_row("body of 65,537 bytes", "413 `body_too_large` before parsing", f"{ms:.0f} ms")


def test_a_body_that_hides_its_size_in_chunks_is_a_413_too(gateway: httpx.Client, matrix_row: MatrixRow) -> None:
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(200):
            sent += 1
            yield b" " * 1024

    response, ms = timed(lambda: gateway.post("/recommend_ranked", content=chunks(),
                                              headers={"Content-Type": "application/json"}))  # fmt: skip
    assert (response.status_code, response.json()["error"]) == (413, "body_too_large")
    matrix_row("200 KB in chunks without Content-Length", "413 `body_too_large` before parsing", f"{ms:.0f} ms")


def test_a_declared_length_over_the_limit_is_refused_before_a_byte_of_the_body_came(gateway: httpx.Client) -> None:
    answer, ms = timed_status(gateway, "POST /recommend_ranked HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n")
    assert answer == 413
    assert ms < 1000


def test_a_client_that_sends_a_large_body_gets_to_read_the_413(gateway: httpx.Client) -> None:
    response = post(gateway, b" " * 5_000_000)
    assert response.status_code == 413


def test_a_body_that_never_ends_gives_up_its_slot_with_a_408(gateway: httpx.Client, matrix_row: MatrixRow) -> None:
    status, ms = timed_status(gateway, "POST /recommend_ranked HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")
    assert status == 408
    assert 5000 <= ms < 6000
    matrix_row("a body that stops halfway", "408 `request_timeout` after 5 s", f"{ms:.0f} ms")


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "99999999999999999999999"])
def test_a_content_length_that_is_no_length_never_breaks_the_gateway(gateway: httpx.Client, length: str) -> None:
    head = f"POST /recommend_ranked HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
    assert timed_status(gateway, head)[0] in (400, 413)


def test_all_unknown_seeds_are_a_422_of_their_own(gateway: httpx.Client, matrix_row: MatrixRow) -> None:
    response, ms = timed(lambda: post(gateway, wish(seed_track_ids=["unknown1", "unknown2"])))
    assert (response.status_code, response.json()["error"]) == (422, "unknown_seeds")
    assert "2 seeds" in response.json()["message"]
    matrix_row("every seed unknown", "422 `unknown_seeds`", f"{ms:.0f} ms")


def test_unknown_and_duplicate_seeds_beside_a_known_one_have_a_status_each(
    gateway: httpx.Client, matrix_row: MatrixRow
) -> None:
    response, ms = timed(lambda: post(gateway, wish(seed_track_ids=["a", "unknown1", "a"])))
    assert [seed["status"] for seed in response.json()["seeds"]] == ["used", "unknown", "duplicate"]
    matrix_row("unknown and duplicate seeds beside a known one", "200, a status for each seed", f"{ms:.0f} ms")


def test_ids_reach_the_model_as_they_are_composed_or_not(gateway: httpx.Client, stub: StubModel) -> None:
    composed, decomposed = "é" * 3, unicodedata.normalize("NFD", "é" * 3)
    assert composed != decomposed
    assert post(gateway, wish(seed_track_ids=[composed, decomposed])).status_code == 200
    assert stub.requests[-1]["seed_track_ids"] == [composed, decomposed]


def test_every_wish_reaches_the_model(gateway: httpx.Client, stub: StubModel) -> None:
    fields = {
        "seed_track_ids": ["a"], "k": 7, "seed_features": {"a": {"energy": 0.5}}, "negative_track_ids": ["n"],
        "exclude_track_ids": ["x"], "exclude_artists": ["Nickelback"], "min": {"energy": 0.1}, "max": {"tempo": 140},
        "target": {"valence": 0.9}, "allow_explicit": False, "max_per_artist": 1, "popularity": -0.5, "diversity": 0.3,
        "temperature": 0.2, "random_seed": 5, "explain": True,
    }  # fmt: skip
    assert post(gateway, json.dumps(fields)).status_code == 200
    assert stub.requests[-1] == fields


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/recommend_ranked", 405)])
def test_what_is_not_there_has_the_same_error_shape(gateway: httpx.Client, method: str, path: str, status: int) -> None:
    response = gateway.request(method, path)
    assert response.status_code == status
    assert response.json().keys() == {"error", "message", "request_id"}


def test_every_answer_carries_a_request_id_and_safe_headers(gateway: httpx.Client) -> None:
    for response in (gateway.get("/health"), gateway.get("/nowhere"), post(gateway, "{"), post(gateway, wish())):
        assert response.headers["X-Request-ID"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "server" not in response.headers and "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("given", ["x" * 65, 'a"b', "a b", ""])
def test_a_request_id_of_the_callers_is_kept_unless_it_could_forge_a_log_line(
    gateway: httpx.Client, given: str
) -> None:
    assert gateway.get("/health", headers={"X-Request-ID": "abc-1.2_3"}).headers["X-Request-ID"] == "abc-1.2_3"
    assert gateway.get("/health", headers={"X-Request-ID": given}).headers["X-Request-ID"] != given


def test_with_an_api_key_everything_but_probes_and_documentation_wants_it(
    stub: StubModel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with running_gateway(model_urls=(stub.url,), api_key=KEY) as gateway:
        for path in ("/search?q=x", "/metrics", "/v1/tracks/x", "/nowhere", "/docsx"):
            assert gateway.get(path).status_code == 401
        for name, value in (("X-API-Key", b"wrong"), ("Authorization", b"Bearer wrong"), ("X-API-Key", b"\xe9\xff")):
            response = gateway.post("/recommend_ranked", content=wish(), headers=[(name.encode(), value)])
            assert (response.status_code, response.json()["error"]) == (401, "unauthorized")
        for headers in ({"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}):
            assert post(gateway, wish(), **headers).status_code == 200
        for path in ("/health", "/docs", "/openapi.json"):
            assert gateway.get(path).status_code == 200
    assert not any(KEY in record.getMessage() for record in caplog.records if record.name.startswith("gateway"))


def test_other_origins_may_call_only_where_the_operator_said_so(stub: StubModel) -> None:
    origin = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
    with running_gateway(model_urls=(stub.url,), cors_origins="https://page.example", api_key=KEY) as gateway:
        preflight = gateway.options("/recommend_ranked", headers=origin)
        assert preflight.status_code == 200
        assert preflight.headers["Access-Control-Allow-Origin"] == "https://page.example"
        other = gateway.options("/recommend_ranked", headers={**origin, "Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


def test_one_log_line_a_request_has_its_id_and_the_model_version(
    gateway: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.access")
    post(gateway, wish(), **{"X-Request-ID": "line-1"})
    lines: list[logging.LogRecord] = []
    while not lines:  # it is written after the answer went out
        lines = [record for record in caplog.records if getattr(record, "request_id", None) == "line-1"]
    (line,) = lines
    assert vars(line)["model_version"] == "7"
    assert vars(line)["route"] == "/recommend_ranked"
    assert vars(line)["status"] == 200
