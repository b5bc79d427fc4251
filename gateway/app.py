"""The app: settings in, an ASGI application out."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI, Security
from fastapi.security import APIKeyHeader
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from gateway import errors, features_provider, feedback, health, metrics, picks, quality, recommend, search
from gateway.catalog import CatalogMissing
from gateway.dependencies import catalog_of
from gateway.middleware import Guard, Observe
from gateway.model_client import ModelClient
from gateway.settings import GatewaySettings
from gateway.spotify import SpotifySearch
from gateway.spotify_api import routes as spotify_api

API_KEY = APIKeyHeader(name="X-API-Key", auto_error=False)

log = logging.getLogger(__name__)


def create_app(settings: GatewaySettings) -> FastAPI:
    """The gateway. What routes share is on `app.state`, typed in `gateway.dependencies`: settings, metrics, model,
    catalog (None until there is one: ask `catalog_of`), spotify (None without credentials),
    features (None without a provider), feedback.
    """
    app = FastAPIOffline(
        title="Quintet",
        description="Five songs in, a playlist out.",
        version=_version(),
        lifespan=_lifespan,
        redoc_url=None,
        # Named in the documentation, which so has a field for the key; Guard is who checks it.
        dependencies=[Security(API_KEY)] if settings.api_key else [],
    )
    app.state.settings = settings
    app.state.metrics = metrics.Metrics()
    for router in (
        recommend.router,
        search.router,
        picks.router,
        feedback.router,
        spotify_api.router,
        health.router,
        metrics.router,
        quality.router,
    ):
        app.include_router(router)
    errors.install(app)
    _add_middleware(app, settings)
    return app


def _add_middleware(app: FastAPI, settings: GatewaySettings) -> None:
    # The last one added is the outermost.
    app.add_middleware(
        Guard,
        api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        max_body_bytes=settings.max_body_bytes,
        max_in_flight=settings.max_in_flight,
    )
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Authorization", "X-API-Key", "X-Request-ID"],
            expose_headers=["X-Request-ID", "Retry-After"],
        )
    app.add_middleware(Observe, metrics=app.state.metrics)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: GatewaySettings = app.state.settings
    state = app.state
    state.catalog = None
    try:
        catalog_of(app)
    except CatalogMissing as error:
        log.warning("no catalog", extra={"why": str(error)})
    state.spotify = SpotifySearch(settings) if settings.spotipy_client_id and settings.spotipy_client_secret else None
    state.model = ModelClient(
        settings.servers,
        deadline_s=settings.model_deadline_s,
        failures=settings.breaker_failures,
        reset_s=settings.breaker_reset_s,
        metrics=state.metrics,
    )
    await state.model.open()
    state.features = features_provider.from_settings(settings, state.metrics)
    state.feedback = feedback.Feedback(settings, state.metrics)
    state.feedback.start()
    try:
        yield
    finally:
        await state.feedback.stop()
        if state.features is not None:
            await state.features.close()
        await state.model.close()
        if state.spotify is not None:
            state.spotify.close()


def _version() -> str:
    try:
        return version("quintet")
    except PackageNotFoundError:  # run from a checkout: the project is not installed as a distribution
        return "0.1.0"
