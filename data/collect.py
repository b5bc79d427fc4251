"""Entry point: the configured source -> data/raw, whole or not at all; says what is new there since the last time.

python -m data.collect --data-source songs.csv
"""

import argparse
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

from dotenv import load_dotenv

from data.download import DownloadFailed, download
from data.locks import STAGING, alone_in
from data.read import UnusableData
from data.sources import DEMO, TIDYTUESDAY_FILE, TIDYTUESDAY_SHA256, TIDYTUESDAY_URL, tables_in

log = logging.getLogger(__name__)

NOTES = ".collected.json"


@dataclass
class Notes:
    """What stood in the folder after the last collection."""

    data_source: str = ""
    brought: list[str] = field(default_factory=list)
    """Copies of the source's files, which a later collection may replace or take away."""
    contents: dict[str, str] = field(default_factory=dict)
    """Table -> sha256."""


def collect(data_source: str, raw_dir: Path, url: str = TIDYTUESDAY_URL) -> list[str]:
    """Bring the source's tables into the folder; returns the names of what came, changed or went since the last time.

    data_source: a file, a folder, "demo", or "": then the public file, unless the folder has a tracks table already.
    Tables that others put there (feedback exports, files of your own) count, but are never touched.
    Raises UnusableData; the folder then stays as it was.
    """
    with alone_in(raw_dir):
        before = _read(raw_dir)
        files = _files(data_source, raw_dir)
        names = [file.name for file in files]
        _refuse_to_overwrite(files, raw_dir, before)
        staging = Path(tempfile.mkdtemp(dir=raw_dir, prefix=STAGING))
        for file in files:
            _copy_whole(file, staging / file.name)
        for name in names:
            (staging / name).replace(raw_dir / name)
        for name in set(before.brought) - set(names):
            (raw_dir / name).unlink(missing_ok=True)
        if not data_source and not tables_in(raw_dir)[0]:
            _download(url, raw_dir)
        now = Notes(data_source, names, _contents(data_source, raw_dir))
        (staging / NOTES).write_text(json.dumps(vars(now), indent=1))
        (staging / NOTES).replace(raw_dir / NOTES)
        staging.rmdir()
    either = sorted(before.contents.keys() | now.contents.keys())
    return [name for name in either if before.contents.get(name) != now.contents.get(name)]


def collected(data_source: str, raw_dir: Path) -> str:
    """The source to prepare from: the folder, if it holds this source's copy, else the source itself."""
    notes = _read(raw_dir)
    return str(raw_dir) if notes.brought and notes.data_source == data_source else data_source


def _read(raw_dir: Path) -> Notes:
    try:
        return Notes(**json.loads((raw_dir / NOTES).read_text()))
    except (OSError, ValueError, TypeError):
        return Notes()  # the first time, or damaged: then all tables count as new, and none as brought


def _files(data_source: str, raw_dir: Path) -> list[Path]:
    """The tables to copy: none for demo data, nor for what stands in the folder already."""
    if data_source in ("", DEMO):
        return []
    path = Path(data_source).expanduser()
    if not path.exists():
        raise UnusableData(f"DATA_SOURCE {data_source!r} does not exist; give a file, a folder, or {DEMO!r}")
    tracks, playlists = tables_in(path) if path.is_dir() else ([path], [])
    return [file for file in (*tracks, *playlists) if file.resolve().parent != raw_dir.resolve()]


def _refuse_to_overwrite(files: list[Path], raw_dir: Path, before: Notes) -> None:
    for file in files:
        there = raw_dir / file.name
        if file.name not in before.brought and there.exists() and _sha256(there) != _sha256(file):
            raise UnusableData(f"{there} was there before and is not {file}; move it away or rename it")


def _copy_whole(file: Path, target: Path) -> None:
    """Raises UnusableData if somebody wrote to the file meanwhile: half of a table is worse than none."""
    try:
        before = file.stat()
        shutil.copy2(file, target)
        after = file.stat()
    except OSError as error:
        raise UnusableData(f"{file} cannot be read ({error.strerror}); check its permissions") from error
    if (before.st_ino, before.st_size, before.st_mtime_ns) != (after.st_ino, after.st_size, after.st_mtime_ns):
        raise UnusableData(f"{file} changed while it was copied; try again when its writer is done")


def _download(url: str, raw_dir: Path) -> None:
    try:
        download(url, raw_dir / TIDYTUESDAY_FILE, TIDYTUESDAY_SHA256)
    except DownloadFailed as failure:
        log.warning("no public file, so demo data will stand in why=%s", failure)


def _contents(data_source: str, raw_dir: Path) -> dict[str, str]:
    tracks, playlists = tables_in(raw_dir)
    made_up = {} if tracks and data_source != DEMO else {DEMO: "generated"}
    return made_up | {table.name: _sha256(table) for table in (*tracks, *playlists)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """The last line on stdout begins with "new data" or is "nothing new"; 1 if the source is of no use."""
    load_dotenv(Path.cwd() / ".env")
    parser = argparse.ArgumentParser(prog="python -m data.collect", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data-source", default="", help='a file, a folder, or "demo"; default: $DATA_SOURCE')
    parser.add_argument("--raw-dir", type=Path, default=Path("data/raw"))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        changed = collect(options.data_source or os.environ.get("DATA_SOURCE", ""), options.raw_dir)
    except UnusableData as error:
        print(f"collect: {error}", file=sys.stderr)
        return 1
    print(f"new data: {', '.join(changed)}" if changed else "nothing new")
    return 0


if __name__ == "__main__":
    sys.exit(main())
