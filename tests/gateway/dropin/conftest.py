"""A gateway over a demo catalog and the real recommender, as Spotify's clients find it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
import spotipy

from data.demo import generate
from data.prepare import prepare
from gateway.catalog import Catalog
from model.answers import Answerer
from model.config import TrainConfig
from model.contract import ModelVersion, Request
from model.fit import fit
from tests.gateway.running import running_gateway
from tests.gateway.stub_model import Connection, StubModel, reply

QUICK = TrainConfig(n_folds=2, train_seeds=(5,), n_rounds=5, n_overlap_rounds=5, min_leaf=20)
"""What a model learns does not matter here."""


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the tables that `prepare` makes of a small demo."""
    folder = tmp_path_factory.mktemp("demo")
    generate(n_tracks=1000, n_playlists=80).to_csv(folder / "songs.csv", index=False)
    prepare(str(folder / "songs.csv"), folder / "raw", folder / "processed")
    return folder / "processed"


@pytest.fixture(scope="session")
def catalog(tables: Path) -> Catalog:
    return Catalog(tables / "catalog.db")


@pytest.fixture(scope="session")
def model(tables: Path) -> Iterator[StubModel]:
    """The real recommender over these tables, behind the protocol of a model server."""
    catalog, playlists = (pd.read_parquet(tables / f"{name}.parquet") for name in ("catalog", "playlists"))
    recommender, _ = fit(catalog, playlists, QUICK)
    answerer = Answerer(recommender, ModelVersion(name="quintet", version="1"))

    async def answer(stub: StubModel, to: Connection, body: bytes) -> None:
        (row,) = json.loads(body)["inputs"]
        answer = answerer.answer(Request.model_validate(row))
        await reply(to, 200, json.dumps({"predictions": [answer.model_dump()]}))

    with StubModel(answer) as stub:
        yield stub


@pytest.fixture(scope="session")
def gateway(tables: Path, model: StubModel) -> Iterator[httpx.Client]:
    with running_gateway(catalog_path=tables / "catalog.db", model_urls=(model.url,)) as client:
        yield client


@pytest.fixture
def sp(gateway: httpx.Client) -> spotipy.Spotify:
    return client_of(gateway)


def client_of(gateway: httpx.Client, auth: str = "any token", **options: Any) -> spotipy.Spotify:
    """spotipy as its users have it, with nothing changed but the address."""
    client = spotipy.Spotify(auth=auth, **options)
    client.prefix = f"{str(gateway.base_url).rstrip('/')}/v1/"
    return client


def message_of(response: httpx.Response) -> str:
    """The message of an error in Spotify's shape, which is checked."""
    error = response.json()
    assert list(error) == ["error"] and set(error["error"]) == {"status", "message"}, error
    assert error["error"]["status"] == response.status_code
    assert not re.search(r"Traceback|\.py", error["error"]["message"])
    return str(error["error"]["message"])
