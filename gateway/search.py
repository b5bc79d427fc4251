"""/search: tracks by words, from Spotify where there are credentials, else from the local catalog."""

import re
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request

from gateway.catalog import Catalog, CatalogTrack
from gateway.dependencies import CatalogDep, MetricsDep
from gateway.errors import CatalogUnavailable, responses
from gateway.schemas import SearchAnswer, SearchHit, Text
from gateway.spotify import SpotifySearch, SpotifyTrack, SpotifyUnavailable

SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")
NO_CREDENTIALS = "no Spotify credentials are set, so these are tracks of the local catalog"

router = APIRouter()


@router.get("/search", tags=["search"], responses=responses(CatalogUnavailable))
async def search(
    request: Request,
    catalog: CatalogDep,
    metrics: MetricsDep,
    q: Annotated[Text, Query(description="Title, artist or both, in any order; a prefix and a typo are forgiven")],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> SearchAnswer:
    """Tracks that fit the words, best first; `in_catalog` says which can be seeds, and under which id."""
    spotify: SpotifySearch | None = request.app.state.spotify
    note = NO_CREDENTIALS
    if spotify is not None:
        try:
            with metrics.stages.labels("search_spotify").time():
                found = await spotify.search(q, limit)
            return SearchAnswer(source="spotify", tracks=await run_sync(_mark, catalog, found))
        except SpotifyUnavailable as error:
            metrics.upstream_errors.labels("spotify", "unavailable").inc()
            note = f"{error}; until then these are tracks of the local catalog"
    with metrics.stages.labels("search_catalog").time():
        tracks = await run_sync(catalog.search, q, limit)
    return SearchAnswer(source="catalog", tracks=[from_catalog(track) for track in tracks], note=note)


def _mark(catalog: Catalog, tracks: list[SpotifyTrack]) -> list[SearchHit]:
    return [_from_spotify(track, catalog) for track in tracks]


def _from_spotify(track: SpotifyTrack, catalog: Catalog) -> SearchHit:
    catalog_track_id = catalog.match(track.id, track.external_ids.get("isrc"), track.name, track.artist)
    return SearchHit(
        track_id=track.id,
        title=track.name,
        artist=track.artist,
        album=track.album.name,
        release_year=track.release_year,
        popularity=track.popularity,
        duration_ms=track.duration_ms,
        in_catalog=catalog_track_id is not None,
        catalog_track_id=catalog_track_id,
        image_url=track.image_url,
        spotify_url=track.external_urls.get("spotify"),
    )


def from_catalog(track: CatalogTrack) -> SearchHit:
    """The catalog's track as a hit."""
    looks_like_spotify = SPOTIFY_ID.fullmatch(track.track_id) is not None
    return SearchHit(
        track_id=track.track_id,
        title=track.title,
        artist=track.artist,
        album=track.album,
        release_year=track.release_year,
        popularity=track.popularity,
        duration_ms=track.duration_ms,
        in_catalog=True,
        catalog_track_id=track.track_id,
        image_url=None,
        spotify_url=f"https://open.spotify.com/track/{track.track_id}" if looks_like_spotify else None,
    )
