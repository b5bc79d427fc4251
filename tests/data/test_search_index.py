"""catalog.db as a contract: other readers than the gateway may rely on these tables."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from data.clean import clean
from data.read import RawTables
from data.search_index import write_catalog_db
from model.schemas import CATALOG
from tests.data.rows import cleaned, large_tables

LARGE = large_tables()


@pytest.fixture(scope="module", params=LARGE)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "catalog.db"
    write_catalog_db(path, clean(RawTables(LARGE[request.param])), {"is_demo": "1"})
    return path


def select(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def test_a_row_is_a_track_with_all_catalog_columns_and_its_match_key(written: Path) -> None:
    columns = [row[1] for row in select(written, "PRAGMA table_info(tracks)")]
    assert columns == ["popularity_rank", *CATALOG.columns, "match_key"]


def test_ranks_count_from_one_and_popularity_falls(written: Path) -> None:
    rows = select(written, "SELECT popularity_rank, popularity FROM tracks ORDER BY popularity_rank")
    assert [rank for rank, _ in rows] == list(range(1, len(rows) + 1))
    assert [popularity for _, popularity in rows] == sorted((row[1] for row in rows), reverse=True)  # type: ignore[type-var]


def test_tracks_with_one_match_key_have_one_canonical_track(written: Path) -> None:
    many = "SELECT match_key FROM tracks GROUP BY match_key HAVING count(DISTINCT canonical_id) > 1"
    assert select(written, many) == []


def test_every_track_is_searchable_by_its_row(written: Path) -> None:
    assert select(written, "SELECT count(*) FROM search") == select(written, "SELECT count(*) FROM tracks")
    assert select(written, "SELECT count(*) FROM search WHERE title = '' OR artist = ''") == [(0,)]


def test_genres_name_tracks_that_are_there(written: Path) -> None:
    lost = "SELECT count(*) FROM track_genres LEFT JOIN tracks USING (popularity_rank, track_id) WHERE title IS NULL"
    assert select(written, lost) == [(0,)]
    assert select(written, "SELECT count(DISTINCT genre) >= 24 FROM track_genres") == [(1,)]


def test_the_file_is_sound(written: Path) -> None:
    assert select(written, "PRAGMA integrity_check") == [("ok",)]
    assert ("is_demo", "1") in select(written, "SELECT key, value FROM meta")


def test_numbers_have_no_more_digits_than_the_source(tmp_path: Path) -> None:
    write_catalog_db(tmp_path / "catalog.db", cleaned({"energy": "0.824", "tempo": "", "explicit": "true"}), {})
    row = select(tmp_path / "catalog.db", 'SELECT energy, tempo, "key", explicit FROM tracks')
    assert repr(row) == "[(0.824, None, 4, 1)]"
