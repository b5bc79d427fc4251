"""The contract of the model room: the registered model, served by MLflow in another process and directory."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient

from model import promote, registry, tables, train
from model.contract import Answer, Request
from tests.model.conftest import SMALL
from tests.worlds import three_genres

pytestmark = pytest.mark.serving

ADDRESSES = ("models:/quintet@champion", "models:/quintet/Production")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an MLflow store that holds a champion."""
    folder = tmp_path_factory.mktemp("mlflow")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    MlflowClient().create_experiment(registry.EXPERIMENT, (folder / "artefacts").as_uri())
    world = three_genres()
    train.train(tables.Tables(world.catalog, world.playlists), SMALL)
    promote.promote(force=True)
    yield mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(before)


@contextmanager
def served(address: str, store: str, elsewhere: Path) -> Iterator[str]:
    """The scoring address of `mlflow models serve`, started as a user would, from a directory without our code."""
    # Below the ports that the system hands out, and another start for each process, since tests may run side by side.
    port = next(port for port in range(21_000 + os.getpid() % 10_000, 32_000) if is_free(port))
    binaries = str(Path(sys.executable).parent)
    environment = {**os.environ, "MLFLOW_TRACKING_URI": store, "PATH": f"{binaries}:{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    command = [f"{binaries}/mlflow", "models", "serve", "-m", address, "--env-manager", "local", "-p", str(port)]
    with (elsewhere / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=elsewhere, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_up(server, port, elsewhere / "server.log")
            yield f"http://127.0.0.1:{port}/invocations"
        finally:
            server.terminate()
            server.wait(30)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def wait_until_up(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def post(url: str, body: bytes) -> dict[str, Any]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


@pytest.fixture(scope="module", params=ADDRESSES)
def url(request: pytest.FixtureRequest, store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(request.param, store, tmp_path_factory.mktemp("elsewhere")) as address:
        yield address


def test_the_saved_input_example_is_answered(url: str, store: str) -> None:
    folder = Path(mlflow.artifacts.download_artifacts("models:/quintet@champion"))
    answer = post(url, (folder / "serving_input_example.json").read_bytes())["predictions"][0]
    assert Answer.model_validate(answer, strict=True).model.version == "1"
    assert len(answer["tracks"]) == 10


def test_the_server_answers_what_the_loaded_model_answers(url: str, store: str) -> None:
    requests = [
        Request(seed_track_ids=["metal004", "folk007"], k=30, explain=True),
        Request(seed_track_ids=["nope"]),
        Request(seed_track_ids=["disco004"], target={"energy": 0.9}, diversity=0.3, allow_explicit=False),
    ]
    body = json.dumps({"inputs": [request.model_dump() for request in requests]}).encode()
    loaded = mlflow.pyfunc.load_model("models:/quintet@champion").predict(requests)
    assert post(url, body)["predictions"] == [answer.model_dump() for answer in loaded]


def test_a_row_with_seeds_alone_is_enough(url: str) -> None:
    answer = post(url, b'{"inputs": [{"seed_track_ids": ["metal004"]}]}')["predictions"][0]
    assert len(answer["tracks"]) == 20


def test_not_a_number_is_answered_without_one(url: str) -> None:
    body = b'{"inputs": [{"seed_track_ids": ["metal004"], "min": {"energy": NaN}, "target": {"tempo": Infinity}}]}'
    assert "min.energy was ignored" in post(url, body)["predictions"][0]["message"]


def test_a_wrong_type_is_a_client_error(url: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        post(url, b'{"inputs": [{"seed_track_ids": 5}]}')
    with refusal.value as response:
        assert response.code == 400
