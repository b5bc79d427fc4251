"""Drift: found where listeners moved, not where they did not or are too few."""

import json
import math
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from pytest import CaptureFixture, approx

from model import watch_drift
from model.drift import MIN_PICKS, drift, stability_index
from tests.worlds import World


def picks_of(world: World, *genres: str, n: int = 2) -> pd.DataFrame:
    return pd.DataFrame(
        [(track, n) for track, genre in world.genre.items() if genre in genres], columns=["track_id", "n"]
    )


def test_listeners_who_all_turn_to_one_genre_are_drift(world: World) -> None:
    found = drift(picks_of(world, "disco", n=4), world.catalog, world.playlists)
    assert found.drifted_share > 0.8
    assert found.features[0].index > found.features[-1].index


def test_listeners_who_pick_as_the_playlists_do_are_not(world: World) -> None:
    picks = world.playlists.groupby("track_id").size().rename("n").reset_index()
    assert drift(picks, world.catalog, world.playlists).drifted_share == 0


def test_few_picks_give_no_verdict(world: World) -> None:
    few = picks_of(world, "disco", n=1)
    assert few["n"].sum() < MIN_PICKS
    assert drift(few, world.catalog, world.playlists).features == ()
    assert drift(few.head(0), world.catalog, world.playlists).unknown_share == 0


def test_picks_that_the_catalog_lacks_are_counted_and_not_compared(world: World) -> None:
    picks = pd.concat([picks_of(world, "disco", n=4), pd.DataFrame([("elsewhere", 40)], columns=["track_id", "n"])])
    found = drift(picks, world.catalog, world.playlists)
    assert found.n_picks == 160 and found.unknown_share == approx(0.2)


def test_a_catalog_without_playlists_is_compared_as_a_whole(world: World) -> None:
    picks = picks_of(world, "metal", "folk", "disco")
    assert drift(picks, world.catalog, world.playlists.head(0)).drifted_share == 0


def test_the_index_of_two_bins() -> None:
    before = np.array([0.0] * 10 + [1.0] * 10)
    now = np.array([0.0] * 3 + [1.0] * 17)
    # Half a count more in each bin, also in the empty one below 0: 0.5, 10.5, 10.5 before, and 0.5, 3.5, 17.5 now.
    by_hand = (3.5 - 10.5) / 21.5 * math.log(3.5 / 10.5) + (17.5 - 10.5) / 21.5 * math.log(17.5 / 10.5)
    assert stability_index(now, before) == approx(by_hand)


def test_the_index_of_the_same_values_is_nought() -> None:
    values = np.random.default_rng(0).normal(size=500)
    assert stability_index(values, values) == 0


@pytest.mark.parametrize(("threshold", "begins"), [("0.3", "retraining wanted: "), ("1", "no drift to speak of: ")])
def test_the_last_line_is_the_verdict_and_the_figures_are_in_mlflow(
    world: World, tmp_path: Path, mlflow_store: MlflowClient, capsys: CaptureFixture[str], threshold: str, begins: str
) -> None:
    world.catalog.to_parquet(tmp_path / "catalog.parquet")
    world.playlists.to_parquet(tmp_path / "playlists.parquet")
    picks_of(world, "disco", n=4).to_csv(tmp_path / "picks.csv", index=False)
    arguments = ["--picks", str(tmp_path / "picks.csv"), "--processed-dir", str(tmp_path), "--threshold", threshold]
    assert watch_drift.main(arguments) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith(begins)
    run = mlflow.last_active_run()
    assert run is not None
    assert run.data.tags["verdict"] == line
    assert run.data.metrics["n_picks"] == 160 and run.data.metrics["stability_index_energy"] > 0.25
    table = json.loads(
        Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="drift.json")).read_text()
    )
    assert len(table["features"]) > 10
