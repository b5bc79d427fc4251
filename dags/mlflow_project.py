"""How DAGs run MLproject's entry points in the project's own environment, and the assets that tie them together."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from airflow.sdk import Asset, BaseOperator, Context, task
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

HOME = Path(os.environ.get("QUINTET_HOME") or Path(__file__).resolve().parents[1])
"""The folder of MLproject; the entry points work in it."""
BIN = Path(os.environ.get("QUINTET_BIN") or HOME / ".venv" / "bin")
"""The programs of the environment that the entry points run in, `mlflow` and `python` among them."""

RAW_DATA = Asset("quintet_raw_data")
"""The tables in data/raw changed."""
RETRAINING = Asset("quintet_retraining")
"""What listeners do has moved away from what the model learned from."""
CHAMPION = Asset("quintet_champion")
"""Another version answers now."""

SETTINGS: dict[str, Any] = {
    "catchup": False,
    "max_active_runs": 1,
    "is_paused_upon_creation": False,
    "dagrun_timeout": timedelta(hours=12),
    "default_args": {
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_exponential_backoff": True,
        "max_retry_delay": timedelta(minutes=15),
        "execution_timeout": timedelta(minutes=30),
    },
}
"""What all DAGs have in common. One run at a time: a second one waits, so that no two write the same files."""


class EntryPoint(BaseOperator):
    """Runs `mlflow run` on one entry point; its last line on stdout is the task's XCom.

    Every entry point can be run again after any failure, and does only what is left to do; so can this task.
    """

    template_fields: Sequence[str] = ("parameters",)
    ui_color = "#dbeafe"

    def __init__(self, *, entry_point: str, parameters: Mapping[str, object] | None = None, **kwargs: Any) -> None:
        """parameters: the entry point's; those that are None keep their default in MLproject."""
        super().__init__(**kwargs)
        self.entry_point = entry_point
        self.parameters = parameters or {}

    def execute(self, context: Context) -> str:
        """The entry point's last line. Raises AirflowException if it fails; nothing that it started is left behind."""
        command = [str(BIN / "mlflow"), "run", ".", "-e", self.entry_point, "--env-manager", "local"]
        command += ["--experiment-name", "quintet"]
        for name, value in self.parameters.items():
            if value is not None:
                command += ["-P", f"{name}={value}"]
        self.log.info("in %s: %s", HOME, command)
        self._process = subprocess.Popen(
            command,
            cwd=HOME,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            return self._outcome(self._process)
        finally:
            self._signal_group(signal.SIGKILL)

    def on_kill(self) -> None:
        """Stop the entry point when Airflow stops the task (time-out, marked as failed, shutdown)."""
        self._signal_group(signal.SIGTERM)

    def _outcome(self, process: subprocess.Popen[bytes]) -> str:
        # MLflow and logging write to stderr, so that stdout belongs to the entry point.
        noise = Thread(target=self._log_lines, args=(process.stderr,), daemon=True)
        noise.start()
        last = self._log_lines(process.stdout)
        noise.join()
        if status := process.wait():
            raise AirflowException(f"{self.entry_point} ended with status {status}; the lines above say why")
        return last

    def _log_lines(self, stream: Any) -> str:
        last = ""
        for raw in stream:
            line = raw.decode(errors="replace").strip().rsplit("\r", 1)[-1]  # of a progress bar only its last state
            if line:
                self.log.info("%s", line)
                last = line
        return last

    def _signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except (AttributeError, ProcessLookupError):
            pass  # not started, or gone already


def environment() -> dict[str, str]:
    """What an entry point inherits: this process's variables, its own programs first, the checkout's MLflow store."""
    given = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return {
        "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db",
        "MLFLOW_UV_AUTO_DETECT": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PYTHONUNBUFFERED": "1",
        "TQDM_MININTERVAL": "10",  # seconds; each state of a progress bar is a line in the task's log
        **given,
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }


def emits(asset: Asset, *, task_id: str, when: str) -> Any:
    """A task that takes an entry point's last line: it updates the asset if the line begins so, else it is skipped.

    A skipped task is no failure: the run ends green, and this task's log and the XCom before it say why.
    """

    @task(task_id=task_id, outlets=[asset])
    def decide(outcome: str) -> str:
        if not outcome.startswith(when):
            raise AirflowSkipException(outcome)
        return outcome

    return decide
