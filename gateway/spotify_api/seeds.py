"""From seeds of three kinds to the seed tracks that the model understands, and back to Spotify's seed objects."""

import re
from dataclasses import dataclass
from typing import Literal

from gateway.catalog import Catalog, CatalogTrack
from gateway.schemas import Answer
from gateway.spotify_api.parameters import RecommendationsQuery
from gateway.spotify_api.shapes import Links, RecommendationSeed

ARTIST_TRACKS = 3
"""An artist seed stands for so many of the artist's most popular tracks; few, because seeds are not recommended."""
GENRE_TRACKS = 5
"""A genre seed likewise; more, because a genre is wider than an artist."""


@dataclass(frozen=True)
class ResolvedSeed:
    """A seed as it was given, and the tracks that it stands for; none if the catalog does not know it."""

    id: str
    type: Literal["TRACK", "ARTIST", "GENRE"]
    href: str | None
    track_ids: tuple[str, ...]


def resolve(query: RecommendationsQuery, catalog: Catalog, links: Links) -> list[ResolvedSeed]:
    """The seeds in Spotify's order: artists, genres, tracks."""
    genres = {_folded(genre): genre for genre in catalog.genres()} if query.seed_genres else {}
    seeds = []
    for artist_id in query.seed_artists:
        tracks = catalog.artist_tracks(artist_id, ARTIST_TRACKS)
        seeds.append(ResolvedSeed(artist_id, "ARTIST", links.href("artist", artist_id), _ids(tracks)))
    for name in query.seed_genres:
        genre = genres.get(_folded(name))
        tracks = catalog.genre_tracks(genre, GENRE_TRACKS) if genre is not None else []
        seeds.append(ResolvedSeed(name, "GENRE", None, _ids(tracks)))
    for track_id in query.seed_tracks:
        seeds.append(ResolvedSeed(track_id, "TRACK", links.href("track", track_id), (track_id,)))
    return seeds


def seed_object(seed: ResolvedSeed, answer: Answer | None) -> RecommendationSeed:
    """What became of the seed. All used seeds share one pool, so they share its sizes; an unknown one adds nothing."""
    used = answer is not None and any(
        model_seed.track_id in seed.track_ids and model_seed.status != "unknown" for model_seed in answer.seeds
    )
    initial = answer.pool.initial if answer and used else 0
    filtered = answer.pool.after_filtering if answer and used else 0
    return RecommendationSeed(
        initialPoolSize=initial,
        afterFilteringSize=filtered,
        afterRelinkingSize=filtered,  # one market: nothing is relinked
        id=seed.id,
        type=seed.type,
        href=seed.href,
    )


def _ids(tracks: list[CatalogTrack]) -> tuple[str, ...]:
    return tuple(track.track_id for track in tracks)


def _folded(genre: str) -> str:
    """`Hip-Hop`, `hip hop` and `hiphop` are one genre; so are `R&B` and Spotify's `r-n-b`."""
    words = re.findall(r"\w+", genre.casefold().replace("&", " n "))
    return "".join("n" if word == "and" else word for word in words)
