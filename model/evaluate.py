"""Entry point: measure challenger, champion and every baseline on the test playlists, in one run, on the same queries.

Only this module opens the test playlists. What a recommender may know here are the training and validation playlists;
its boosters saw the training playlists alone, and stopped by the validation playlists.
"""

import argparse
import json
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
from mlflow.entities.model_registry import ModelVersion

from model import registry, tables
from model.boosters import Learned
from model.experiment import Measurement, measure
from model.pyfunc_model import ARTIFACT
from model.ranker import ArtefactMismatch, ModelFitError
from model.report import figures_of, markdown, plot
from model.schemas import TableMismatch

log = logging.getLogger(__name__)

REPORT = Path("reports/evaluation.json")


@dataclass(frozen=True)
class Contender:
    """A registered version and what was loaded of it."""

    version: ModelVersion
    learned: Learned | None
    why_not: str = ""
    """Why it cannot be measured on today's tables."""


def evaluate(data: tables.Tables, report: Path) -> dict[str, Any]:
    """Measure, report, and store the figures beside the challenger's version, where the gate reads them."""
    challenger = _contender(registry.CHALLENGER)
    if challenger is None or challenger.learned is None:
        reason = challenger.why_not if challenger else "there is no challenger"
        raise NothingToEvaluate(f"{reason}; make one with `mlflow run . -e train`")
    if challenger.version.tags.get("data_fingerprint") != data.fingerprint():
        raise NothingToEvaluate("the challenger was trained on other tables; run `mlflow run . -e train` first")
    champion = _contender(registry.CHAMPION)
    with registry.run("evaluate") as active:
        contenders = {"challenger": challenger.learned}
        if champion is not None and champion.learned is not None:
            contenders["champion"] = champion.learned
        measured = measure(data, contenders)
        figures = _figures(measured, challenger, champion)
        figures["run_id"] = active.info.run_id
        _publish(figures, report)
        registry.write_evaluation(challenger.version, figures)
    return figures


class NothingToEvaluate(Exception):
    """There is no challenger that could be measured on these tables."""


def _contender(alias: str) -> Contender | None:
    version = registry.version_at(alias)
    if version is None:
        return None
    folder = Path(mlflow.artifacts.download_artifacts(f"models:/{registry.NAME}/{version.version}"))
    try:
        return Contender(version, Learned.load(folder / "artifacts" / ARTIFACT))
    except (ArtefactMismatch, FileNotFoundError) as error:
        return Contender(version, None, f"version {version.version} cannot be loaded by this code: {error}")


def _figures(measured: Measurement, challenger: Contender, champion: Contender | None) -> dict[str, Any]:
    figures = figures_of(measured)
    figures["challenger"] = {"version": str(challenger.version.version)}
    figures["champion"] = None
    if champion is not None:
        comparable = champion.learned is not None
        figures["champion"] = {
            "version": str(champion.version.version),
            "comparable": comparable,
            "why_not": champion.why_not,
        }
    return figures


def _publish(figures: dict[str, Any], report: Path) -> None:
    text = markdown(figures)
    print(text)
    report.parent.mkdir(parents=True, exist_ok=True)
    partial = report.with_suffix(".partial")
    partial.write_text(json.dumps(figures, indent=1))
    partial.replace(report)
    mlflow.log_dict(figures, "evaluation.json")
    mlflow.log_text(text, "evaluation.md")
    mlflow.log_figure(plot(figures), "evaluation.png")
    flat = {
        f"{regime}_{row}_{metric}".replace("@", "_at_"): value
        for regime in ("warm", "cold")
        for row, values in figures[regime].items()
        for metric, value in values.items()
        if isinstance(value, float)
    }
    mlflow.log_metrics(flat)


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 0 if the challenger was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--processed-dir", type=Path, default=tables.PROCESSED, help="folder with the tables of `prepare`"
    )
    parser.add_argument("--report", type=Path, default=REPORT, help="where the figures go as JSON")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        evaluate(tables.read(options.processed_dir), options.report)
    except (tables.TableMissing, TableMismatch, NothingToEvaluate, ModelFitError) as error:
        log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
