"""The model service's settings, from the environment and `.env`; `.env.template` shows every one with its default."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Every field is an environment variable of the same name in capitals. All are optional."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, protected_namespaces=()
    )

    model_host: str = "127.0.0.1"
    """The address to listen on."""
    model_port: Annotated[int, Field(ge=0, le=65535)] = 8001
    """The port to listen on; 0 takes a free one."""
    model_workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes that answer for a version; each holds the model in memory."""
    model_poll_s: Annotated[float, Field(gt=0)] = 5.0
    """Seconds between two looks at the registry."""
    model_webhook_secret: SecretStr | None = None
    """The secret of MLflow's webhook; if set, a call without its signature is refused."""
    startup_timeout_s: Annotated[float, Field(gt=0)] = 180.0
    """Seconds that a version may take to load."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""
