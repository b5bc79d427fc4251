"""Collecting: data/raw holds whole copies of the source, and the last line says whether anything is new."""

import json
import os
from pathlib import Path

import pytest

from data.collect import collect, collected, main
from data.prepare import COLLECTED
from data.prepare import main as prepare
from data.read import UnusableData
from tests.data.rows import frame


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "raw"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    frame({}, {"track_id": "t1", "track_name": "Tides"}).to_csv(folder / "songs.csv", index=False)
    (folder / "playlists-mine.csv").write_text("playlist_id,position,track_id\np,0,t1\n")
    return folder


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_file_comes_into_the_raw_folder_and_counts_as_new_once(source: Path, raw: Path) -> None:
    assert collect(str(source / "songs.csv"), raw) == ["songs.csv"]
    assert (raw / "songs.csv").read_bytes() == (source / "songs.csv").read_bytes()
    assert collect(str(source / "songs.csv"), raw) == []


def test_a_changed_file_replaces_its_copy(source: Path, raw: Path) -> None:
    collect(str(source / "songs.csv"), raw)
    frame({"track_name": "Other"}).to_csv(source / "songs.csv", index=False)
    assert collect(str(source / "songs.csv"), raw) == ["songs.csv"]
    assert "Other" in (raw / "songs.csv").read_text()


def test_a_folder_brings_its_playlists_and_what_it_lost_goes(source: Path, raw: Path) -> None:
    assert collect(str(source), raw) == ["playlists-mine.csv", "songs.csv"]
    (source / "playlists-mine.csv").unlink()
    assert collect(str(source), raw) == ["playlists-mine.csv"]
    assert visible(raw) == ["songs.csv"]


def test_another_source_replaces_the_one_before(source: Path, raw: Path, tmp_path: Path) -> None:
    collect(str(source), raw)
    frame({"track_name": "Else"}).to_csv(tmp_path / "else.csv", index=False)
    collect(str(tmp_path / "else.csv"), raw)
    assert visible(raw) == ["else.csv"]


def test_a_feedback_export_counts_as_new_and_is_never_touched(source: Path, raw: Path) -> None:
    collect(str(source / "songs.csv"), raw)
    (raw / "playlists-feedback.csv").write_text("playlist_id,position,track_id\nf,0,t1\n")
    assert collect(str(source / "songs.csv"), raw) == ["playlists-feedback.csv"]
    collect("demo", raw)
    assert visible(raw) == ["playlists-feedback.csv"]


def test_a_file_of_the_owners_is_not_overwritten(source: Path, raw: Path) -> None:
    raw.mkdir()
    (raw / "songs.csv").write_text("mine")
    with pytest.raises(UnusableData, match="was there before"):
        collect(str(source / "songs.csv"), raw)
    assert (raw / "songs.csv").read_text() == "mine"


def test_a_table_that_somebody_is_writing_is_not_taken(
    source: Path, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy_while_it_grows(file: Path, target: Path) -> None:
        target.write_bytes(file.read_bytes())
        with file.open("a") as growing:
            growing.write("one more row\n")
        os.utime(file, ns=(1, 1))

    monkeypatch.setattr("data.collect.shutil.copy2", copy_while_it_grows)
    with pytest.raises(UnusableData, match="changed while it was copied"):
        collect(str(source / "songs.csv"), raw)
    assert visible(raw) == []


def test_demo_data_are_new_once(raw: Path) -> None:
    assert collect("demo", raw) == ["demo"]
    assert collect("demo", raw) == []


def test_without_a_source_and_a_network_demo_data_stand_in(raw: Path) -> None:
    assert collect("", raw, url="http://127.0.0.1:9/songs.csv") == ["demo"]


def test_damaged_notes_only_make_everything_new(source: Path, raw: Path) -> None:
    collect(str(source / "songs.csv"), raw)
    (raw / ".collected.json").write_text("{")
    assert collect(str(source / "songs.csv"), raw) == ["songs.csv"]


def test_the_copy_is_prepared_and_not_the_original_which_may_be_half_rewritten(
    source: Path, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_SOURCE", str(source))
    assert main(["--raw-dir", str(raw)]) == 0
    (source / "songs.csv").write_text("track_id\nhalf")
    folders = ["--raw-dir", str(raw), "--processed-dir", str(tmp_path / "processed")]
    assert prepare(["--data-source", COLLECTED, *folders]) == 0
    report = json.loads((tmp_path / "processed" / "report.json").read_text())
    assert report["source"] == "songs.csv + playlists-mine.csv"


def test_the_copy_of_another_source_is_not_taken_for_this_one(source: Path, raw: Path) -> None:
    collect(str(source), raw)
    assert collected(str(source), raw) == str(raw)
    assert collected("demo", raw) == "demo"


def test_a_playlists_table_and_its_copy_are_read_once(source: Path, raw: Path, tmp_path: Path) -> None:
    collect(str(source), raw)
    processed = tmp_path / "processed"
    prepare(["--data-source", str(source), "--raw-dir", str(raw), "--processed-dir", str(processed)])
    first = json.loads((processed / "report.json").read_text())
    prepare(["--data-source", str(raw), "--raw-dir", str(raw), "--processed-dir", str(processed)])
    assert json.loads((processed / "report.json").read_text()) == first


def test_the_last_line_says_what_is_new(source: Path, raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--data-source", str(source / "songs.csv"), "--raw-dir", str(raw)]
    assert main(arguments) == 0 and main(arguments) == 0
    assert capsys.readouterr().out == "new data: songs.csv\nnothing new\n"


def test_a_missing_source_ends_in_a_sentence(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data-source", "nowhere.csv", "--raw-dir", str(raw)]) == 1
    assert "does not exist" in capsys.readouterr().err
