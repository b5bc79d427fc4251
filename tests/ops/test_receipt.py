import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scripts import receipt


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in miniature, with prepared data and a registered champion."""
    monkeypatch.chdir(tmp_path)
    files = {
        "data/clean.py": "a = 1",
        "data/raw/songs.csv": "track_id",
        "data/processed/report.json": '{"fingerprint": "one"}',
        "data/processed/catalog.parquet": "table",
        "model/schemas.py": "s = 1",
        "model/ranker.py": "r = 1",
        "conda.yaml": "name: quintet",
        "MLproject": "name: quintet",
        "locks/dev.txt": "numpy==2",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    with closing(sqlite3.connect("mlflow.db")) as store, store:
        store.execute("CREATE TABLE registered_model_aliases (name, alias, version)")
        store.execute("INSERT INTO registered_model_aliases VALUES ('quintet', 'champion', 1)")
    return tmp_path


def test_what_was_recorded_is_fresh_until_its_state_changes() -> None:
    assert receipt.stale("data", "one")
    receipt.record("data", "one")
    receipt.record("model", "two")
    assert not receipt.stale("data", "one")
    assert not receipt.stale("model", "two")
    assert receipt.stale("data", "other")


def test_a_damaged_receipt_counts_as_none() -> None:
    receipt.record("data", "one")
    receipt.RECEIPT.write_text('{"data": "on')
    assert receipt.stale("data", "one")


@pytest.mark.parametrize(
    ("changed", "which"),
    [
        ("data/raw/songs.csv", "data"),
        ("data/clean.py", "data"),
        ("model/schemas.py", "data model"),
        ("data/processed/catalog.parquet", "data"),
        ("data/processed/report.json", "data model"),
        ("model/ranker.py", "model"),
        ("conda.yaml", "model"),
        ("locks/dev.txt", "model"),
    ],
)
def test_a_change_makes_stale_what_depends_on_it_and_nothing_else(changed: str, which: str) -> None:
    before = {"data": receipt.data_state(None), "model": receipt.model_state()}
    Path(changed).write_text("something longer than before")
    after = {"data": receipt.data_state(None), "model": receipt.model_state()}
    assert [part for part in before if before[part] != after[part]] == which.split()


def test_a_given_source_counts_instead_of_the_raw_folder() -> None:
    other = Path("other.csv")
    other.write_text("one")
    before = receipt.data_state("other.csv")
    assert before != receipt.data_state(None)
    Path("data/raw/songs.csv").write_text("something longer than before")
    assert receipt.data_state("other.csv") == before
    other.write_text("something longer than before")
    assert receipt.data_state("other.csv") != before


def test_the_same_bytes_at_another_time_are_another_source() -> None:
    before = receipt.data_state(None)
    os.utime("data/raw/songs.csv", (1, 1))
    assert receipt.data_state(None) != before


def test_a_model_without_a_champion_is_stale() -> None:
    before = receipt.model_state()
    with closing(sqlite3.connect("mlflow.db")) as store, store:
        store.execute("DELETE FROM registered_model_aliases")
    assert not receipt.has_champion()
    assert receipt.model_state() != before


@pytest.mark.parametrize("damage", ["missing", "empty", "no database"])
def test_a_store_that_cannot_be_read_has_no_champion(damage: str) -> None:
    assert receipt.has_champion()
    receipt.STORE.unlink()
    if damage != "missing":
        receipt.STORE.write_text("" if damage == "empty" else "not a database at all")
    assert not receipt.has_champion()
