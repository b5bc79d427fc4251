"""A `prepare` run under `mlflow run`, recorded: parameters, counts, the report."""

import os
from pathlib import Path

from data.report import Report


def log_to_mlflow(report: Report, report_file: Path) -> None:
    """Log to the run that `mlflow run` opened; outside of one do nothing (importing mlflow takes seconds)."""
    if "MLFLOW_RUN_ID" not in os.environ:
        return
    import mlflow

    with mlflow.start_run():
        mlflow.log_params({name: report[name] for name in ("source_sha256", "fingerprint", "is_demo")})
        mlflow.set_tag("source", report["source"])
        mlflow.log_metrics({name: float(n) for name, n in report["counts"].items()})
        for table in ("catalog", "playlists"):
            books = report[table]
            mlflow.log_metric(f"{table}_rows_dropped", float(sum(books["dropped"].values())))
        mlflow.log_artifact(str(report_file))
