"""Training registers a challenger, does nothing twice, and gives the same model for the same data."""

import shutil
from dataclasses import asdict
from pathlib import Path

import mlflow
import pytest
import yaml
from mlflow import MlflowClient

from model import registry, tables, train
from model.config import TrainConfig
from model.contract import Request
from tests.model.conftest import SMALL
from tests.worlds import World, three_genres


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tables.Tables:
    folder = tmp_path_factory.mktemp("processed")
    world = three_genres()
    world.catalog.to_parquet(folder / "catalog.parquet", index=False)
    world.playlists.to_parquet(folder / "playlists.parquet", index=False)
    return tables.read(folder)


@pytest.fixture(scope="module")
def first(mlflow_store: MlflowClient, data: tables.Tables) -> str:
    return str(train.train(data, SMALL).version)


def test_the_new_version_is_challenger_and_in_staging(mlflow_store: MlflowClient, first: str) -> None:
    version = mlflow_store.get_model_version_by_alias(registry.NAME, "challenger")
    assert (str(version.version), version.current_stage) == (first, "Staging")


def test_the_version_carries_its_origin(mlflow_store: MlflowClient, first: str) -> None:
    tags = mlflow_store.get_model_version(registry.NAME, first).tags
    assert {"data_fingerprint", "code_fingerprint", "training_fingerprint", "git_commit"} <= tags.keys()
    assert tags["labels"] == "playlists"


def test_parameters_and_figures_of_training_are_logged(mlflow_store: MlflowClient, first: str) -> None:
    run = mlflow_store.get_run(str(mlflow_store.get_model_version(registry.NAME, first).run_id))
    assert {name: run.data.params[name] for name in ("seed", "n_rounds")} == {"seed": "0", "n_rounds": "30"}
    assert run.data.metrics["n_tracks"] == 120 and run.data.metrics["warm_trees"] > 0


def test_nothing_is_trained_twice(data: tables.Tables, first: str) -> None:
    assert str(train.train(data, SMALL).version) == first


def test_the_artefact_holds_no_pickle_and_no_tests(mlflow_store: MlflowClient, first: str) -> None:
    folder = Path(mlflow.artifacts.download_artifacts(f"models:/{registry.NAME}/{first}"))
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    assert "code/model/answers.py" in names and "conda.yaml" in names
    assert [name for name in names if name.endswith((".pkl", ".pickle", ".joblib")) or "test" in name] == []


def test_training_again_on_the_same_data_gives_the_same_recommendations(data: tables.Tables, first: str) -> None:
    second = str(train.train(data, SMALL, force=True).version)
    assert second != first
    request = Request(seed_track_ids=["metal004", "metal005", "folk007"], k=50, max_per_artist=0)
    one, two = (
        mlflow.pyfunc.load_model(f"models:/{registry.NAME}/{version}").predict([request])[0]
        for version in (first, second)
    )
    assert (one.model.version, two.model.version) == (first, second)
    assert one.tracks == two.tracks


def test_fingerprints_change_with_a_single_cell(world: World) -> None:
    changed = world.catalog.assign(title=world.catalog["title"].where(world.catalog.index != 5, "Another"))
    plain = tables.Tables(world.catalog, world.playlists)
    assert plain.fingerprint() == tables.Tables(world.catalog.copy(), world.playlists).fingerprint()
    assert plain.fingerprint() != tables.Tables(changed, world.playlists).fingerprint()


def test_the_code_fingerprint_changes_with_content_and_with_name(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    (one / "a.py").write_text("x = 1")
    shutil.copytree(one, two)
    assert tables.code_fingerprint(one) == tables.code_fingerprint(two)
    (two / "a.py").rename(two / "b.py")
    assert tables.code_fingerprint(one) != tables.code_fingerprint(two)


def test_missing_tables_end_with_a_sentence_and_not_zero(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert train.main(["--processed-dir", str(tmp_path)]) == 1
    assert "there is no table at" in caplog.text and "mlflow run . -e prepare" in caplog.text


def test_every_number_of_the_configuration_can_be_set_from_outside() -> None:
    _, config = train.read_arguments(["--n-rounds", "7", "--learning-rate", "0.5"])
    assert config == TrainConfig(n_rounds=7, learning_rate=0.5)


def test_the_defaults_in_mlproject_are_those_of_the_configuration() -> None:
    entry_points = yaml.safe_load((Path(train.PACKAGE).parent / "MLproject").read_text())["entry_points"]
    parameters = {name: spec["default"] for name, spec in entry_points["train"]["parameters"].items()}
    config = asdict(TrainConfig())
    assert {name: value for name, value in parameters.items() if name in config and config[name] != value} == {}
    assert parameters.keys() - config.keys() == {"processed_dir", "force"}
