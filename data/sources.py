"""Where rows come from: a file or folder, data/raw, the pinned public file, or the demo generator."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from data import demo
from data.download import DownloadFailed, download
from data.read import TABLE_SUFFIXES, RawTable, RawTables, UnusableData, read_playlists, read_tracks, tracks_of

log = logging.getLogger(__name__)

TIDYTUESDAY_URL = (
    "https://raw.githubusercontent.com/rfordatascience/tidytuesday/main/data/2020/2020-01-21/spotify_songs.csv"
)
TIDYTUESDAY_SHA256 = "9902920cfe4940f0914ebb6716801a42f7f19ac88fbd6693eaae7e2822b16845"
TIDYTUESDAY_FILE = "spotify_songs.csv"

PLAYLISTS = "playlists"
"""Files whose names begin so hold playlists, and are read beside the one tracks table of their folder."""
DEMO = "demo"
"""The DATA_SOURCE that asks for demo data by name."""

DEMO_NOTICE = """\
################################################################################
##                                                                            ##
##   DEMO DATA: fictional tracks, artists and playlists, made by a generator. ##
##   Nothing here is a real song. For real music set DATA_SOURCE to a file,   ##
##   or put one into data/raw/ (see data/README.md).                          ##
##                                                                            ##
################################################################################"""


@dataclass(frozen=True)
class Source:
    """Rows that can be read, and what identifies them."""

    name: str
    """For people: a file or folder name, or "demo"."""
    is_demo: bool
    sha256: str
    """Of the bytes; for demo data of the generator's parameters."""
    read: Callable[[], RawTables] = field(repr=False)
    """Reads the rows; raises UnusableData."""
    why_demo: str = ""
    """What failed before demo data was chosen."""


def resolve(data_source: str, raw_dir: Path, url: str = TIDYTUESDAY_URL) -> Source:
    """The source to use: `data_source` if given, else data/raw, else the download, else demo data.

    data_source: a CSV, TSV or Parquet file; a folder of one tracks table and any playlists* tables; "demo"; or "".
    Playlists* tables in data/raw (feedback exports among them) are read beside whichever source it is.
    Raises UnusableData if a given source does not exist or is ambiguous.
    """
    _, exported = tables_in(raw_dir)
    if data_source == DEMO:
        return _demo("it was asked for", exported)
    if data_source:
        path = Path(data_source).expanduser()
        if not path.exists():
            raise UnusableData(f"DATA_SOURCE {data_source!r} does not exist; give a file, a folder, or {DEMO!r}")
        return _folder(path, exported) if path.is_dir() else _files(path, exported)
    if not tables_in(raw_dir)[0]:
        try:
            download(url, raw_dir / TIDYTUESDAY_FILE, TIDYTUESDAY_SHA256)
        except DownloadFailed as failure:
            return _demo(str(failure), exported)
    return _folder(raw_dir, exported)


def tables_in(folder: Path) -> tuple[list[Path], list[Path]]:
    """The tracks tables and the playlists tables of a folder, by name; none if there is no such folder."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    tables = [file for file in files if file.suffix in TABLE_SUFFIXES and not file.name.startswith(".")]
    playlists = [table for table in tables if table.name.startswith(PLAYLISTS)]
    return [table for table in tables if table not in playlists], playlists


def _folder(folder: Path, exported: list[Path]) -> Source:
    tracks, playlists = tables_in(folder)
    if len(tracks) != 1:
        found = ", ".join(table.name for table in tracks) or "none"
        raise UnusableData(
            f"{folder} must hold one tracks table ({', '.join(TABLE_SUFFIXES)}) beside any playlists* tables, "
            f"and has {found}; name one file with DATA_SOURCE or move the others away"
        )
    here = {table.name for table in playlists}  # a table of the same name in data/raw is the copy that `collect` made
    return _files(tracks[0], [*playlists, *(table for table in exported if table.name not in here)])


def _files(tracks: Path, playlists: list[Path]) -> Source:
    if tracks.suffix not in TABLE_SUFFIXES:
        raise UnusableData(f"{tracks} is not one of {', '.join(TABLE_SUFFIXES)}; convert it or give another file")
    sha256 = _sha256([tracks, *playlists])
    return Source(_named(tracks.name, playlists), False, sha256, lambda: _rows(read_tracks(tracks), playlists))


def _demo(why: str, playlists: list[Path]) -> Source:
    parameters = f"demo {demo.N_TRACKS} {demo.N_PLAYLISTS} {demo.SEED}"
    sha256 = hashlib.sha256(f"{parameters} {_sha256(playlists)}".encode()).hexdigest()
    name = _named(DEMO, playlists)
    return Source(name, True, sha256, lambda: _rows(tracks_of(demo.generate()), playlists), why)


def _rows(tracks: RawTable, playlists: list[Path]) -> RawTables:
    return RawTables(tracks, [read_playlists(path) for path in playlists])


def _named(name: str, playlists: list[Path]) -> str:
    return name + "".join(f" + {table.name}" for table in playlists)


def _sha256(paths: list[Path]) -> str:
    """Of a file's bytes; of several files, of their hashes."""
    hashes = []
    for path in paths:
        try:
            with path.open("rb") as file:
                hashes.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise UnusableData(f"{path} cannot be read ({error.strerror}); check its permissions") from error
    return hashes[0] if len(hashes) == 1 else hashlib.sha256(" ".join(hashes).encode()).hexdigest()
