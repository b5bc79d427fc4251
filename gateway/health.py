"""/health: the gateway is alive, and what data it has. /ready: a real recommendation went through."""

from typing import Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel

from gateway.catalog import CatalogMissing
from gateway.dependencies import CatalogDep, catalog_of
from gateway.errors import CatalogUnavailable, ModelBroken, ModelTimeout, ModelUnavailable, NotReady, responses
from gateway.recommend import recommend
from gateway.schemas import ModelVersion, RecommendRequest

router = APIRouter(tags=["operation"])

DEMO_NOTICE = (
    "These are DEMO data: fictional tracks, made by the program itself. Set DATA_SOURCE to recommend real music."
)


class Health(BaseModel):
    """The gateway is alive."""

    status: Literal["ok"] = "ok"
    data_source: str | None
    """Where the catalog's tracks come from; null while there is no catalog."""
    is_demo: bool
    n_tracks: int
    notice: str | None
    """What everybody who looks at the recommendations should know."""
    seeds_outside_catalog: bool
    """Whether a Spotify track that the catalog lacks can be a seed, since somebody is asked how it sounds."""


class Ready(BaseModel):
    """A recommendation went through just now."""

    status: Literal["ready"] = "ready"
    model: ModelVersion


@router.get("/health")
async def health(request: Request) -> Health:
    """Alive, whatever the model and Spotify do; and which data the answers come from."""
    try:
        meta = catalog_of(request.app).info()
    except CatalogMissing as error:
        return Health(data_source=None, is_demo=False, n_tracks=0, notice=str(error), seeds_outside_catalog=False)
    is_demo = meta["is_demo"] == "1"
    return Health(
        data_source=meta["source"],
        is_demo=is_demo,
        n_tracks=int(meta["n_tracks"]),
        notice=DEMO_NOTICE if is_demo else None,
        seeds_outside_catalog=request.app.state.features is not None,
    )


@router.get("/ready", responses=responses(NotReady, CatalogUnavailable, ModelBroken, ModelTimeout, ModelUnavailable))
async def ready(request: Request, catalog: CatalogDep) -> Ready:
    """Whether a recommendation for some track of the catalog comes back, through the same path as everybody's."""
    seeds = await run_sync(catalog.random, 1, 0)
    answer = await recommend(request, RecommendRequest(seed_track_ids=[track.track_id for track in seeds], k=1))
    if not answer.tracks:
        raise NotReady(f"the model answers, but recommends nothing: {answer.message or 'no reason given'}")
    return Ready(model=answer.model)
