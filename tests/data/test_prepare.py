"""The entry point: tables in place, or the old ones untouched and a sentence."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import mlflow
import pandas as pd
import pytest

from data import prepare
from data.clean import clean
from data.locks import alone_in
from data.prepare import main
from data.read import UnusableData
from data.sources import resolve
from data.tracking import log_to_mlflow
from gateway.catalog import Catalog
from model.schemas import CATALOG, PLAYLISTS, check
from tests.data.rows import REAL_FILE, frame

ROOT = Path(__file__).parents[2]


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    path = tmp_path / "songs.csv"
    frame({}, {"track_name": "Tides", "playlist_id": "p2"}, {"track_id": "t1", "playlist_id": "p2"}).to_csv(
        path, index=False
    )
    return path


def run(source: Path | str, folder: Path, *more: str) -> int:
    return main(
        [
            "--data-source",
            str(source),
            "--processed-dir",
            str(folder / "processed"),
            "--raw-dir",
            str(folder / "raw"),
            *more,
        ]
    )


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted((folder / "processed").iterdir())
    return {path.name: path.read_bytes() for path in files if path.name != ".lock"}


def test_writes_the_tables_and_the_report(songs: Path, tmp_path: Path) -> None:
    assert run(songs, tmp_path) == 0
    processed = tmp_path / "processed"
    assert sorted(contents(tmp_path)) == ["catalog.db", "catalog.parquet", "playlists.parquet", "report.json"]
    assert len(check(pd.read_parquet(processed / "catalog.parquet"), CATALOG)) == 2
    assert len(check(pd.read_parquet(processed / "playlists.parquet"), PLAYLISTS)) == 3
    report = json.loads((processed / "report.json").read_text())
    assert report["catalog"] == {
        "rows_in": 3,
        "rows_out": 2,
        "dropped": {"the track came before (it stands in several playlists or genres)": 1},
        "mended": {},
    }
    info = Catalog(processed / "catalog.db").info()
    assert (info["source"], info["is_demo"], info["n_tracks"], info["n_playlists"]) == ("songs.csv", "0", "2", "2")
    assert info["fingerprint"] == report["fingerprint"]


def test_prints_a_short_report(songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(songs, tmp_path)
    out = capsys.readouterr().out
    assert "3 rows in = 2 out + 1 dropped" in out
    assert "1 dropped: the track came before" in out


@pytest.mark.parametrize("source", [REAL_FILE] if REAL_FILE.exists() else ["demo"])
def test_the_largest_source_at_hand_gives_a_catalog(source: Path | str, tmp_path: Path) -> None:
    assert run(source, tmp_path) == 0
    report = json.loads((tmp_path / "processed" / "report.json").read_text())
    assert report["counts"]["n_tracks"] in (5000, 28_352)
    assert report["counts"]["n_playlists"] in (500, 471)


def test_demo_data_are_announced_so_that_nobody_can_miss_it(
    songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("demo", tmp_path)
    assert "DEMO DATA: fictional tracks" in capsys.readouterr().err
    assert Catalog(tmp_path / "processed" / "catalog.db").info()["is_demo"] == "1"
    run(songs, tmp_path)
    assert "DEMO" not in capsys.readouterr().err
    assert Catalog(tmp_path / "processed" / "catalog.db").info()["is_demo"] == "0"


def test_a_second_run_does_nothing_and_says_so(songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(songs, tmp_path)
    before = contents(tmp_path)
    assert run(songs, tmp_path) == 0
    assert "up to date" in capsys.readouterr().out
    assert contents(tmp_path) == before
    (tmp_path / "processed" / "report.json").write_text(before["report.json"].decode().replace("songs.csv", "kept"))
    run(songs, tmp_path, "--force")
    assert "kept" not in (tmp_path / "processed" / "report.json").read_text()


@pytest.mark.parametrize("lost", ["catalog.db", "catalog.parquet", "playlists.parquet", "report.json"])
def test_a_lost_file_is_made_again(songs: Path, tmp_path: Path, lost: str) -> None:
    run(songs, tmp_path)
    (tmp_path / "processed" / lost).unlink()
    run(songs, tmp_path)
    assert (tmp_path / "processed" / lost).is_file()


def test_changed_rows_are_prepared_again(songs: Path, tmp_path: Path) -> None:
    run(songs, tmp_path)
    frame({}).to_csv(songs, index=False)
    run(songs, tmp_path)
    assert len(pd.read_parquet(tmp_path / "processed" / "catalog.parquet")) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>Sign in</body></html>",
        b"\x89PNG\r\n\x1a\n\0\0\0",
        b"track_id,track_name\nt1,Tides\n",
        b"track_id,track_name,artists,energy\n,,,\n",
    ],
)
def test_a_useless_file_ends_in_a_sentence_and_leaves_the_tables_alone(
    songs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    run(songs, tmp_path)
    before = contents(tmp_path)
    useless = tmp_path / "useless.csv"
    useless.write_bytes(content)
    capsys.readouterr()
    assert run(useless, tmp_path) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("prepare: ")
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    assert contents(tmp_path) == before


def test_a_failure_while_writing_leaves_the_tables_alone(songs: Path, tmp_path: Path) -> None:
    run(songs, tmp_path)
    before = contents(tmp_path)
    source = resolve(str(songs), tmp_path)
    raw = source.read()
    tables = clean(raw)
    without_genres = replace(tables, genres=tables.genres[["track_id"]])
    with pytest.raises(KeyError):
        prepare.write(without_genres, raw, source, tmp_path / "processed")
    assert contents(tmp_path) == before


def test_what_a_killed_run_left_behind_is_cleared_away(songs: Path, tmp_path: Path) -> None:
    left = tmp_path / "processed" / ".new-left-behind"
    left.mkdir(parents=True)
    run(songs, tmp_path)
    assert not left.exists()


def test_a_run_waits_for_the_one_before(songs: Path, tmp_path: Path) -> None:
    start = time.monotonic()
    run(songs, tmp_path / "alone")
    alone_s = time.monotonic() - start
    waiting = threading.Thread(target=run, args=(songs, tmp_path))
    with alone_in(tmp_path / "processed"):
        waiting.start()
        waiting.join(5 * alone_s + 1)
        assert waiting.is_alive()
        assert contents(tmp_path) == {}
    waiting.join()
    assert "report.json" in contents(tmp_path)


def test_the_source_may_come_from_the_environment(songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_SOURCE", str(songs))
    run("", tmp_path)
    assert json.loads((tmp_path / "processed" / "report.json").read_text())["source"] == "songs.csv"


def test_runs_as_a_module_with_a_status_for_the_shell(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "data.prepare", "--data-source", "absent.csv", "--processed-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert done.stderr == "prepare: DATA_SOURCE 'absent.csv' does not exist; give a file, a folder, or 'demo'\n"


def test_a_run_under_mlflow_is_recorded(songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = prepare.prepare(str(songs), tmp_path, tmp_path / "processed")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    experiment = mlflow.create_experiment("prepare", artifact_location=(tmp_path / "artefacts").as_uri())
    client = mlflow.MlflowClient()
    run_id = client.create_run(experiment).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", run_id)
    log_to_mlflow(report, tmp_path / "processed" / "report.json")
    logged = client.get_run(run_id).data
    assert logged.params["fingerprint"] == report["fingerprint"]
    assert logged.metrics["n_tracks"] == 2
    assert [artefact.path for artefact in client.list_artifacts(run_id)] == ["report.json"]


def test_without_mlflow_around_nothing_is_recorded_and_mlflow_not_imported() -> None:
    code = "import sys, data.prepare; print('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "False\n"


def test_an_unusable_source_is_an_error_a_caller_can_catch(tmp_path: Path) -> None:
    with pytest.raises(UnusableData):
        prepare.prepare(str(tmp_path / "absent.csv"), tmp_path, tmp_path)
