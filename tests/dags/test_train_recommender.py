"""The training DAG run by Airflow: for real on small demo data, and with what goes wrong on the way."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from data import demo
from tests.dags.airflow_process import Airflow
from tests.ops.checkout import alive

pytestmark = pytest.mark.timeout(1200)
RUN = "run_dag.py"
SMALL = json.dumps({"n_rounds": 30})


def aliases(airflow: Airflow) -> dict[str, str]:
    query = "SELECT alias, version FROM registered_model_aliases WHERE name = 'quintet'"
    with closing(sqlite3.connect(airflow.checkout / "mlflow.db")) as store:
        return {alias: str(version) for alias, version in store.execute(query)}


def wait_for_process(words: bytes, folder: Path, timeout_s: float = 300) -> int:
    """The process that works in the folder and has these words on its command line."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for line in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if line.read_bytes().startswith(words) and Path(os.readlink(line.parent / "cwd")) == folder:
                    return int(line.parent.name)
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        time.sleep(0.02)
    raise AssertionError(f"no process {words!r} in {folder}")


@pytest.fixture(scope="module")
def first_run(airflow: Airflow, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run whose source is not there at first, and whose training is killed once."""
    source = tmp_path_factory.mktemp("source") / "songs.csv"
    rows = demo.generate(n_tracks=1200, n_playlists=150)
    process = airflow.start(RUN, "train_recommender", SMALL, DATA_SOURCE=str(source))
    in_vain = wait_for_process(b"python\0-m\0data.prepare", airflow.checkout)
    while alive(in_vain):
        time.sleep(0.1)
    rows.to_csv(source, index=False)
    os.kill(wait_for_process(b"python\0-m\0model.train", airflow.checkout), signal.SIGKILL)
    return airflow.result(process, RUN)


@pytest.fixture
def stand_in(programs: Path) -> Path:
    """An `mlflow` that notes what it is asked, and fails where a file says so; all else is done at once."""
    program = programs / "mlflow"
    program.write_text(
        '#!/bin/sh\ncd "$(dirname "$0")"\necho "$4" >> asked\n'
        'if [ -e "break-$4" ]; then . "./break-$4"; fi\necho "champion: version 1"\n'
    )
    program.chmod(0o755)
    return program


def asked(stand_in: Path) -> list[str]:
    return stand_in.with_name("asked").read_text().split()


def test_a_run_on_real_input_ends_in_a_champion(first_run: Any, airflow: Airflow) -> None:
    assert first_run["state"] == "success"
    assert first_run["outcomes"]["promote"] == first_run["outcomes"]["new_champion"] == "champion: version 1"
    assert aliases(airflow) == {"challenger": "1", "champion": "1"}


def test_a_failed_and_a_killed_step_are_tried_again_and_no_other(first_run: Any) -> None:
    assert {name: task["tries"] for name, task in first_run["tasks"].items()} == {
        "prepare": 2,
        "train": 2,
        "evaluate": 1,
        "promote": 1,
        "new_champion": 1,
    }


@pytest.mark.usefixtures("first_run")
def test_a_refused_promotion_ends_green_and_says_why(airflow: Airflow, stand_in: Path) -> None:
    """The gate is the real one; the steps before it, which would take a minute, are the stand-in."""
    unmeasured = (
        "from mlflow import MlflowClient\nfrom model import registry\n"
        "old = registry.version_at('champion')\n"
        "new = MlflowClient().create_model_version('quintet', old.source, old.run_id)\n"
        "registry.give_alias('challenger', new.version)"
    )
    store = {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}
    subprocess.run(
        [sys.executable, "-c", unmeasured], cwd=airflow.checkout, env=airflow.environment(**store), check=True
    )
    real = Path(sys.executable).parent
    stand_in.with_name("break-promote").write_text(
        f"cd '{airflow.checkout}'\nPATH='{real}':$PATH exec '{real}/python' -m mlflow \"$@\"\n"
    )
    run = airflow.run(RUN, "train_recommender", "{}", QUINTET_BIN=str(stand_in.parent))
    assert run["state"] == "success"
    assert run["tasks"]["promote"]["state"] == "success" and run["tasks"]["new_champion"]["state"] == "skipped"
    assert run["outcomes"]["promote"] == (
        "not promoted: version 2 stays challenger: it was not evaluated; run `mlflow run . -e evaluate`"
    )
    assert aliases(airflow) == {"challenger": "2", "champion": "1"}


def test_a_step_that_keeps_failing_ends_the_run_red_before_anything_is_promoted(
    airflow: Airflow, stand_in: Path
) -> None:
    stand_in.with_name("break-evaluate").write_text("exit 3\n")
    run = airflow.run(RUN, "train_recommender", "{}", QUINTET_BIN=str(stand_in.parent))
    assert run["state"] == "failed"
    assert run["tasks"]["evaluate"] == {"state": "failed", "tries": 3}
    assert run["tasks"]["promote"]["state"] == "upstream_failed"
    assert asked(stand_in) == ["prepare", "train", "evaluate", "evaluate", "evaluate"]


def test_a_step_that_hangs_is_stopped_with_all_that_it_started(airflow: Airflow, stand_in: Path) -> None:
    stand_in.with_name("break-recommend_batch").write_text('sleep 600 &\necho "$!" >> children\nwait\n')
    run = airflow.run(RUN, "recommend_batch", "{}", "2", QUINTET_BIN=str(stand_in.parent))
    assert run["state"] == "failed"
    children = stand_in.with_name("children").read_text().split()
    assert len(children) == 3 and not any(alive(int(child)) for child in children)
