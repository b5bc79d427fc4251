"""/quality over HTTP: what the latest answers recommended, drift of the picks, the last evaluation."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.catalog import Catalog, Moments
from gateway.quality import DRIFTED, MIN_SEEDS, against
from tests.gateway.catalogs import BLINDING_LIGHTS, HALO, write_catalog
from tests.gateway.running import running_gateway
from tests.gateway.stub_model import StubModel


@pytest.fixture(scope="module")
def stub() -> Iterator[StubModel]:
    with StubModel() as stub:
        yield stub


def quality(gateway: httpx.Client, impressions: int) -> dict[str, object]:
    """The answer, once so many impressions are stored."""
    for _ in range(500):
        answer = gateway.get("/quality").json()
        if (answer.get("recommended") or {"impressions": 0})["impressions"] >= impressions:
            return dict(answer)
        time.sleep(0.02)
    raise AssertionError(f"not stored: {answer}")


def test_nothing_measured_is_null_and_not_zero(stub: StubModel) -> None:
    with running_gateway(model_urls=(stub.url,)) as gateway:
        assert gateway.get("/quality").json() == {"recommended": None, "drift": None, "evaluation": None}


def test_what_was_recommended_is_counted_over_the_catalog(stub: StubModel) -> None:
    with running_gateway(model_urls=(stub.url,)) as gateway:
        for _ in range(2):
            gateway.post("/recommend_ranked", json={"seed_track_ids": [HALO], "k": 3})
        answer = quality(gateway, impressions=6)
    # the stub recommends track1 … track3, of which the catalog knows none
    assert answer["recommended"] == {
        "impressions": 6, "distinct_tracks": 3, "coverage": 0.0, "mean_popularity_percentile": None,
    }  # fmt: skip


def test_drift_waits_for_enough_picks_and_then_says_how_far_they_are(stub: StubModel) -> None:
    wish = {"seed_track_ids": [BLINDING_LIGHTS], "k": 1}
    with running_gateway(model_urls=(stub.url,)) as gateway:
        for _ in range(MIN_SEEDS - 1):
            gateway.post("/recommend_ranked", json=wish)
        assert quality(gateway, impressions=MIN_SEEDS - 1)["drift"] is None
        gateway.post("/recommend_ranked", json=wish)
        drift = quality(gateway, impressions=MIN_SEEDS)["drift"]
    # every track of this catalog sounds the same, so no feature has a spread to drift in
    assert drift == {"n_seeds": MIN_SEEDS, "features": []}


def test_the_last_evaluation_is_passed_on(stub: StubModel, tmp_path: Path) -> None:
    figures = {"warm": {"champion": {"r_precision": 0.2}}, "cold": {}}
    path = tmp_path / "evaluation.json"
    with running_gateway(model_urls=(stub.url,), evaluation_path=path) as gateway:
        path.write_text(json.dumps(figures))
        assert gateway.get("/quality").json()["evaluation"] == figures
        path.write_text("{half")
        assert gateway.get("/quality").json()["evaluation"] is None


def test_a_mean_half_a_deviation_away_has_drifted() -> None:
    # mean of the picks (0.25 * 1 + 0.75 * 3) / 4 = 0.625; (0.625 - 0.5) / 0.25 = 0.5
    drift = against("energy", [(0.25, 1), (0.75, 3)], Moments(0.5, 0.25))
    assert (drift.score, drift.drifted) == (DRIFTED, True)
    assert not against("energy", [(0.25, 1), (0.75, 2)], Moments(0.5, 0.25)).drifted


def test_percentiles_fall_from_the_best_known_track_to_the_least(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog.db")
    percentiles = Catalog(tmp_path / "catalog.db").popularity_percentiles([HALO, BLINDING_LIGHTS, "nobody"])
    # of four tracks by popularity 95, 84, 80, 40
    assert percentiles == {BLINDING_LIGHTS: 1.0, HALO: pytest.approx(1 / 3)}


def test_moments_are_those_of_the_whole_catalog(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog.db")
    moments = Catalog(tmp_path / "catalog.db").feature_moments()
    assert moments["tempo"] == Moments(120.0, 0.0)
    assert "key" not in moments
