"""The registered model on Spark, run as a user would, against the same model in this process."""

import os
import subprocess
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

from model import promote, recommend_batch, spark, tables, train
from model.contract import Request
from tests.model.conftest import SMALL, mlflow_store
from tests.worlds import World, three_genres

pytestmark = pytest.mark.serving
store = mlflow_store

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv-spark" / "bin" / "python"


def requests(world: World) -> list[Request]:
    """Plain ones, one without an answer, and one that uses every kind of field."""
    ids = world.catalog["track_id"].tolist()
    plain = [Request(seed_track_ids=ids[at : at + 5], k=10) for at in range(0, 100, 4)]
    everything = Request(
        seed_track_ids=[ids[3], "outside"],
        k=4,
        seed_features={"outside": {"energy": 0.2, "tempo": 101.5}},
        negative_track_ids=[ids[60]],
        exclude_track_ids=[ids[7]],
        exclude_artists=["The Folk 2"],
        min={"energy": 0.1},
        max={"tempo": 170.0, "energy": 0.99},
        target={"valence": 0.3},
        allow_explicit=False,
        max_per_artist=1,
        popularity=0.5,
        diversity=0.3,
        temperature=0.2,
        random_seed=2**40,
        explain=True,
    )
    return [*plain, Request(seed_track_ids=["nope"]), everything, Request(seed_track_ids=[])]


def test_every_field_of_a_request_has_a_spark_type() -> None:
    assert list(spark._REQUEST) == list(Request.model_fields)


def test_spark_gives_the_answers_of_this_process_row_for_row(store: MlflowClient, tmp_path: Path) -> None:
    world = three_genres()
    train.train(tables.Tables(world.catalog, world.playlists), SMALL)
    promote.promote(force=True)
    asked = tmp_path / "requests.parquet"
    pd.DataFrame([request.model_dump(exclude_unset=True) for request in requests(world)]).to_parquet(asked)
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    assert recommend_batch.main(["--requests", str(asked), "--output", str(here)]) == 0
    subprocess.run(
        [PYTHON, "-m", "model.recommend_batch", "--requests", asked, "--output", there, "--master", "local[2]"],
        cwd=ROOT,
        env={**os.environ, "MLFLOW_TRACKING_URI": mlflow.get_tracking_uri()},
        check=True,
    )
    table = pd.read_parquet(there)
    pd.testing.assert_frame_equal(table, pd.read_parquet(here), check_exact=True)
    assert table["track_ids"].map(len).tolist()[-3:] == [0, 4, 0]
    assert table["message"].isna().any()
