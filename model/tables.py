"""Read the tables that `prepare` wrote, and take fingerprints of what a training run depends on."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from model.schemas import CATALOG, PLAYLISTS, check

PROCESSED = Path("data/processed")


class TableMissing(Exception):
    """A table that an entry point needs is not there."""


@dataclass(frozen=True)
class Tables:
    """The tables of one prepared data set, checked."""

    catalog: pd.DataFrame
    playlists: pd.DataFrame

    def fingerprint(self) -> str:
        """Hash of all cells of both tables; the same for the same data, however the files were written."""
        digest = hashlib.sha256()
        for table in (self.catalog, self.playlists):
            digest.update(",".join(table.columns).encode())
            digest.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
        return digest.hexdigest()[:16]


def read(folder: Path = PROCESSED) -> Tables:
    """The tables in a folder, both of one and the same `prepare`; one that is still at work is waited for.

    Raises TableMissing, also after a `prepare` that was cut short, or TableMismatch where a schema is broken.
    """
    with _settled(folder):
        catalog, playlists = _parquet(folder / "catalog.parquet"), _parquet(folder / "playlists.parquet")
    return Tables(check(catalog, CATALOG), check(playlists, PLAYLISTS))


@contextmanager
def _settled(folder: Path) -> Iterator[None]:
    try:
        lock = (folder / ".lock").open()
    except FileNotFoundError:
        yield  # the tables were not made by `prepare`
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        if not (folder / "report.json").exists():  # `prepare` takes it away first and writes it last
            raise TableMissing(f"there is no whole set of tables in {folder}; make it with `mlflow run . -e prepare`")
        yield


def code_fingerprint(folder: Path) -> str:
    """Hash of all Python files in a folder, by name and content."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _parquet(path: Path) -> pd.DataFrame:
    if not path.exists():
        raise TableMissing(f"there is no table at {path.absolute()}; make it with `mlflow run . -e prepare`")
    return pd.read_parquet(path)
