"""From likes to a playlists table that `prepare` takes."""

from pathlib import Path

import pandas as pd
import pytest

from data.demo import generate
from data.prepare import prepare
from gateway.export_feedback import main
from gateway.feedback_store import FeedbackStore
from gateway.feedback_tables import Happened, Shown


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FeedbackStore:
    url = f"sqlite:///{tmp_path}/feedback.db"
    monkeypatch.setenv("FEEDBACK_DATABASE_URL", url)
    store = FeedbackStore(url)
    store.migrate()
    return store


def likes(request_id: str, seeds: list[str], liked: list[str]) -> list[Shown | Happened]:
    shown = Shown(request_id, "quintet", "1", seeds, liked)
    return [shown, *(Happened(request_id, track_id, "like") for track_id in liked)]


def test_what_was_liked_is_a_playlist_after_prepare(store: FeedbackStore, tmp_path: Path) -> None:
    rows = generate(n_tracks=200, n_playlists=20, seed=3)
    raw = tmp_path / "raw"
    raw.mkdir()
    rows.to_csv(raw / "songs.csv", index=False)
    tracks = rows["track_id"].unique()[:5].tolist()
    store.write([*likes("r1", tracks[:2], tracks[2:4]), *likes("r2", tracks[1:3], [])])
    store.close()
    assert main(["--out", str(raw / "playlists-feedback.csv")]) == 0
    prepare(str(raw), raw, tmp_path / "processed")
    playlists = pd.read_parquet(tmp_path / "processed" / "playlists.parquet")
    liked = playlists[playlists["playlist_id"] == "feedback-r1"]
    assert liked["track_id"].tolist() == tracks[:4]
    assert playlists["playlist_id"].nunique() == rows["playlist_id"].nunique() + 1


def test_playlists_that_are_too_short_are_left_out(store: FeedbackStore, tmp_path: Path) -> None:
    store.write([*likes("r1", ["s"], ["a"]), *likes("r2", ["s"], ["a", "b", "c"])])
    store.close()
    out = tmp_path / "out.csv"
    assert main(["--out", str(out), "--min-tracks", "3"]) == 0
    assert out.read_text().split() == [
        "playlist_id,position,track_id", "feedback-r2,0,s", "feedback-r2,1,a", "feedback-r2,2,b", "feedback-r2,3,c",
    ]  # fmt: skip


def test_without_likes_the_file_before_stays(
    store: FeedbackStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.close()
    out = tmp_path / "out.csv"
    out.write_text("before")
    assert main(["--out", str(out)]) == 0
    assert out.read_text() == "before"
    assert "nothing was liked" in capsys.readouterr().out


def test_a_database_that_is_away_ends_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FEEDBACK_DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:9/none")
    assert main(["--out", str(tmp_path / "out.csv")]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert "check FEEDBACK_DATABASE_URL" in sentence and "hunter2" not in sentence
