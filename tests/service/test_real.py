"""`python -m service` on a real registry, with real models behind real `mlflow models serve` processes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

import httpx
import mlflow
import pytest
from mlflow import MlflowClient

from model import registry, train
from model.fit import fit
from tests.eventually import eventually
from tests.model.conftest import SMALL
from tests.ops.checkout import ROOT, alive, family
from tests.ops.ports import free_ports
from tests.worlds import three_genres

pytestmark = [pytest.mark.serving, pytest.mark.timeout(1800)]

ROLLOUTS = int(os.environ.get("ROLLOUTS", "3"))
"""`make rollout` does ten."""
CLIENTS = 8
PER_S = 64
MUST_BE_PER_S = 50 if ROLLOUTS >= 10 else 25
"""`make rollout` wants a machine of its own; the whole test run may have to share one."""
LOADS_WITHIN_S = 240


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an MLflow store with one version more than there are roll-outs; the first is the champion."""
    folder = tmp_path_factory.mktemp("mlflow")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    MlflowClient().create_experiment(registry.EXPERIMENT, (folder / "artefacts").as_uri())
    world = three_genres()
    recommender, _ = fit(world.catalog, world.playlists, SMALL)
    for _ in range(ROLLOUTS + 1):
        with registry.run("train"):
            mlflow.register_model(train.log_model(recommender, {}).model_uri, registry.NAME)
    registry.give_alias(registry.CHAMPION, "1")
    yield mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(before)


@contextmanager
def service(store: str, elsewhere: Path, workers: int = 1) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    (port,) = free_ports(1)
    environment = {**os.environ, "MLFLOW_TRACKING_URI": store, "PYTHONPATH": str(ROOT)}
    environment |= {"MODEL_PORT": str(port), "MODEL_POLL_S": "0.5", "STARTUP_TIMEOUT_S": str(LOADS_WITHIN_S)}
    environment["MODEL_WORKERS"] = str(workers)
    with (elsewhere / "service.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "service"], cwd=elsewhere, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                yield process, client
        finally:
            process.kill()
            process.wait()


def live(client: httpx.Client) -> str | None:
    try:
        status = client.get("/status").json()["live"]
    except httpx.TransportError:
        return None
    return str(status["version"]) if status else None


def comes_live(client: httpx.Client, version: str) -> bool:
    return eventually(lambda: live(client) == version, LOADS_WITHIN_S)


class Reply(NamedTuple):
    status: int
    version: str | None
    body: bytes


def ask_steadily(port: int, over: threading.Event) -> list[Reply | Exception]:
    """One client's share of the load, on a kept connection, until it is over; what went wrong stands in the list.

    The standard library's client: the load shares two cores with what is loading, and must not take them from it.
    """
    body = json.dumps({"inputs": [{"seed_track_ids": ["metal004"], "k": 5}]})
    answers: list[Reply | Exception] = []
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        next_at = time.monotonic()
        while not over.is_set():
            try:
                connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                answers.append(Reply(response.status, response.getheader("X-Model-Version"), response.read()))
            except (OSError, HTTPException) as error:
                answers.append(error)
                connection.close()  # the next request opens another
            next_at += CLIENTS / PER_S
            time.sleep(max(0.0, next_at - time.monotonic()))
    return answers


def test_promotions_under_load_lose_no_request(store: str, tmp_path: Path) -> None:
    with service(store, tmp_path) as (process, client):
        log = tmp_path / "service.log"
        assert comes_live(client, "1"), log.read_text()
        of_the_first, over = family(process.pid) - {process.pid}, threading.Event()
        with ThreadPoolExecutor(CLIENTS) as pool:
            started = time.monotonic()
            clients = [pool.submit(ask_steadily, int(client.base_url.port or 0), over) for _ in range(CLIENTS)]
            try:
                for version in range(2, ROLLOUTS + 2):
                    registry.give_alias(registry.CHAMPION, str(version))
                    assert comes_live(client, str(version)), log.read_text()
                time.sleep(1)
            finally:
                over.set()
            seconds = time.monotonic() - started
        answers = [answer for each in clients for answer in each.result()]
        assert [answer for answer in answers if not isinstance(answer, Reply) or answer.status != 200] == []
        good = [answer for answer in answers if isinstance(answer, Reply)]
        per_s = len(good) / seconds
        print(f"{ROLLOUTS} roll-outs in {seconds:.0f} s, {per_s:.0f} requests a second, 0 of {len(good)} failed")
        assert per_s >= MUST_BE_PER_S
        gave = [answer.version for answer in good]
        assert set(gave) == {str(version) for version in range(1, ROLLOUTS + 2)}
        assert [json.loads(answer.body)["predictions"][0]["model"]["version"] for answer in good] == gave
        assert all(each.result()[-1].version == str(ROLLOUTS + 1) for each in clients)  # type: ignore[union-attr]
        assert eventually(lambda: not any(alive(pid) for pid in of_the_first))
        assert eventually(lambda: len(family(process.pid)) == 3)  # the service, mlflow, uvicorn
        last = str(ROLLOUTS + 1)
        assert eventually(lambda: MlflowClient().get_model_version(registry.NAME, last).tags.get("rollout") == "live")
        assert MlflowClient().get_model_version(registry.NAME, last).tags["rollout_reason"] == ""

        everybody = family(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert [pid for pid in everybody if alive(pid)] == []


def test_a_version_that_does_not_load_is_refused_and_a_killed_service_leaves_nothing(
    store: str, tmp_path: Path
) -> None:
    champion = MlflowClient().get_model_version_by_alias(registry.NAME, registry.CHAMPION).version
    with registry.run("train"):
        info = mlflow.pyfunc.log_model(
            name=registry.NAME,
            python_model=str(Path(__file__).with_name("broken_model.py")),
            input_example=[{"seed_track_ids": ["metal004"]}],
            pip_requirements=["mlflow"],
        )
        broken = str(mlflow.register_model(info.model_uri, registry.NAME).version)
    with service(store, tmp_path, workers=2) as (process, client):
        log = tmp_path / "service.log"
        assert comes_live(client, str(champion)), log.read_text()
        registry.give_alias(registry.CHAMPION, broken)
        assert eventually(lambda: client.get("/status").json()["last_refusal"], LOADS_WITHIN_S), log.read_text()
        assert live(client) == str(champion)
        tags = dict[str, str]()

        def refused() -> bool:
            tags.update(MlflowClient().get_model_version(registry.NAME, broken).tags)
            return tags.get("rollout") == "refused"

        assert eventually(refused)
        assert "RuntimeError: the tables are gone" in tags["rollout_reason"]

        everybody = family(process.pid)
        assert len(everybody) == 6  # the service, mlflow, uvicorn, multiprocessing's tracker, and two workers
        process.send_signal(signal.SIGKILL)
        assert eventually(lambda: not any(alive(pid) for pid in everybody))
