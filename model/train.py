"""Entry point: tables -> a trained, logged and registered challenger."""

import argparse
import hashlib
import json
import logging
import sys
import tempfile
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import mlflow
from mlflow.entities.model_registry import ModelVersion
from mlflow.models.model import ModelInfo

from model import registry, tables
from model.config import TrainConfig
from model.fit import fit
from model.pyfunc_model import ARTIFACT
from model.ranker import ModelFitError
from model.recommender import Recommender
from model.schemas import TableMismatch

log = logging.getLogger(__name__)

PACKAGE = Path(__file__).parent
CONDA = PACKAGE.parent / "conda.yaml"


def train(data: tables.Tables, config: TrainConfig, *, force: bool = False) -> ModelVersion:
    """Train, log and register a recommender; it becomes the challenger.

    A version with the same tables, code and parameters is not trained again, unless `force`; it becomes the challenger.
    Raises ModelFitError where the tables hold too little to learn from.
    """
    tags = _fingerprints(data, config)
    known = None if force else registry.version_trained_as(tags["training_fingerprint"])
    if known is not None:
        log.info("nothing to train, up to date version=%s", known.version)
        registry.give_alias(registry.CHALLENGER, known.version)
        return known
    with registry.run("train") as active:
        tags["git_commit"] = active.data.tags.get("mlflow.source.git.commit", "unknown")
        _log_params(active, config)
        recommender, figures = fit(data.catalog, data.playlists, config)
        tags |= {name: figure for name, figure in figures.items() if isinstance(figure, str)}
        mlflow.set_tags(tags)
        mlflow.log_metrics(_sizes(data))
        mlflow.log_metrics({name: figure for name, figure in figures.items() if not isinstance(figure, str)})
        info = log_model(recommender, tags)
        version = mlflow.register_model(info.model_uri, registry.NAME, tags=tags)
    registry.give_alias(registry.CHALLENGER, version.version)
    log.info("registered challenger version=%s run=%s", version.version, active.info.run_id)
    return version


def log_model(recommender: Recommender, tags: dict[str, str]) -> ModelInfo:
    """Log the recommender as an MLflow model: from code, without a pickle, with `conda.yaml` as its environment."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, ARTIFACT)
        folder.mkdir()
        recommender.save(folder)
        info: ModelInfo = mlflow.pyfunc.log_model(
            name=registry.NAME,
            python_model=str(PACKAGE / "pyfunc_model.py"),
            code_paths=[str(PACKAGE)],
            conda_env=str(CONDA),
            artifacts={ARTIFACT: str(folder)},
            input_example=[input_example(recommender)],
            metadata=tags,
        )
    return info


def input_example(recommender: Recommender) -> dict[str, Any]:
    """A request that shows what may be asked: the five best-known tracks of the catalog and one wish."""
    best_known = recommender.catalog.sort_values("popularity", ascending=False, kind="stable")["track_id"].head(5)
    return {"seed_track_ids": best_known.tolist(), "k": 10, "target": {"energy": 0.6}}


def _fingerprints(data: tables.Tables, config: TrainConfig) -> dict[str, str]:
    parts = {"data_fingerprint": data.fingerprint(), "code_fingerprint": tables.code_fingerprint(PACKAGE)}
    text = json.dumps([parts, asdict(config), CONDA.read_text()], sort_keys=True)
    return {"training_fingerprint": hashlib.sha256(text.encode()).hexdigest()[:16], **parts}


def _sizes(data: tables.Tables) -> dict[str, float]:
    return {"n_tracks": len(data.catalog), "n_playlists": data.playlists["playlist_id"].nunique()}


def _log_params(active: mlflow.ActiveRun, config: TrainConfig) -> None:
    # `mlflow run` has logged the entry point's parameters already, and a parameter cannot be logged twice.
    mlflow.log_params({name: value for name, value in asdict(config).items() if name not in active.data.params})


def read_arguments(arguments: list[str] | None) -> tuple[argparse.Namespace, TrainConfig]:
    """The command line: an option for each number in TrainConfig, with its default, and those of the run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--processed-dir", type=Path, default=tables.PROCESSED, help="folder with the tables of `prepare`"
    )
    parser.add_argument("--force", choices=["true", "false"], default="false", help="train even if nothing changed")
    numbers = {field.name: field.default for field in fields(TrainConfig) if isinstance(field.default, int | float)}
    for name, default in numbers.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default, help="see config.py")
    options = parser.parse_args(arguments)
    return options, TrainConfig(**{name: getattr(options, name) for name in numbers})


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 0 if there is a challenger afterwards."""
    options, config = read_arguments(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        train(tables.read(options.processed_dir), config, force=options.force == "true")
    except (tables.TableMissing, TableMismatch, ModelFitError) as error:
        log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
