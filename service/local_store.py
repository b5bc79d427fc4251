"""A look into MLflow's own SQLite store without MLflow, whose import takes seconds that a start does not have."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

QUERY = "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?"


def version_at(store: Path, name: str, alias: str) -> str | None:
    """The version of the registered model that the alias names; None if there is none, or no store yet.

    Raises sqlite3.Error if this is no store, or one of another layout.
    """
    if not store.exists():
        return None
    with closing(sqlite3.connect(f"{store.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        row = connection.execute(QUERY, (name, alias)).fetchone()
    return str(row[0]) if row else None


def store_in_use() -> Path | None:
    """The SQLite file that the environment points MLflow's registry at; None if it is something else."""
    uri = os.environ.get("MLFLOW_REGISTRY_URI") or os.environ.get("MLFLOW_TRACKING_URI") or ""
    return Path(uri.removeprefix("sqlite:///")) if uri.startswith("sqlite:///") else None
