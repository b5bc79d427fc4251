"""How a route reaches what the app holds: `catalog: CatalogDep`, `model: ModelDep`, `metrics: MetricsDep`."""

from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request

from gateway.catalog import Catalog
from gateway.metrics import Metrics
from gateway.model_client import ModelClient


def catalog_of(app: FastAPI) -> Catalog:
    """The app's catalog, opened now if it was not there before. Raises CatalogMissing, which is answered with a 503."""
    if app.state.catalog is None:
        app.state.catalog = Catalog(app.state.settings.catalog_path)
    return cast(Catalog, app.state.catalog)


def _catalog(request: Request) -> Catalog:
    return catalog_of(request.app)


def _model(request: Request) -> ModelClient:
    return cast(ModelClient, request.app.state.model)


def _metrics(request: Request) -> Metrics:
    return cast(Metrics, request.app.state.metrics)


CatalogDep = Annotated[Catalog, Depends(_catalog)]
"""The catalog; a route that asks for it answers 503 while there is none."""
ModelDep = Annotated[ModelClient, Depends(_model)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
