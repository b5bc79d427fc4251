"""What the service asks of MLflow's registry, and what it notes there. The only module that knows MLflow.

Every call blocks, the first one for the seconds that MLflow takes to import, so they belong in a thread.
"""

import logging
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from service import local_store

if TYPE_CHECKING:
    from mlflow import MlflowClient

NAME = "quintet"
ALIAS = "champion"
EXAMPLE_FILE = "serving_input_example.json"
ROLLOUT, REASON, LIVE_AT = "rollout", "rollout_reason", "rollout_live_at"
"""Tags of a version: `live` or `refused` when it was last tried, why it was refused, when it last took traffic."""
MAX_TAG = 2_000
CLIENT_ENVIRONMENT = {
    # Its defaults would hold one look for minutes while the next could already succeed.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
"""For MLflow's client in this process; the model servers keep its defaults."""

log = logging.getLogger(__name__)


class RegistryUnreachable(Exception):
    """MLflow's registry did not answer, or not with what was asked."""


class NoExample(Exception):
    """The version has no logged input example that could be asked."""


class MlflowRegistry:
    """The registered model `quintet` in the store that MLFLOW_TRACKING_URI names."""

    def champion(self) -> str | None:
        """The version that the alias names; None if there is none. Raises RegistryUnreachable."""
        if (store := local_store.store_in_use()) is not None:
            try:
                return local_store.version_at(store, NAME, ALIAS)
            except sqlite3.Error as error:
                log.info("asking MLflow instead", extra={"why": str(error)})
        try:
            return str(_client().get_model_version_by_alias(NAME, ALIAS).version)
        except _failures() as error:
            if getattr(error, "error_code", "") in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise RegistryUnreachable(str(error)) from error

    def last_live(self) -> str | None:
        """The version that took traffic last, whoever served it; None if there is none, or nobody can tell."""
        try:
            versions = _client().search_model_versions(f"name = '{NAME}' and tags.{ROLLOUT} = 'live'")
        except _failures() as error:
            log.warning("registry unreachable", extra={"why": str(error)})
            return None
        latest = max(versions, key=lambda version: version.tags.get(LIVE_AT, ""), default=None)
        return str(latest.version) if latest is not None else None

    def example(self, version: str) -> bytes:
        """The input example that was logged with the version, as /invocations takes it. Raises NoExample."""
        import mlflow

        try:
            with tempfile.TemporaryDirectory() as folder:
                path = mlflow.artifacts.download_artifacts(f"models:/{NAME}/{version}/{EXAMPLE_FILE}", dst_path=folder)
                return Path(path).read_bytes()
        except _failures() as error:
            raise NoExample(f"its logged input example cannot be read: {error}") from error

    def note_live(self, version: str) -> None:
        """Tag the version as the one that takes traffic."""
        self._tag(version, {REASON: "", LIVE_AT: datetime.now(UTC).isoformat(), ROLLOUT: "live"})

    def note_refusal(self, version: str, reason: str) -> None:
        """Tag the version as one that never got traffic, and why."""
        self._tag(version, {REASON: reason[:MAX_TAG], ROLLOUT: "refused"})

    def _tag(self, version: str, tags: dict[str, str]) -> None:
        """A registry that takes no tags (read only, gone) is no reason not to serve."""
        try:
            for name, value in tags.items():
                _client().set_model_version_tag(NAME, version, name, value)
        except _failures() as error:
            log.warning("tags not written", extra={"model_version": version, "why": str(error)})


def _client() -> "MlflowClient":
    from mlflow import MlflowClient

    return MlflowClient()


def _failures() -> tuple[type[Exception], ...]:
    """What MLflow raises when its store does not answer, or not with what was asked."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    return MlflowException, SQLAlchemyError, OSError
