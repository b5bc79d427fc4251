"""What `train` and `evaluate` read is of one whole `prepare`."""

import threading
import time
from pathlib import Path

import pytest

from data.locks import alone_in
from model import tables
from tests.worlds import World


@pytest.fixture
def processed(world: World, tmp_path: Path) -> Path:
    with alone_in(tmp_path):
        world.catalog.to_parquet(tmp_path / "catalog.parquet")
        world.playlists.to_parquet(tmp_path / "playlists.parquet")
        (tmp_path / "report.json").write_text("{}")
    return tmp_path


def test_the_tables_of_a_prepare_that_was_cut_short_are_refused(processed: Path) -> None:
    (processed / "report.json").unlink()
    with pytest.raises(tables.TableMissing, match="no whole set of tables"):
        tables.read(processed)


def test_a_prepare_that_is_at_work_is_waited_for(processed: Path) -> None:
    read = list[tables.Tables]()
    reader = threading.Thread(target=lambda: read.append(tables.read(processed)))
    with alone_in(processed):
        (processed / "catalog.parquet").rename(processed / "aside")
        reader.start()
        time.sleep(0.3)
        assert read == []
        (processed / "aside").rename(processed / "catalog.parquet")
    reader.join(10)
    assert len(read) == 1


def test_tables_that_prepare_did_not_make_are_read_as_they_are(processed: Path) -> None:
    (processed / ".lock").unlink()
    (processed / "report.json").unlink()
    assert len(tables.read(processed).catalog) == 120
