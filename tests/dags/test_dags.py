"""Every DAG imports, and says and does what the others are owed."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dags.airflow_process import ROOT, Airflow

DAGS = ("collect_tracks", "recommend_batch", "train_recommender", "watch_drift")
ENTRY_POINTS = yaml.safe_load((ROOT / "MLproject").read_text())["entry_points"]


@pytest.fixture(scope="module")
def bag(airflow: Airflow) -> Any:
    return airflow.run("list_dags.py")


def test_every_dag_imports(bag: Any) -> None:
    assert bag["errors"] == {}
    assert sorted(bag["dags"]) == sorted(DAGS)
    assert {path.stem for path in Path(ROOT, "dags").glob("*.py")} == {*DAGS, "__init__", "mlflow_project"}


@pytest.mark.parametrize("name", DAGS)
def test_a_dag_has_tags_and_a_page_and_one_run_at_a_time_which_ends_some_day(bag: Any, name: str) -> None:
    dag = bag["dags"][name]
    assert "quintet" in dag["tags"]
    assert dag["doc"].lstrip().startswith("### ") and len(dag["doc"]) > 200
    assert dag["max_active_runs"] == 1
    assert dag["dagrun_timeout"] and not dag["catchup"] and not dag["paused"]


@pytest.mark.parametrize("name", DAGS)
def test_every_task_is_tried_again_and_has_a_time_limit(bag: Any, name: str) -> None:
    for task in bag["dags"][name]["tasks"].values():
        assert task["retries"] >= 2 and task["timeout"]


@pytest.mark.parametrize("name", DAGS)
def test_every_entry_point_that_a_task_runs_exists_with_its_parameters(bag: Any, name: str) -> None:
    running = [task for task in bag["dags"][name]["tasks"].values() if task["entry_point"]]
    assert running
    for task in running:
        assert set(task["parameters"]) <= set(ENTRY_POINTS[task["entry_point"]]["parameters"])


def test_training_follows_raw_data_and_drift_and_tells_of_a_champion(bag: Any) -> None:
    training = bag["dags"]["train_recommender"]
    assert training["assets"] == ["quintet_raw_data", "quintet_retraining"]
    assert [task["after"] for task in training["tasks"].values()] == [
        [], ["prepare"], ["train"], ["evaluate"], ["promote"]
    ]  # fmt: skip
    outlets = {name: task["outlets"] for dag in bag["dags"].values() for name, task in dag["tasks"].items()}
    assert {name: found for name, found in outlets.items() if found} == {
        "new_champion": ["quintet_champion"],
        "raw_data": ["quintet_raw_data"],
        "retraining": ["quintet_retraining"],
    }
