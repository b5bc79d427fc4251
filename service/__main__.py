"""Run the model service: `python -m service`."""

import logging
import os
import sys
from collections.abc import Mapping

import uvloop
from aiohttp import web
from pythonjsonlogger.json import JsonFormatter

from service.app import Service
from service.metrics import Metrics
from service.model_server import Command, ModelServer
from service.registry import CLIENT_ENVIRONMENT, NAME, MlflowRegistry
from service.rollout import Registry, Rollout
from service.settings import ServiceSettings
from service.workers import REQUEST_TIMEOUT_S

LAST_REQUESTS_S = 8.0
"""What requests under way get when the service is told to stop. Container engines kill after ten seconds by default."""


def mlflow_models_serve(workers: int) -> Command:
    """MLflow's own server. Its host and port are not used: uvicorn is told to listen on a Unix socket."""
    return lambda version: [
        *(sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", f"models:/{NAME}/{version}"),
        *("--env-manager", "local", "--workers", str(workers), "--timeout", str(REQUEST_TIMEOUT_S)),
    ]


def application(
    settings: ServiceSettings, registry: Registry, command: Command, environment: Mapping[str, str]
) -> web.Application:
    """The service with these settings, on a registry, with what the command starts underneath, in this environment."""
    metrics = Metrics()
    rollout = Rollout(
        registry,
        lambda version: ModelServer(version, command(version), settings.model_workers, environment),
        metrics,
        poll_s=settings.model_poll_s,
        startup_timeout_s=settings.startup_timeout_s,
    )
    return Service(rollout, metrics, settings.model_webhook_secret).app()


def main() -> None:
    """Serve until a signal comes."""
    settings = ServiceSettings()
    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )
    )
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    inherited = dict(os.environ)
    os.environ.update({name: value for name, value in CLIENT_ENVIRONMENT.items() if name not in inherited})
    web.run_app(
        application(settings, MlflowRegistry(), mlflow_models_serve(settings.model_workers), inherited),
        host=settings.model_host,
        port=settings.model_port,
        loop=uvloop.new_event_loop(),
        access_log=None,
        print=None,
        shutdown_timeout=LAST_REQUESTS_S,
    )


if __name__ == "__main__":
    main()
