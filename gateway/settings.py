"""The gateway's settings, read from the environment and `.env`; `.env.template` shows every one with its default."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PLACEHOLDERS = ("changeme", "change-me", "changethis", "secret", "password")


class GatewaySettings(BaseSettings):
    """Every field is an environment variable of the same name in capitals. All are optional."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    gateway_host: str = "127.0.0.1"
    """The address to listen on."""
    gateway_port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """The port to listen on; 0 takes a free one."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""

    model_port: Annotated[int, Field(ge=1, le=65535)] = 8001
    """The local model server's port, used where MODEL_URLS is not set."""
    model_urls: Annotated[tuple[str, ...], NoDecode] = ()
    """Model servers, separated by commas; requests take turns and move on to the next when one fails."""
    model_deadline_s: Annotated[float, Field(gt=0, le=60)] = 2.0
    """Seconds that the model servers have for one answer, failover included."""
    breaker_failures: Annotated[int, Field(ge=1)] = 5
    """After so many failures in a row a model server is left alone."""
    breaker_reset_s: Annotated[float, Field(gt=0)] = 5.0
    """Seconds after which one request may try such a server again."""

    catalog_path: Path = Path("data/processed/catalog.db")
    """The search database that `prepare` writes."""
    evaluation_path: Path = Path("reports/evaluation.json")
    """The figures that `evaluate` writes; /quality shows them."""

    api_key: SecretStr | None = None
    """If set, every route but /health, /ready and /docs wants it as `X-API-Key` or `Authorization: Bearer`."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Web origins, separated by commas, whose pages may call the gateway; none by default."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 65_536
    """Larger request bodies are refused before they are parsed."""
    max_in_flight: Annotated[int, Field(ge=1)] = 64
    """More requests than this at a time are refused with 503 and Retry-After."""

    spotipy_client_id: str | None = None
    """Spotify app id; with the secret it turns search to Spotify's catalog."""
    spotipy_client_secret: SecretStr | None = None
    """Spotify app secret."""
    spotipy_redirect_uri: str | None = None
    """An address that the Spotify app lists; with it the owner's own playlists can be asked for."""
    spotify_api_url: HttpUrl = HttpUrl("https://api.spotify.com/v1/")
    """Where Spotify's Web API is."""
    spotify_token_url: HttpUrl = HttpUrl("https://accounts.spotify.com/api/token")
    """Where Spotify hands out access tokens."""
    spotify_deadline_s: Annotated[float, Field(gt=0, le=30)] = 1.5
    """Seconds that a Spotify search may take before the local catalog answers instead."""

    feedback_database_url: SecretStr = SecretStr("sqlite:///var/feedback.db")
    """Where feedback is kept: sqlite:///path, or postgresql://user:password@host/database."""
    feedback_queue_size: Annotated[int, Field(ge=1)] = 5_000
    """Feedback records that may wait for the database; beyond it they are dropped and counted."""
    feedback_unsent_dir: Path = Path("var/feedback-unsent")
    """Where a stop leaves feedback that the database did not take; it is sent after the next start."""

    features_provider: Literal["none", "reccobeats"] = "none"
    """Who is asked for the audio features of seeds outside the catalog; it learns those seeds' ids."""
    reccobeats_url: HttpUrl = HttpUrl("https://api.reccobeats.com/v1/")
    """Where ReccoBeats' API is."""
    features_deadline_s: Annotated[float, Field(gt=0, le=30)] = 0.8
    """Seconds that the provider may take, out of MODEL_DEADLINE_S, before such seeds go without features."""

    @field_validator("model_urls", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("model_urls")
    @classmethod
    def _http(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            HttpUrl(url)
        return urls

    @field_validator("api_key", "spotipy_client_secret")
    @classmethod
    def _no_placeholder(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and value.get_secret_value().lower() in PLACEHOLDERS:
            raise ValueError("is still a placeholder; set a real value, or leave it empty to switch it off")
        return value

    @field_validator("feedback_database_url")
    @classmethod
    def _known_database(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("must be sqlite:///path/to/file or postgresql://user:password@host/database")
        return url

    @property
    def servers(self) -> tuple[str, ...]:
        """Base addresses of the model servers, without a trailing slash; at least one."""
        return self.model_urls or (f"http://127.0.0.1:{self.model_port}",)
