import sqlite3
from pathlib import Path

import pytest
from mlflow import MlflowClient

from model import registry as model_registry
from service import registry as service_registry
from service.local_store import store_in_use, version_at
from service.registry import MlflowRegistry


def test_a_look_without_mlflow_sees_what_mlflow_sees(mlflow_store: MlflowClient) -> None:
    mlflow_store.create_registered_model("quintet")
    run = mlflow_store.create_run(mlflow_store.search_experiments()[0].experiment_id)
    for _ in range(2):
        mlflow_store.create_model_version("quintet", f"{run.info.artifact_uri}/model", run.info.run_id)
    store = Path(str(mlflow_store.tracking_uri).removeprefix("sqlite:///"))
    assert version_at(store, "quintet", "champion") is None
    for version in ("1", "2"):
        mlflow_store.set_registered_model_alias("quintet", "champion", version)
        assert version_at(store, "quintet", "champion") == version


def test_no_store_has_no_champion_and_another_file_is_no_store(tmp_path: Path) -> None:
    assert version_at(tmp_path / "mlflow.db", "quintet", "champion") is None
    (tmp_path / "mlflow.db").write_bytes(b"no database at all, but long enough to be read as one" * 100)
    with pytest.raises(sqlite3.Error):
        version_at(tmp_path / "mlflow.db", "quintet", "champion")


@pytest.mark.parametrize(
    ("registry", "tracking", "store"),
    [
        ("", "sqlite:///mlflow.db", Path("mlflow.db")),
        ("", "sqlite:////var/mlflow.db", Path("/var/mlflow.db")),
        ("sqlite:///registry.db", "http://mlflow:5000", Path("registry.db")),
        ("", "http://mlflow:5000", None),
        ("", "", None),
    ],
)
def test_the_store_is_where_the_environment_says(
    registry: str, tracking: str, store: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", registry)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking)
    assert store_in_use() == store


def test_the_two_rooms_mean_the_same_model() -> None:
    assert (service_registry.NAME, service_registry.ALIAS) == (model_registry.NAME, model_registry.CHAMPION)


def test_what_the_service_notes_stands_on_the_version(mlflow_store: MlflowClient) -> None:
    registry = MlflowRegistry()
    assert registry.last_live() is None
    for note, tags in (
        (registry.note_live, ("live", "")),
        (lambda version: registry.note_refusal(version, "no tracks"), ("refused", "no tracks")),
        (registry.note_live, ("live", "")),
    ):
        note("1")
        found = mlflow_store.get_model_version("quintet", "1").tags
        assert (found["rollout"], found["rollout_reason"]) == tags
    registry.note_live("2")
    assert registry.last_live() == "2"
    registry.note_refusal("2", "it died")
    assert registry.last_live() == "1"
