"""The four servers: what starts each, and what tells that it can do its work."""

import sys
from pathlib import Path

from scripts.processes import Service
from scripts.settings import StackSettings

LOCAL_STORE = "sqlite:///mlflow.db"
ENVIRONMENT = {
    # Whatever else this machine's shell points MLflow at, this stack keeps to its own store.
    "MLFLOW_TRACKING_URI": LOCAL_STORE,
    "MLFLOW_REGISTRY_URI": LOCAL_STORE,
    "MLFLOW_UV_AUTO_DETECT": "false",
    # Without this MLflow's server starts job processes that take two more gigabytes.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "UVICORN_LOG_LEVEL": "warning",
    "PYTHONUNBUFFERED": "1",
    "TQDM_MININTERVAL": "1",  # seconds; progress goes to log files
}


def services(settings: StackSettings) -> list[Service]:
    """The four servers; each on the local store and the processed tables, so that none has to wait for another."""
    local = "http://127.0.0.1"
    artefacts = Path("mlartifacts").absolute().as_uri()
    gateway = settings.gateway_url
    return [
        Service(
            "model",
            _python("service"),
            health_url=f"{local}:{settings.model_port}/ping",
            address=f"{local}:{settings.model_port}/invocations",
        ),
        Service(
            "mlflow",
            _python(
                f"mlflow server --backend-store-uri {LOCAL_STORE} --default-artifact-root {artefacts}"
                f" --no-serve-artifacts --port {settings.mlflow_port} --workers 1"
            ),
            health_url=f"{local}:{settings.mlflow_port}/health",
            address=f"{local}:{settings.mlflow_port}",
        ),
        Service("gateway", _python("gateway"), health_url=f"{gateway}/ready", address=f"{gateway}/docs"),
        Service(
            "page",
            _python(
                "streamlit run frontend/app.py --server.headless true --browser.gatherUsageStats false"
                f" --server.address 127.0.0.1 --server.port {settings.page_port}"
            ),
            health_url=f"{local}:{settings.page_port}/_stcore/health",
            address=f"{local}:{settings.page_port}",
            env={"GATEWAY_URL": gateway},
        ),
    ]


def _python(module_and_arguments: str) -> list[str]:
    return [sys.executable, "-m", *module_and_arguments.split()]
