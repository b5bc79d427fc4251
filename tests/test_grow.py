"""Grown data is what `prepare` reads, and has the shape of what it was grown from."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import grow, growth
from data import demo
from data.prepare import prepare

N_TRACKS, N_PLAYLISTS = 400, 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`original`, prepared from a small demo, and `raw`, grown from it."""
    folder = tmp_path_factory.mktemp("grow")
    demo.generate(N_TRACKS, N_PLAYLISTS).to_csv(folder / "small.csv", index=False)
    prepare(str(folder / "small.csv"), folder / "none", folder / "original")
    grow.write(grow.read(folder / "original"), folder / "raw", 1000, 400, seed=3)
    return folder


def test_prepare_takes_every_grown_row(folder: Path) -> None:
    report = prepare(str(folder / "raw"), folder / "none", folder / "grown")
    assert report["counts"]["n_tracks"] == 1000
    assert report["counts"]["n_playlists"] == 400
    assert report["counts"]["n_playlist_rows_outside_catalog"] == 0
    assert report["catalog"]["dropped"] == report["playlists"]["dropped"] == {}
    songs = prepare(str(folder / "small.csv"), folder / "none", folder / "original")["counts"]["n_songs"]
    assert report["counts"]["n_songs"] == pytest.approx(songs * 2.5, rel=0.05)  # versions stay versions


def test_playlists_keep_their_sizes_and_at_first_their_tracks(folder: Path) -> None:
    original = pd.read_parquet(folder / "original" / "playlists.parquet")
    grown = pd.read_parquet(folder / "raw" / "playlists.parquet")
    sizes = [frame.groupby("playlist_id").size().median() for frame in (original, grown)]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.2)
    assert not grown.duplicated(["playlist_id", "track_id"]).any()
    known = original[original["track_id"].isin(pd.read_parquet(folder / "original" / "catalog.parquet")["track_id"])]
    one_to_one = grown[grown["playlist_id"].isin([f"grown{i}" for i in range(N_PLAYLISTS)])]
    assert one_to_one["track_id"].tolist() == known["track_id"].tolist()


def test_sounds_are_jittered_within_their_ranges(folder: Path) -> None:
    tracks = pd.read_parquet(folder / "raw" / "tracks.parquet")
    energy = tracks["energy"].to_numpy().reshape(-1, 200)
    assert tracks["energy"].between(0, 1).all()
    assert set(tracks["key"].dropna()) <= set(range(12))
    assert not np.array_equal(energy[0], energy[2])  # the same 200 tracks in copies 0 and 1
    assert np.corrcoef(energy[0], energy[2])[0, 1] > 0.8


def test_the_same_seed_gives_the_same_rows(folder: Path, tmp_path: Path) -> None:
    grow.write(grow.read(folder / "original"), tmp_path, 1000, 400, seed=3)
    for name in ("tracks.parquet", "playlists.parquet"):
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / name), pd.read_parquet(folder / "raw" / name))


def test_it_does_not_shrink(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="400 tracks, more than the 10 asked for"):
        grow.write(grow.read(folder / "original"), tmp_path, 10, 5, seed=0)


def test_the_growth_table_has_a_row_a_size_and_says_what_was_not_measured() -> None:
    step = {"cpu_s": 12.4, "peak_gb": 1.26, "wall_s": 9.0}
    serve = {"load_s": 0.6, "load_cpu_s": 0.5, "own_gb": 0.4, "mapped_gb": 0.1, "cpu_p50_ms": 20.2}
    figures = {
        "300000x10000": {"prepare": step},
        "28352x450": {"train": step, "serve": serve, "spark": {"1": 9.96, "2": 18}},
    }
    rows = growth.table(figures).splitlines()
    assert rows[2] == "| 28,352 × 450 | – | 12 s, 1.3 GB | – | 0.5 s | 0.40 + 0.10 GB | 20 ms | 10.0 / 18.0 |"
    assert rows[3] == "| 300,000 × 10,000 | 12 s, 1.3 GB | – | – | – | – | – | – |"
    drawn = {line.get_label(): np.asarray(line.get_xdata()).tolist() for line in growth.plot(figures).axes[0].lines}
    assert drawn == {"prepare": [300_000], "train": [28_352], "evaluate": [], "load": [28_352]}


def test_own_and_mapped_memory_are_told_apart(tmp_path: Path) -> None:
    np.save(tmp_path / "large.npy", np.ones(25_000_000))
    before = growth.memory_gb("RssAnon"), growth.memory_gb("RssFile")
    mapped = np.load(tmp_path / "large.npy", mmap_mode="r")
    assert mapped.sum() == 25_000_000
    assert growth.memory_gb("RssFile") - before[1] > 0.15
    assert growth.memory_gb("RssAnon") - before[0] < 0.05
