"""/genres and /picks: somewhere to start, for a listener with nothing in mind."""

import random
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from gateway.catalog import CatalogTrack
from gateway.dependencies import CatalogDep
from gateway.errors import CatalogUnavailable, NotFound, responses
from gateway.schemas import SearchAnswer, Text
from gateway.search import from_catalog

POOL = 60
"""Picks come from a genre's most popular tracks: people know them, and yet there is a choice."""

router = APIRouter(tags=["search"])


class GenreNames(BaseModel):
    """Genres to start from."""

    genres: list[str]
    """The ones with the most tracks first; empty if the catalog's source names none."""


@router.get("/genres", responses=responses(CatalogUnavailable))
def genres(catalog: CatalogDep, n: Annotated[int, Query(ge=1, le=200)] = 20) -> GenreNames:
    """The catalog's largest genres."""
    return GenreNames(genres=catalog.largest_genres(n))


@router.get("/picks", responses=responses(CatalogUnavailable, NotFound))
def picks(
    catalog: CatalogDep,
    genre: Annotated[Text | None, Query(description="One of /genres; left out, one is drawn")] = None,
    n: Annotated[int, Query(ge=1, le=50)] = 5,
    rng_seed: Annotated[int, Query(ge=0, lt=2**32, description="Another one gives other tracks")] = 0,
) -> SearchAnswer:
    """Tracks that go together, to start from: well-known ones of a genre, no artist twice while there are others."""
    rng = random.Random(rng_seed)
    known = catalog.genres()
    if genre is not None and genre.casefold() not in known:
        raise NotFound(f"there is no genre {genre!r}; GET /genres lists them")
    drawn = genre or (rng.choice(known) if known else None)
    pool = catalog.genre_tracks(drawn, POOL) if drawn else catalog.random(n, rng_seed)
    rng.shuffle(pool)
    return SearchAnswer(source="catalog", tracks=[from_catalog(track) for track in _one_per_artist(pool)[:n]])


def _one_per_artist(tracks: list[CatalogTrack]) -> list[CatalogTrack]:
    """The tracks, each artist's first ones to the front."""
    seen: set[str] = set()
    first: list[CatalogTrack] = []
    others: list[CatalogTrack] = []
    for track in tracks:
        (others if track.artist_id in seen else first).append(track)
        seen.add(track.artist_id)
    return first + others
