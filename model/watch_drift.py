"""Entry point: what listeners picked, against what the model learned from; a verdict, and figures in MLflow."""

import argparse
import logging
import sys
from dataclasses import asdict
from pathlib import Path

import mlflow
import pandas as pd

from model import registry, tables
from model.drift import MIN_PICKS, Drift, drift
from model.schemas import TableMismatch

log = logging.getLogger(__name__)


def verdict(found: Drift, threshold: float) -> str:
    """One sentence, which begins with "retraining wanted:" where at least this share (0-1) of the features drifted."""
    if not found.features:
        return f"too few picks to tell: {found.n_picks} of at least {MIN_PICKS}"
    drifted = ", ".join(f"{feature.name} {feature.index:.2f}" for feature in found.features if feature.drifted)
    wanted = bool(drifted) and found.drifted_share >= threshold
    share = f"{found.drifted_share:.0%} of the features drifted, of {found.n_picks} picks"
    return f"{'retraining wanted' if wanted else 'no drift to speak of'}: {share}{f' ({drifted})' if drifted else ''}"


def record(found: Drift, sentence: str) -> None:
    """The figures, the whole table and the verdict, on an MLflow run."""
    with registry.run("watch_drift"):
        mlflow.log_metrics(
            {
                "n_picks": found.n_picks,
                "unknown_share": found.unknown_share,
                "drifted_share": found.drifted_share,
                **{f"stability_index_{feature.name}": feature.index for feature in found.features},
            }
        )
        mlflow.log_dict(asdict(found), "drift.json")
        mlflow.set_tag("verdict", sentence)


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; drift is an outcome and no failure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picks", type=Path, required=True, help="CSV of track_id and n, from gateway.export_picks")
    parser.add_argument(
        "--processed-dir", type=Path, default=tables.PROCESSED, help="folder with the tables of `prepare`"
    )
    parser.add_argument(
        "--threshold", type=float, default=0.3, help="share of drifted features that calls for training"
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        data = tables.read(options.processed_dir)
    except (tables.TableMissing, TableMismatch) as error:
        log.error("%s", error)
        return 1
    found = drift(pd.read_csv(options.picks, dtype={"track_id": str}), data.catalog, data.playlists)
    sentence = verdict(found, options.threshold)
    record(found, sentence)
    print(sentence)
    return 0


if __name__ == "__main__":
    sys.exit(main())
