"""The registered model on Apache Spark: requests are dealt out to its workers, each of which loads the model once."""

import os
import sys
from typing import Any

import mlflow
import pandas as pd

from model.contract import Request

_NUMBERS = "map<string,double>"
_REQUEST = {
    "seed_track_ids": "array<string>",
    "k": "int",
    "seed_features": f"map<string,{_NUMBERS}>",
    "negative_track_ids": "array<string>",
    "exclude_track_ids": "array<string>",
    "exclude_artists": "array<string>",
    "min": _NUMBERS,
    "max": _NUMBERS,
    "target": _NUMBERS,
    "allow_explicit": "boolean",
    "max_per_artist": "int",
    "popularity": "double",
    "diversity": "double",
    "temperature": "double",
    "random_seed": "bigint",
    "explain": "boolean",
}
"""Every field of `contract.Request` as a Spark type."""

_ANSWER = (
    "tracks array<struct<track_id:string,score:double>>, seeds array<struct<status:string>>, message string, "
    "model struct<version:string>"
)
"""Those parts of `contract.Answer` that the table of answers is made of."""

_SLICES_A_CORE = 4  # so that no core waits long for the slowest


def recommend(requests: list[Request], model: str, master: str) -> pd.DataFrame:
    """The table of answers (as `recommend_batch.to_table`), in the order of the requests.

    model: address of a model.  master: of a Spark cluster, or `local[*]`.  Python and the model's libraries must be
    installed on the workers, and the model's address must lead somewhere from the driver, which hands out the files.
    """
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import struct

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else a local worker takes the first `python3` of PATH
    spark = SparkSession.builder.master(master).appName("quintet").config(map=_settings()).getOrCreate()
    try:
        answer = mlflow.pyfunc.spark_udf(spark, model, result_type=_ANSWER, env_manager="local")
        columns = ", ".join(f"{name} {kind}" for name, kind in _REQUEST.items())
        rows = [(number, *request.model_dump().values()) for number, request in enumerate(requests)]
        slices = max(1, min(len(rows), _SLICES_A_CORE * spark.sparkContext.defaultParallelism))
        asked = spark.createDataFrame(spark.sparkContext.parallelize(rows, slices), f"number bigint, {columns}")
        answered = (
            asked.select("number", answer(struct(*_REQUEST)).alias("answer")).select("number", "answer.*").collect()
        )
    finally:
        spark.stop()
    return _table([row.asDict(recursive=True) for row in sorted(answered, key=lambda row: row["number"])])


def _settings() -> dict[str, str]:
    # A worker's request rows are few and its model large: Arrow's default batch of 10,000 would put all in one.
    return {"spark.sql.execution.arrow.maxRecordsPerBatch": "256", "spark.ui.enabled": "false"}


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "track_ids": [[track["track_id"] for track in row["tracks"]] for row in rows],
            "scores": [[track["score"] for track in row["tracks"]] for row in rows],
            "seed_statuses": [[seed["status"] for seed in row["seeds"]] for row in rows],
            "message": pd.array([_text(row["message"]) for row in rows], dtype="string"),
            "model_version": [row["model"]["version"] for row in rows],
        }
    )


def _text(spelt: str | None) -> str | None:
    # MLflow spells out what is missing where another row of the batch has a text. Messages are sentences.
    return None if spelt in ("nan", "None") else spelt
