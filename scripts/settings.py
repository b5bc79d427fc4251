"""The settings of `make up` and `make airflow`: which data, which ports."""

import os
from typing import Annotated

from dotenv import dotenv_values
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Port = Annotated[int, Field(ge=1, le=65535)]


class StackSettings(BaseSettings):
    """Every field is an environment variable of the same name in capitals. All are optional."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    data_source: str | None = None
    """A CSV or Parquet file; without it a file in data/raw/, else the public file, else the demo data."""
    mlflow_port: Port = 5000
    """Port of MLflow's server."""
    model_port: Port = 8001
    """Port of the model server."""
    gateway_host: str = "127.0.0.1"
    """The address that the gateway listens on; MLflow's server and the page listen on 127.0.0.1 only."""
    gateway_port: Port = 8000
    """Port of the gateway."""
    page_port: Port = 8501
    """Port of the page."""
    airflow_port: Port = 8080
    """Port of Airflow's page and API, which `make airflow` starts."""
    startup_timeout_s: Annotated[float, Field(gt=0)] = 180.0
    """Seconds that the servers may take to become healthy."""

    @property
    def ports(self) -> dict[str, int]:
        """Setting name -> port, of the servers of `make up`."""
        return {
            name.upper(): getattr(self, name) for name in ("mlflow_port", "model_port", "gateway_port", "page_port")
        }

    @property
    def gateway_url(self) -> str:
        """Where this machine reaches the gateway."""
        host = "127.0.0.1" if self.gateway_host in ("0.0.0.0", "::") else self.gateway_host
        return f"http://{host}:{self.gateway_port}"


def export_dotenv() -> None:
    """Put what stands in .env into the environment, for the children; what is set there already wins."""
    for name, value in dotenv_values(".env").items():
        if value and not os.environ.get(name):
            os.environ[name] = value
