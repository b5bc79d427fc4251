"""What the last `make up` prepared and trained from, so that the next one knows in milliseconds whether to do it again.

`prepare` and `train` skip by themselves what is up to date, but each `mlflow run` costs some ten seconds to find out.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from service.local_store import version_at

RECEIPT = Path("var/up.json")
STORE = Path("mlflow.db")
RAW, PROCESSED = Path("data/raw"), Path("data/processed")


def stale(part: str, state: str) -> bool:
    """Whether the part ("data", "model") was last made in another state than this, or never."""
    return _receipt().get(part) != state


def record(part: str, state: str) -> None:
    """Note that the part is made, in this state."""
    RECEIPT.parent.mkdir(parents=True, exist_ok=True)
    fresh = RECEIPT.with_suffix(".new")
    fresh.write_text(json.dumps({**_receipt(), part: state}))
    fresh.replace(RECEIPT)


def data_state(data_source: str | None) -> str:
    """Changes with the setting, the source's files, the code that prepares them, and the tables that are there."""
    sources = _files(Path(data_source).expanduser()) if data_source else _files(RAW)
    code = [*_code("data"), *_contents([Path("model/schemas.py")])]
    return _hash([f"source {data_source}", *_stats(sources), *code, *_stats(_files(PROCESSED))])


def model_state() -> str:
    """Changes with the tables, the code and the libraries that a model is made of, and when there is no champion."""
    report = _contents([PROCESSED / "report.json"])
    code = [*_code("model"), *_contents([Path("conda.yaml"), Path("MLproject"), Path("locks/dev.txt")])]
    return _hash([*report, *code, f"champion {has_champion()}"])


def has_champion() -> bool:
    """Whether the registry has a model to serve."""
    try:
        return version_at(STORE, "quintet", "champion") is not None
    except sqlite3.Error:
        return False  # a store of another layout: `train` will know


def _receipt() -> dict[str, str]:
    try:
        receipt = json.loads(RECEIPT.read_text())
    except (OSError, ValueError):
        return {}
    return receipt if isinstance(receipt, dict) else {}


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def _stats(files: Iterable[Path]) -> list[str]:
    return [f"{file.absolute()} {_stat(file)}" for file in files]


def _stat(file: Path) -> str:
    try:
        stat = os.stat(file)
    except OSError:
        return "missing"
    return f"{stat.st_size} {stat.st_mtime_ns}"


def _code(room: str) -> list[str]:
    return _contents(sorted(Path(room).rglob("*.py")))


def _contents(files: Iterable[Path]) -> list[str]:
    return [f"{file} {hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else 'missing'}" for file in files]


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
