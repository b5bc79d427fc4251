"""The routes under /v1. Spotify's clients work against them with nothing changed but the address."""

from collections.abc import Sequence
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from gateway.catalog import CatalogTrack
from gateway.dependencies import CatalogDep
from gateway.errors import NotFound, UnknownSeeds
from gateway.recommend import recommend
from gateway.schemas import Answer, RecommendRequest
from gateway.spotify_api.parameters import (
    ArtistsQuery,
    AudioFeaturesQuery,
    FullRecommendationsQuery,
    SearchQuery,
    TracksQuery,
)
from gateway.spotify_api.search import search_page
from gateway.spotify_api.seeds import ResolvedSeed, resolve, seed_object
from gateway.spotify_api.shapes import (
    Artist,
    AudioFeatures,
    Links,
    Recommendations,
    Track,
    TrackPage,
    artist_object,
    audio_features_object,
    track_object,
)

TOP_TRACKS = 10


class SpotifyError(BaseModel):
    """What an error says."""

    status: int
    message: str


class SpotifyErrorAnswer(BaseModel):
    """What every error under /v1 looks like."""

    error: SpotifyError


class Genres(BaseModel):
    """What /v1/recommendations/available-genre-seeds answers."""

    genres: list[str]


class Tracks(BaseModel):
    """Several tracks; null for an unknown id."""

    tracks: list[Track | None]


class Artists(BaseModel):
    """Several artists; null for an unknown id."""

    artists: list[Artist | None]


class SeveralAudioFeatures(BaseModel):
    """Audio features of several tracks; null for an unknown id."""

    audio_features: list[AudioFeatures | None]


_ERROR: dict[str, Any] = {"model": SpotifyErrorAnswer}
router = APIRouter(
    prefix="/v1",
    tags=["Spotify drop-in"],
    responses={"4XX": _ERROR | {"description": "bad request"}, "5XX": _ERROR | {"description": "try again"}},
)


def _links(request: Request, catalog: CatalogDep) -> Links:
    return Links(f"{request.base_url}v1", at_spotify=catalog.info()["is_demo"] != "1")


LinksDep = Annotated[Links, Depends(_links)]


@router.get("/recommendations")
async def recommendations(
    request: Request, catalog: CatalogDep, links: LinksDep, query: Annotated[FullRecommendationsQuery, Query()]
) -> Recommendations:
    """Tracks that go with one to five seeds, best first."""
    seeds = await run_sync(resolve, query, catalog, links)
    answer = await _ask(request, query, seeds)
    tracks = [track_object(track, links) for track in answer.tracks] if answer else []
    return Recommendations(seeds=[seed_object(seed, answer) for seed in seeds], tracks=tracks)


async def _ask(request: Request, query: FullRecommendationsQuery, seeds: Sequence[ResolvedSeed]) -> Answer | None:
    """The model's answer; None if no seed is known, which is an empty answer here as it was at Spotify."""
    seed_track_ids = list(dict.fromkeys(track_id for seed in seeds for track_id in seed.track_ids))
    if not seed_track_ids:
        return None
    wish = RecommendRequest(
        seed_track_ids=seed_track_ids,
        k=query.limit,
        min=query.wishes("min_"),
        max=query.wishes("max_"),
        target=query.wishes("target_"),
    )
    try:
        answer = await recommend(request, wish)
    except UnknownSeeds:
        return None
    request.app.state.feedback.shown(request, wish, answer)
    return answer


@router.get("/recommendations/available-genre-seeds")
def available_genre_seeds(catalog: CatalogDep) -> Genres:
    """The genres that `seed_genres` may name."""
    return Genres(genres=catalog.genres())


@router.get("/audio-features")
@router.get("/audio-features/", include_in_schema=False)
def several_audio_features(
    catalog: CatalogDep, links: LinksDep, query: Annotated[AudioFeaturesQuery, Query()]
) -> SeveralAudioFeatures:
    """What some tracks sound like, in request order."""
    found = _by_id(catalog.tracks(query.ids))
    known = [found.get(track_id) for track_id in query.ids]
    return SeveralAudioFeatures(
        audio_features=[audio_features_object(track, links) if track else None for track in known]
    )


@router.get("/audio-features/{track_id}")
def audio_features(track_id: str, catalog: CatalogDep, links: LinksDep) -> AudioFeatures:
    """What a track sounds like."""
    track = catalog.track(track_id)
    features = audio_features_object(track, links) if track else None
    if features is None:
        raise NotFound(f"no audio features are known of track {track_id[:80]!r}")
    return features


@router.get("/tracks")
@router.get("/tracks/", include_in_schema=False)
def tracks(catalog: CatalogDep, links: LinksDep, query: Annotated[TracksQuery, Query()]) -> Tracks:
    """Some tracks, in request order."""
    found = _by_id(catalog.tracks(query.ids))
    known = [found.get(track_id) for track_id in query.ids]
    return Tracks(tracks=[track_object(track, links) if track else None for track in known])


@router.get("/tracks/{track_id}")
def track(track_id: str, catalog: CatalogDep, links: LinksDep) -> Track:
    """A track."""
    found = catalog.track(track_id)
    if found is None:
        raise NotFound(f"track {track_id[:80]!r} is not in the catalog")
    return track_object(found, links)


@router.get("/search")
def search(catalog: CatalogDep, links: LinksDep, query: Annotated[SearchQuery, Query()]) -> dict[str, TrackPage]:
    """Catalog tracks that fit the words, best first."""
    return {"tracks": search_page(query, catalog, links)}


@router.get("/artists")
@router.get("/artists/", include_in_schema=False)
def artists(catalog: CatalogDep, links: LinksDep, query: Annotated[ArtistsQuery, Query()]) -> Artists:
    """Some artists, in request order."""
    found = [(artist_id, catalog.artist(artist_id)) for artist_id in query.ids]
    return Artists(
        artists=[artist_object(artist_id, known.name, links) if known else None for artist_id, known in found]
    )


@router.get("/artists/{artist_id}")
def artist(artist_id: str, catalog: CatalogDep, links: LinksDep) -> Artist:
    """An artist."""
    found = catalog.artist(artist_id)
    if found is None:
        raise NotFound(f"artist {artist_id[:80]!r} is not in the catalog")
    return artist_object(artist_id, found.name, links)


@router.get("/artists/{artist_id}/top-tracks")
def top_tracks(artist_id: str, catalog: CatalogDep, links: LinksDep) -> Tracks:
    """The artist's most popular tracks in the catalog."""
    found = catalog.artist_tracks(artist_id, TOP_TRACKS)
    if not found:
        raise NotFound(f"artist {artist_id[:80]!r} is not in the catalog")
    return Tracks(tracks=[track_object(track, links) for track in found])


def _by_id(found: Sequence[CatalogTrack]) -> dict[str, CatalogTrack]:
    return {track.track_id: track for track in found}
