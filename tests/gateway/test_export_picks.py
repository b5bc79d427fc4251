"""What listeners picked lately, as a table for watch_drift."""

from pathlib import Path

import pytest

from gateway.export_picks import main
from gateway.feedback_store import FeedbackStore
from gateway.feedback_tables import Happened, Shown


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FeedbackStore:
    url = f"sqlite:///{tmp_path}/feedback.db"
    monkeypatch.setenv("FEEDBACK_DATABASE_URL", url)
    store = FeedbackStore(url)
    store.migrate()
    return store


def test_seeds_likes_and_adds_count_and_skips_and_impressions_do_not(store: FeedbackStore, tmp_path: Path) -> None:
    store.write([Shown("r1", "quintet", "1", ["a", "b"], ["c", "d"]), Shown("r2", "quintet", "1", ["a"], ["c"])])
    store.write([Happened("r1", "c", "like"), Happened("r2", "c", "add"), Happened("r1", "d", "skip")])
    store.close()
    assert main(["--out", str(tmp_path / "picks.csv")]) == 0
    assert (tmp_path / "picks.csv").read_text().split() == ["track_id,n", "a,2", "b,1", "c,2"]


def test_only_the_latest_answers_count(store: FeedbackStore, tmp_path: Path) -> None:
    store.write([Shown(f"r{number}", "quintet", "1", [f"seed{number}"], []) for number in range(3)])
    store.close()
    main(["--out", str(tmp_path / "picks.csv"), "--n-answers", "1"])
    assert (tmp_path / "picks.csv").read_text().split() == ["track_id,n", "seed2,1"]


def test_nothing_picked_is_a_table_without_rows(store: FeedbackStore, tmp_path: Path) -> None:
    store.close()
    assert main(["--out", str(tmp_path / "var" / "picks.csv")]) == 0
    assert (tmp_path / "var" / "picks.csv").read_text().split() == ["track_id,n"]


def test_a_dead_database_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "feedback.db").mkdir()
    monkeypatch.setenv("FEEDBACK_DATABASE_URL", f"sqlite:///{tmp_path}/feedback.db")
    assert main(["--out", str(tmp_path / "picks.csv")]) == 1
    assert "check FEEDBACK_DATABASE_URL" in capsys.readouterr().err
