"""Worlds and answerers, made once for the whole room, since both are read-only."""

from collections.abc import Iterator

import mlflow
import pytest
from mlflow import MlflowClient

from model.answers import Answerer
from model.config import TrainConfig
from model.contract import ModelVersion
from model.fit import fit
from model.recommender import Recommender
from tests.worlds import World, three_genres


@pytest.fixture(scope="session")
def world() -> World:
    return three_genres()


SMALL = TrainConfig(n_folds=2, train_seeds=(5, 3, 1), n_rounds=30, n_overlap_rounds=10, min_leaf=20)
"""Enough to learn a toy world, in seconds."""


@pytest.fixture(scope="session")
def recommender(world: World) -> Recommender:
    return fit(world.catalog, world.playlists, SMALL)[0]


@pytest.fixture(scope="session")
def answerer(recommender: Recommender) -> Answerer:
    return Answerer(recommender, ModelVersion(name="quintet", version="7"))


@pytest.fixture(scope="module")
def mlflow_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowClient]:
    """An empty MLflow store with the experiment `quintet`. Making its tables takes seconds, so a module shares one."""
    folder = tmp_path_factory.mktemp("mlflow")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    client = MlflowClient()
    client.create_experiment("quintet", artifact_location=(folder / "artefacts").as_uri())
    yield client
    mlflow.set_tracking_uri(before)
