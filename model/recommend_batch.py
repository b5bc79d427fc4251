"""Entry point: a table of requests -> a table of answers, by the champion."""

import argparse
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from pydantic import ValidationError
from tqdm import tqdm

from model import registry, spark
from model.contract import Answer, Request

log = logging.getLogger(__name__)

BATCH = 256  # requests between two steps of the progress bar


class UnusableRequests(Exception):
    """The table of requests cannot be read; the message says where and why."""


def read_requests(path: Path) -> list[Request]:
    """Requests from a Parquet or CSV file: a column for each field of `contract.Request` that is used, a row a request.

    In CSV, lists and dictionaries are JSON; a list of ids may also be separated by blanks. An empty cell is "no wish".
    Raises UnusableRequests.
    """
    if not path.exists():
        raise UnusableRequests(f"there is no file {path.absolute()}")
    text = path.suffix.lower() == ".csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False) if text else pd.read_parquet(path)
    known = [column for column in frame.columns if column in Request.model_fields]
    if "seed_track_ids" not in known:
        raise UnusableRequests(f"{path} has no column seed_track_ids, but {', '.join(frame.columns)}")
    requests = []
    for number, row in enumerate(frame[known].to_dict(orient="records"), start=1):
        try:
            fields = {str(name): _cell(str(name), value) for name, value in row.items() if not _is_empty(value)}
            requests.append(Request.model_validate({"seed_track_ids": [], **fields}))
        except (ValidationError, ValueError) as error:
            raise UnusableRequests(f"{path}, request {number}: {str(error).splitlines()[0]}; {row}") from error
    return requests


def recommend(requests: list[Request], model: str) -> pd.DataFrame:
    """The table of answers to the requests, by the model at this address, in this process."""
    loaded = mlflow.pyfunc.load_model(model)
    answers: list[Answer] = []
    for start in tqdm(range(0, len(requests), BATCH), desc="recommend", unit="batch"):
        answers += loaded.predict(requests[start : start + BATCH])
    return to_table(answers)


def to_table(answers: list[Answer]) -> pd.DataFrame:
    """One row an answer, in the order of the requests, best track first in each list."""
    return pd.DataFrame(
        {
            "track_ids": [[track.track_id for track in answer.tracks] for answer in answers],
            "scores": [[track.score for track in answer.tracks] for answer in answers],
            "seed_statuses": [[seed.status for seed in answer.seeds] for answer in answers],
            "message": pd.array([answer.message for answer in answers], dtype="string"),
            "model_version": [answer.model.version for answer in answers],
        }
    )


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value) or (isinstance(value, float) and value != value)


def _cell(name: str, value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {key: entry for key, entry in value.items() if entry is not None}  # Parquet gives every row all keys
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith(("[", "{")):
        return json.loads(value)
    return value.split() if name.endswith("_ids") else [value] if name == "exclude_artists" else value


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=Path, required=True, help="Parquet or CSV, a row a request")
    parser.add_argument("--output", type=Path, required=True, help="Parquet, a row an answer, in the same order")
    parser.add_argument("--model", default=f"models:/{registry.NAME}@{registry.CHAMPION}", help="address of the model")
    parser.add_argument(
        "--master", default="", help="of an Apache Spark cluster, or local[*]; empty: in this process, without Spark"
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        requests = read_requests(options.requests)
    except UnusableRequests as error:
        log.error("%s", error)
        return 1
    if options.master:
        table = spark.recommend(requests, options.model, options.master)
    else:
        table = recommend(requests, options.model)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    fresh = options.output.with_name(options.output.name + ".new")
    table.to_parquet(fresh, index=False)
    os.replace(fresh, options.output)
    empty = int((table["track_ids"].map(len) == 0).sum())
    log.info("wrote answers n=%d empty=%d file=%s", len(table), empty, options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
