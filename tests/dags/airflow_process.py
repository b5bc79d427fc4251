"""Airflow in its own environment, as a subprocess: the tests run in .venv, which has no airflow."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / ".venv-airflow" / "bin"


@dataclass(frozen=True)
class Airflow:
    """A checkout, and an Airflow of its own for it."""

    checkout: Path
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        """more: further variables, such as the settings of the project."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "AIRFLOW_"))}
        return kept | {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.checkout / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "PYTHONPATH": str(self.checkout),
            "QUINTET_BIN": str(Path(sys.executable).parent),
            **more,
        }

    def start(self, program: str, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        """A program of this folder, under way, in Airflow's environment."""
        command = [str(PROGRAMS / "python"), str(Path(__file__).with_name(program)), *arguments]
        environment = self.environment(**more)
        with (self.home / f"{program}.txt").open("w") as output:
            return subprocess.Popen(
                command, cwd=self.checkout, env=environment, stdout=output, stderr=subprocess.STDOUT, text=True
            )

    def result(self, process: "subprocess.Popen[str]", program: str, timeout_s: float = 1000) -> Any:
        """What it printed last, read as JSON."""
        status = process.wait(timeout_s)
        said = (self.home / f"{program}.txt").read_text()
        assert status == 0, said
        return json.loads(said.splitlines()[-1])

    def run(self, program: str, *arguments: str, **more: str) -> Any:
        """`start`, then `result`."""
        return self.result(self.start(program, *arguments, **more), program)

    def migrate(self) -> None:
        """Make Airflow's database."""
        command = [str(PROGRAMS / "airflow"), "db", "migrate"]
        subprocess.run(command, env=self.environment(), cwd=self.checkout, check=True, capture_output=True)
