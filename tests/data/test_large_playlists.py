"""Playlists cleaned on disk are those cleaned in memory."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data import demo
from data.large_playlists import main, write_playlists
from data.prepare import prepare
from data.read import UnusableData


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A tracks table and two playlists tables with repeats, blanks, gaps, addresses and positions out of order."""
    rng = np.random.default_rng(4)
    tracks = demo.generate(300, 20).drop_duplicates("track_id")
    tracks = tracks.drop(columns=["playlist_id", "playlist_name", "playlist_genre", "playlist_subgenre"])
    folder = tmp_path / "raw"
    folder.mkdir()
    tracks.to_parquet(folder / "tracks.parquet", index=False)
    ids = [*tracks["track_id"], "outside", "", None]
    for number in (1, 2):
        track = pd.Series(rng.choice(np.array(ids, object), 3000))
        track = track.mask(rng.random(3000) < 0.1, "spotify:track:" + track)
        track = track.mask(rng.random(3000) < 0.1, " https://open.spotify.com/intl-de/track/" + track + "?si=1#x ")
        playlist = pd.Series(rng.choice(np.array([*[f"p{i:02d}" for i in range(40)], "\u3000", None], object), 3000))
        rows = pd.DataFrame({"Playlist ID": playlist, "track_uri": track})
        if number == 1:
            rows["pos"] = rng.choice([0, 1, 2, 3, 50, -1, np.nan], 3000)
        rows.to_parquet(folder / f"playlists-{number}.parquet", index=False)
    return folder


def test_the_table_and_the_books_are_those_of_prepare(raw: Path, tmp_path: Path) -> None:
    memory = prepare(str(raw), tmp_path / "none", tmp_path / "memory")
    prepare(str(raw / "tracks.parquet"), tmp_path / "none", tmp_path / "disk")
    disk = write_playlists(tmp_path / "disk", sorted(raw.glob("playlists*")))
    tables = [pd.read_parquet(tmp_path / place / "playlists.parquet") for place in ("memory", "disk")]
    pd.testing.assert_frame_equal(tables[1], tables[0])
    assert len(tables[0]) > 2000
    assert disk["counts"] == memory["counts"]
    assert {**disk["playlists"], "mended": {}} == {**memory["playlists"], "mended": {}}
    assert json.loads((tmp_path / "disk" / "report.json").read_text()) == disk


def test_what_is_no_playlists_table_is_refused_and_nothing_changes(raw: Path, tmp_path: Path) -> None:
    prepare(str(raw), tmp_path / "none", tmp_path / "out")
    before = (tmp_path / "out" / "playlists.parquet").read_bytes()
    with pytest.raises(UnusableData, match=r"tracks\.parquet lacks the column playlist_id"):
        write_playlists(tmp_path / "out", [raw / "tracks.parquet"])
    assert main([str(tmp_path / "out"), str(raw / "nothing.parquet")]) == 1
    assert (tmp_path / "out" / "playlists.parquet").read_bytes() == before
    assert not list((tmp_path / "out").glob(".new-*"))
