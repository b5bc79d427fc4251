"""`make airflow`'s program in a fresh checkout: it comes up, runs what it is told to, and goes without a trace."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.ops.checkout import ROOT, alive, copy_checkout, family
from tests.ops.ports import free_ports

pytestmark = [pytest.mark.serving, pytest.mark.timeout(600)]
HANGS = """#!/bin/sh
sleep 600 &
echo "$!" > "$(dirname "$0")/child"
wait
"""


class RunningAirflow:
    """One run of the program, on a free port, with an `mlflow` that hangs."""

    def __init__(self, folder: Path) -> None:
        self.checkout = copy_checkout(folder / "a checkout with spaces")
        (self.checkout / ".venv-airflow").symlink_to(ROOT / ".venv-airflow")
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.bin / "mlflow").write_text(HANGS)
        (self.bin / "mlflow").chmod(0o755)
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self.output = folder / "output.txt"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "AIRFLOW_"))}
        self.environment = kept | {"AIRFLOW_PORT": str(port), "QUINTET_BIN": str(self.bin)}
        with self.output.open("w") as output:
            self.process = self.start(output)

    def start(self, output: Any) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "scripts.airflow"]
        return subprocess.Popen(
            command, cwd=self.checkout, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )

    def api(self, method: str, path: str, **more: Any) -> Any:
        """An answer of Airflow's API, which hands its token to whoever asks."""
        token = requests.get(f"{self.url}/auth/token", timeout=30).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.request(method, f"{self.url}/api/v2/{path}", headers=headers, timeout=30, **more)
        answer.raise_for_status()
        return answer.json()


def eventually(true: Callable[[], bool], running: RunningAirflow, timeout_s: float = 240) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline and running.process.poll() is None, running.output.read_text()
        time.sleep(0.5)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAirflow]:
    running = RunningAirflow(tmp_path_factory.mktemp("make-airflow"))
    try:
        eventually(lambda: "  ready " in running.output.read_text(), running)
        yield running
    finally:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(timeout=60)


def test_it_prints_its_address_and_shows_the_dags_to_this_machine_without_a_log_in(running: RunningAirflow) -> None:
    assert f"  api-server    {running.url}\n" in running.output.read_text()
    assert requests.get(running.url, timeout=30).status_code == 200
    found = [dag["dag_id"] for dag in running.api("GET", "dags")["dags"] if not dag["is_paused"]]
    assert sorted(found) == ["collect_tracks", "recommend_batch", "train_recommender", "watch_drift"]
    assert running.api("GET", "importErrors")["import_errors"] == []


def test_a_second_one_in_the_same_checkout_is_refused(running: RunningAirflow, tmp_path: Path) -> None:
    with (tmp_path / "second.txt").open("w") as output:
        assert running.start(output).wait(timeout=60) == 1
    assert f"`make airflow` is already running here (process {running.process.pid})" in (
        (tmp_path / "second.txt").read_text()
    )


def test_a_second_run_waits_and_ctrl_c_stops_the_first_one_which_is_tried_again(running: RunningAirflow) -> None:
    for _ in range(2):
        running.api("POST", "dags/recommend_batch/dagRuns", json={"logical_date": None, "conf": {}})
        time.sleep(0.1)
    eventually(lambda: (running.bin / "child").exists(), running)
    runs = running.api("GET", "dags/recommend_batch/dagRuns?order_by=run_after")["dag_runs"]
    assert [run["state"] for run in runs] == ["running", "queued"]

    everybody = family(running.process.pid) | {int((running.bin / "child").read_text())}
    assert len(everybody) > 4
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(timeout=90) == 0
    assert [pid for pid in everybody if alive(pid)] == []
    with closing(sqlite3.connect(running.checkout / "var" / "airflow" / "airflow.db")) as database:
        states = database.execute("SELECT state FROM task_instance WHERE dag_id = 'recommend_batch'").fetchall()
    assert ("up_for_retry",) in states
