"""The registered model: its aliases, the stages that follow them, and the figures that belong to a version."""

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

NAME = "quintet"
EXPERIMENT = "quintet"
CHALLENGER, CHAMPION = "challenger", "champion"
STAGES = {CHALLENGER: "Staging", CHAMPION: "Production"}
EVALUATION_FILE = "evaluation.json"
UNDER_WAY = "change_under_way"
"""The tag of the registered model that stands while the champion changes."""


@contextmanager
def run(title: str) -> Iterator[mlflow.ActiveRun]:
    """An MLflow run: the one that `mlflow run` opened, else a new one in the experiment `quintet`."""
    if "MLFLOW_RUN_ID" in os.environ:
        with mlflow.start_run() as active:
            yield active
    else:
        with mlflow.start_run(experiment_id=_experiment_id(), run_name=title) as active:
            yield active


def _experiment_id() -> str:
    experiment = mlflow.get_experiment_by_name(EXPERIMENT)
    if experiment is not None:
        return experiment.experiment_id
    local = mlflow.get_tracking_uri().startswith("sqlite:")
    return mlflow.create_experiment(EXPERIMENT, Path("mlartifacts").absolute().as_uri() if local else None)


def version_at(alias: str) -> ModelVersion | None:
    """The version that holds the alias, with its tags; None if there is no such version."""
    try:
        return MlflowClient().get_model_version_by_alias(NAME, alias)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise


def version_trained_as(fingerprint: str) -> ModelVersion | None:
    """The newest version with this training fingerprint, or None."""
    found = MlflowClient().search_model_versions(
        f"name = '{NAME}' and tags.training_fingerprint = '{fingerprint}'", order_by=["version_number DESC"]
    )
    return found[0] if found else None


def give_alias(alias: str, version: str) -> None:
    """Move the alias to the version, then the stage after it. Repeating it changes nothing."""
    client = MlflowClient()
    client.set_registered_model_alias(NAME, alias, version)
    champion = version_at(CHAMPION)
    if alias == CHALLENGER and champion is not None and str(champion.version) == str(version):
        return  # the champion stays in Production, whatever else it is called
    if client.get_model_version(NAME, version).current_stage != STAGES[alias]:
        with warnings.catch_warnings():
            # Stages are deprecated in MLflow but they are what `models:/quintet/Production` resolves.
            warnings.simplefilter("ignore", FutureWarning)
            client.transition_model_version_stage(NAME, version, STAGES[alias], archive_existing_versions=True)


def crown(version: str, line: str) -> None:
    """Make the version champion (alias, then stage) and add the line to the audit log.

    The registry may die after any step: until the alias has moved, in one step, the old champion stays, and from then
    on `finish` completes what is left.
    """
    change = {"at": now(), "version": str(version), "line": line}
    MlflowClient().set_registered_model_tag(NAME, UNDER_WAY, json.dumps(change))
    _complete(change)


def finish() -> str | None:
    """Complete a change of champion that was cut short after the alias moved, and return its line; else None.

    One that was cut short before has changed nothing, and is forgotten.
    """
    champion = version_at(CHAMPION)
    if champion is None or (note := MlflowClient().get_registered_model(NAME).tags.get(UNDER_WAY)) is None:
        return None
    change: dict[str, str] = json.loads(note)
    if str(champion.version) != change["version"]:
        MlflowClient().delete_registered_model_tag(NAME, UNDER_WAY)
        return None
    _complete(change)
    return change["line"]


def _complete(change: dict[str, str]) -> None:
    client = MlflowClient()
    give_alias(CHAMPION, change["version"])
    client.set_registered_model_tag(NAME, f"audit.{change['at']}", change["line"])
    client.delete_registered_model_tag(NAME, UNDER_WAY)


def write_evaluation(version: ModelVersion, evaluation: dict[str, Any]) -> None:
    """Store an evaluation's figures beside the version, where `read_evaluation` and the gate find them."""
    MlflowClient().log_dict(str(version.run_id), evaluation, EVALUATION_FILE)
    MlflowClient().set_model_version_tag(NAME, version.version, "evaluated_at", now())


def read_evaluation(version: ModelVersion) -> dict[str, Any] | None:
    """The figures that `write_evaluation` stored; None if the version was never evaluated."""
    if "evaluated_at" not in version.tags:
        return None
    path = mlflow.artifacts.download_artifacts(run_id=version.run_id, artifact_path=EVALUATION_FILE)
    figures: dict[str, Any] = json.loads(Path(path).read_text())
    return figures


def now() -> str:
    """This moment, UTC, to the microsecond, as text that sorts."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
