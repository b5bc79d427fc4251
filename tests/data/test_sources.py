"""Sources: which one is taken, and a download that is whole or not at all."""

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from data.download import DownloadFailed, download
from data.read import UnusableData
from data.sources import DEMO, TIDYTUESDAY_SHA256, TIDYTUESDAY_URL, resolve
from tests.data.rows import REAL_FILE, frame

BODY = b"0123456789" * 20_000
SHA256 = hashlib.sha256(BODY).hexdigest()
NOWHERE = "http://127.0.0.1:9/spotify_songs.csv"


class Misbehaving(BaseHTTPRequestHandler):
    """Serves BODY, or fails in the way that the path names."""

    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        if self.path == "/truncated":
            self.wfile.write(BODY[:1000])
        elif self.path == "/wrong":
            self.wfile.write(BODY[::-1])
        elif self.path == "/silent":
            time.sleep(1)
        elif self.path == "/dripping":
            for _ in range(50):
                self.wfile.write(BODY[:100])
                self.wfile.flush()
                time.sleep(0.02)
        else:
            self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up."""


@contextmanager
def serving() -> Iterator[str]:
    with Server(("127.0.0.1", 0), Misbehaving) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving() as address:
        yield address


def test_a_whole_file_is_put_in_place(server: str, tmp_path: Path) -> None:
    download(f"{server}/good", tmp_path / "raw" / "file.csv", SHA256)
    assert (tmp_path / "raw" / "file.csv").read_bytes() == BODY
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["file.csv"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing", "answered 404"),
        ("truncated", "no answer from"),
        ("wrong", "is not the pinned file"),
        ("silent", "no answer from"),
        ("dripping", "was too slow"),
    ],
)
def test_a_bad_download_is_named_and_leaves_nothing(server: str, tmp_path: Path, path: str, reason: str) -> None:
    with pytest.raises(DownloadFailed, match=reason):
        download(f"{server}/{path}", tmp_path / "file.csv", SHA256, read_timeout_s=0.3, deadline_s=0.3)
    assert list(tmp_path.iterdir()) == []


def test_a_bad_download_keeps_the_file_that_was_there(server: str, tmp_path: Path) -> None:
    (tmp_path / "file.csv").write_text("before")
    with pytest.raises(DownloadFailed):
        download(f"{server}/wrong", tmp_path / "file.csv", SHA256)
    assert (tmp_path / "file.csv").read_text() == "before"


def test_a_host_that_does_not_answer_costs_no_more_than_the_connect_timeout(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        start = time.monotonic()
        with pytest.raises(DownloadFailed):
            address = f"http://127.0.0.1:{full.getsockname()[1]}/file.csv"
            download(address, tmp_path / "file.csv", SHA256, connect_timeout_s=0.3, read_timeout_s=30)
        assert 0.25 < time.monotonic() - start < 5


def test_without_a_file_and_a_network_it_is_demo_data_and_says_why(tmp_path: Path) -> None:
    source = resolve("", tmp_path / "raw", NOWHERE)
    assert source.is_demo
    assert f"no answer from {NOWHERE}" in source.why_demo
    assert len(set(source.read().tracks.frame["track_id"])) == 5000


def test_a_wrong_download_is_not_used(server: str, tmp_path: Path) -> None:
    source = resolve("", tmp_path / "raw", f"{server}/good")
    assert source.is_demo
    assert "is not the pinned file" in source.why_demo


def test_the_download_address_is_the_public_repositorys() -> None:
    assert TIDYTUESDAY_URL.startswith("https://raw.githubusercontent.com/rfordatascience/tidytuesday/")


def test_the_pinned_hash_is_a_sha256_and_the_public_files_where_that_is_at_hand() -> None:
    at_hand = [REAL_FILE.read_bytes()] if REAL_FILE.exists() else []
    assert len(bytes.fromhex(TIDYTUESDAY_SHA256)) == 32
    assert {hashlib.sha256(content).hexdigest() for content in at_hand} <= {TIDYTUESDAY_SHA256}


def test_demo_data_can_be_asked_for(tmp_path: Path) -> None:
    frame({}).to_csv(tmp_path / "songs.csv", index=False)
    assert resolve(DEMO, tmp_path).is_demo


def test_a_file_in_the_raw_folder_goes_before_the_download(tmp_path: Path) -> None:
    frame({}).to_csv(tmp_path / "songs.csv", index=False)
    (tmp_path / ".download-left-behind.csv").write_text("half a file")
    source = resolve("", tmp_path, NOWHERE)
    assert (source.name, source.is_demo) == ("songs.csv", False)


def test_a_given_file_goes_before_the_raw_folder(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    frame({}).to_csv(tmp_path / "raw" / "songs.csv", index=False)
    frame({}).to_parquet(tmp_path / "mine.parquet")
    assert resolve(str(tmp_path / "mine.parquet"), tmp_path / "raw", NOWHERE).name == "mine.parquet"


def test_a_folder_is_a_tracks_table_and_any_playlists_tables(tmp_path: Path) -> None:
    frame({}).drop(columns="playlist_id").to_csv(tmp_path / "tracks.csv", index=False)
    frame({"playlist_id": "p1"})[["playlist_id", "track_id"]].to_csv(tmp_path / "playlists.csv", index=False)
    frame({"playlist_id": "p2"})[["playlist_id", "track_id"]].to_parquet(tmp_path / "playlists_liked.parquet")
    source = resolve(str(tmp_path), tmp_path)
    assert source.name == "tracks.csv + playlists.csv + playlists_liked.parquet"
    assert [table.frame["playlist_id"].tolist() for table in source.read().playlists] == [["p1"], ["p2"]]


def test_playlists_alone_in_the_raw_folder_do_not_keep_the_tracks_from_being_found_elsewhere(tmp_path: Path) -> None:
    frame({"playlist_id": "p1"})[["playlist_id", "track_id"]].to_csv(tmp_path / "playlists-feedback.csv", index=False)
    assert resolve("", tmp_path, NOWHERE).is_demo


@pytest.mark.parametrize("given", ["", "mine.csv", DEMO])
def test_exported_playlists_are_read_beside_whichever_source(tmp_path: Path, given: str) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    frame({"playlist_id": "liked"})[["playlist_id", "track_id"]].to_csv(raw / "playlists-feedback.csv", index=False)
    frame({}).to_csv(tmp_path / "mine.csv", index=False)
    if not given:
        frame({}).to_csv(raw / "songs.csv", index=False)
    source = resolve(str(tmp_path / given) if given == "mine.csv" else given, raw, NOWHERE)
    assert source.name.endswith(" + playlists-feedback.csv")
    assert [table.frame["playlist_id"].tolist() for table in source.read().playlists] == [["liked"]]


def test_the_hash_of_a_folder_changes_with_any_of_its_files(tmp_path: Path) -> None:
    frame({}).to_csv(tmp_path / "tracks.csv", index=False)
    hashes = [resolve(str(tmp_path), tmp_path).sha256]
    for playlist in ("p1", "p2"):
        rows = frame({"playlist_id": playlist})[["playlist_id", "track_id"]]
        rows.to_csv(tmp_path / "playlists.csv", index=False)
        hashes.append(resolve(str(tmp_path), tmp_path).sha256)
    assert len(set(hashes)) == 3


def test_two_tracks_tables_in_a_folder_are_one_too_many(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        frame({}).to_csv(tmp_path / name, index=False)
    with pytest.raises(UnusableData, match=r"must hold one tracks table .* and has a.csv, b.csv; name one"):
        resolve("", tmp_path, NOWHERE)


@pytest.mark.parametrize(("name", "reason"), [("absent.csv", "does not exist"), ("songs.xlsx", "is not one of .csv")])
def test_a_source_of_no_use_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "songs.xlsx").write_text("")
    with pytest.raises(UnusableData, match=reason):
        resolve(str(tmp_path / name), tmp_path)
