"""/health, /ready, /metrics, /docs, and a catalog that comes late or breaks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.catalogs import write_catalog
from tests.gateway.conftest import MatrixRow
from tests.gateway.running import running_gateway
from tests.gateway.stub_model import StubModel, tampered, trace


@pytest.fixture
def stub() -> Iterator[StubModel]:
    with StubModel() as stub:
        yield stub


def test_health_is_ok_while_the_model_is_down_and_ready_is_not() -> None:
    with running_gateway(model_urls=("http://127.0.0.1:9",)) as gateway:
        assert gateway.get("/health").json() == {
            "status": "ok", "data_source": "a test", "is_demo": False, "n_tracks": 4, "notice": None,
            "seeds_outside_catalog": False,
        }  # fmt: skip
        response = gateway.get("/ready")
        assert (response.status_code, response.json()["error"]) == (503, "model_unavailable")


def test_demo_data_are_announced(tmp_path: Path) -> None:
    write_catalog(tmp_path / "demo.db", is_demo=True)
    with running_gateway(catalog_path=tmp_path / "demo.db") as gateway:
        health = gateway.get("/health").json()
    assert health["is_demo"] is True
    assert "DEMO" in health["notice"]


def test_with_a_features_provider_seeds_may_come_from_outside_the_catalog() -> None:
    with running_gateway(features_provider="reccobeats", reccobeats_url="http://127.0.0.1:9/v1") as gateway:
        assert gateway.get("/health").json()["seeds_outside_catalog"] is True


def test_ready_means_that_a_recommendation_went_through(stub: StubModel) -> None:
    with running_gateway(model_urls=(stub.url,)) as gateway:
        response = gateway.get("/ready")
        assert response.json() == {"status": "ready", "model": {"name": "quintet", "version": "7"}}
        assert len(stub.requests) == 1
        stub.behaviour = tampered(lambda answer: answer["tracks"].clear())
        assert gateway.get("/ready").json()["error"] == "not_ready"
        stub.behaviour = trace
        assert gateway.get("/ready").json()["error"] == "model_error"


def test_a_missing_catalog_is_a_503_until_prepare_has_run(
    stub: StubModel, tmp_path: Path, matrix_row: MatrixRow
) -> None:
    path = tmp_path / "later.db"
    with running_gateway(catalog_path=path, model_urls=(stub.url,)) as gateway:
        refused = gateway.get("/search", params={"q": "halo"})
        notice = gateway.get("/health").json()["notice"]
        recommended = gateway.post("/recommend_ranked", json={"seed_track_ids": ["a"]})
        write_catalog(path)
        later = gateway.get("/search", params={"q": "halo"})
    assert (refused.status_code, refused.json()["error"]) == (503, "catalog_unavailable")
    assert "prepare" in refused.json()["message"] and "prepare" in notice
    assert recommended.status_code == 200
    assert later.json()["tracks"][0]["title"] == "Halo"
    matrix_row("no catalog.db", "search 503 `catalog_unavailable`; all else goes on; no restart needed", "yes")


@pytest.mark.parametrize("content", [b"not a database", b"", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_broken_catalog_is_a_503_not_a_trace(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(content)
    with running_gateway(catalog_path=path) as gateway:
        response = gateway.get("/search", params={"q": "halo"})
    assert (response.status_code, response.json()["error"]) == (503, "catalog_unavailable")


def test_a_catalog_whose_pages_are_damaged_is_a_503(tmp_path: Path, matrix_row: MatrixRow) -> None:
    path = tmp_path / "damaged.db"
    write_catalog(path)
    whole = path.read_bytes()
    half = len(whole) // 2  # its tables open, its search does not
    path.write_bytes(whole[:half] + b"\xff" * (len(whole) - half))
    with running_gateway(catalog_path=path) as gateway:
        response = gateway.get("/search", params={"q": "halo"})
    assert (response.status_code, response.json()["error"]) == (503, "catalog_unavailable")
    matrix_row("catalog.db damaged", "503 `catalog_unavailable`", "yes")


def test_metrics_count_requests_stages_and_name_the_model_version(stub: StubModel) -> None:
    with running_gateway(model_urls=(stub.url,)) as gateway:
        for version in ("7", "8"):
            stub.version = version
            gateway.post("/recommend_ranked", json={"seed_track_ids": ["a"]})
        gateway.get("/search", params={"q": "halo"})
        gateway.get("/%00nowhere")
        text = gateway.get("/metrics").text
    assert 'quintet_requests_total{method="POST",route="/recommend_ranked",status="200"} 2.0' in text
    assert 'quintet_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert 'quintet_request_seconds_count{route="/search"} 1.0' in text
    assert 'quintet_stage_seconds_count{stage="model"} 2.0' in text
    assert 'quintet_stage_seconds_count{stage="search_catalog"} 1.0' in text
    assert 'quintet_model_info{name="quintet",version="8"} 1.0' in text
    assert 'version="7"' not in text
    assert f'quintet_breaker_state{{upstream="{stub.url}"}} 0.0' in text


def test_the_documentation_is_served_and_names_every_error(gateway_openapi: dict[str, object]) -> None:
    paths = gateway_openapi["paths"]
    assert isinstance(paths, dict)
    statuses = paths["/recommend_ranked"]["post"]["responses"].keys()
    assert {"200", "400", "401", "408", "413", "422", "502", "503", "504"} <= statuses
    assert "HTTPValidationError" not in str(paths["/recommend_ranked"])


@pytest.fixture
def gateway_openapi() -> Iterator[dict[str, object]]:
    with running_gateway() as gateway:
        page = gateway.get("/docs").text
        files = re.findall(r'(?:src|href)="([^"]+)"', page)
        assert len(files) >= 3 and all(file.startswith("/") for file in files), "the page needs a network"
        for file in files:
            assert gateway.get(file).status_code == 200
        yield gateway.get("/openapi.json").json()
