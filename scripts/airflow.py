"""`make airflow`: Airflow with the project's DAGs, for this machine only; Ctrl-C stops it with all that it started."""

import os
import signal
import sys
from pathlib import Path

from scripts.processes import Interrupted, Processes, Service
from scripts.settings import StackSettings
from scripts.up import VAR, Progress, exit_status, only_one, refuse_taken_ports

AIRFLOW = str(Path(".venv-airflow/bin/airflow").absolute())
DAGS = ("collect_tracks", "train_recommender", "recommend_batch", "watch_drift")


def environment(url: str, home: Path) -> dict[str, str]:
    """Airflow's settings: state in var/airflow on SQLite, and loopback only, so that whoever can reach it is admin."""
    folder = home / VAR / "airflow"
    return {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "PYTHONPATH": str(home),  # the DAGs import dags.mlflow_project
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "true",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "false",
        "PYTHONUNBUFFERED": "1",
    }


def services(url: str, port: int) -> list[Service]:
    """Airflow's three servers. There is no triggerer, since no task is deferred, and logs are read from the disk."""
    health = f"{url}/api/v2/monitor/health"
    return [
        Service(
            "api-server",
            [AIRFLOW, "api-server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"],
            health_url=health,
            address=url,
        ),
        Service(
            "dag-processor",
            [AIRFLOW, "dag-processor"],
            health_url=health,
            health_text='"dag_processor":{"status":"healthy"',
            address=", ".join(DAGS),
        ),
        Service(
            "scheduler",
            [AIRFLOW, "scheduler", "--skip-serve-logs"],
            health_url=health,
            health_text='"scheduler":{"status":"healthy"',
            address="runs them when they are due",
        ),
    ]


def run(settings: StackSettings, progress: Progress) -> None:
    """Start Airflow and keep it up until somebody asks for the end. Raises CannotStart, ChildFailed."""
    url = f"http://127.0.0.1:{settings.airflow_port}"
    os.environ.update(environment(url, Path.cwd()))
    with only_one(VAR / "airflow.lock", "airflow"):
        refuse_taken_ports({"AIRFLOW_PORT": settings.airflow_port}, "airflow")
        with Processes(VAR / "log" / "airflow") as processes:
            processes.interrupt_on(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            try:
                processes.run("migrate", [AIRFLOW, "db", "migrate"], lambda: progress.doing("database", ""))
                servers = services(url, settings.airflow_port)
                for server in servers:
                    processes.start(server.name, server.command)
                processes.wait_healthy(
                    servers,
                    settings.startup_timeout_s,
                    lambda server: progress.done(server.name, server.address),
                    lambda waiting: progress.doing("starting", ", ".join(server.name for server in waiting)),
                )
                progress.done("ready", f"after {progress.elapsed_s:.0f} s, no log-in needed; Ctrl-C stops everything")
                processes.watch()
            except Interrupted:
                pass
            progress.done("stopping", "")
            # First whoever runs tasks: a stopped task tells the API server, and is tried again after the next start.
            processes.stop("scheduler")
    progress.done("stopped", "")


if __name__ == "__main__":
    sys.exit(exit_status("airflow", lambda: run(StackSettings(), Progress())))
