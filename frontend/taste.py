"""What the listener picked and judged: a value, and the few ways in which it changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from frontend.answers import Track

SEEDS_WANTED = 5
SEEDS_MAX = 50
"""A pasted playlist; more make the address of the page too long to share."""


@dataclass(frozen=True)
class Taste:
    """Every track stands in one place only: the last gesture counts."""

    seeds: tuple[Track, ...] = ()
    liked: tuple[Track, ...] = ()
    """Kept in the playlist, and seeds for the rest of it."""
    disliked: tuple[Track, ...] = ()
    """Less like these."""
    never: tuple[Track, ...] = ()
    never_artists: tuple[str, ...] = ()
    """Names."""

    def has_seed(self, track_id: str) -> bool:
        """Whether the track is one of the picked ones."""
        return any(track.track_id == track_id for track in self.seeds)


PLACES = ("seeds", "liked", "disliked", "never")


def put(taste: Taste, place: str, *tracks: Track) -> Taste:
    """The tracks appended to one of PLACES, and taken out of the others; a full set of seeds takes no more."""
    for track in tracks:
        if place == "seeds" and (taste.has_seed(track.track_id) or len(taste.seeds) >= SEEDS_MAX):
            continue
        taste = drop(taste, track.track_id)
        taste = _with(taste, {place: (*getattr(taste, place), track)})
    return taste


def drop(taste: Taste, track_id: str) -> Taste:
    """The track taken out of wherever it stands."""
    return _with(taste, {place: _without(getattr(taste, place), track_id) for place in PLACES})


def never_artist(taste: Taste, artist: str) -> Taste:
    """Nothing by this artist again; what was liked of theirs goes too."""
    return replace(
        taste,
        liked=tuple(track for track in taste.liked if track.artist != artist),
        never_artists=(*(name for name in taste.never_artists if name != artist), artist),
    )


JUDGEMENTS = {"like": "liked", "dislike": "disliked", "never": "never", "add": "seeds"}
"""What a listener does with a recommended track -> where it goes."""


def judge(taste: Taste, action: str, track: Track) -> Taste:
    """The taste after one of JUDGEMENTS, or `unlike`, or `never_artist`."""
    if action == "unlike":
        return drop(taste, track.track_id)
    if action == "never_artist":
        return never_artist(taste, track.artist)
    return put(taste, JUDGEMENTS[action], track)


def allow_artist(taste: Taste, artist: str) -> Taste:
    """The artist may be recommended again."""
    return replace(taste, never_artists=tuple(name for name in taste.never_artists if name != artist))


def as_wishes(taste: Taste) -> dict[str, Any]:
    """The taste as part of a request to /recommend_ranked."""
    return {
        "seed_track_ids": [track.track_id for track in (*taste.seeds, *taste.liked)],
        "negative_track_ids": [track.track_id for track in taste.disliked],
        "exclude_track_ids": [track.track_id for track in taste.never],
        "exclude_artists": list(taste.never_artists),
    }


URL_NAMES = {"seeds": "seeds", "liked": "like", "disliked": "less", "never": "never"}
URL_ARTISTS = "without"


def to_url(taste: Taste) -> dict[str, list[str]]:
    """The taste as query parameters; empty lists for what is not there."""
    parameters = {name: [track.track_id for track in getattr(taste, place)] for place, name in URL_NAMES.items()}
    return {**parameters, URL_ARTISTS: list(taste.never_artists)}


def from_url(parameters: Mapping[str, Iterable[str]], known: Mapping[str, Track]) -> Taste:
    """The taste that `to_url` wrote; a track that is not among the known ones is shown by its id."""
    taste = Taste(never_artists=tuple(parameters.get(URL_ARTISTS, ())))
    for place, name in URL_NAMES.items():
        ids = [track_id[:128] for track_id in parameters.get(name, ()) if track_id]
        taste = put(taste, place, *(known.get(track_id, Track(track_id, track_id, "")) for track_id in ids))
    return taste


def _with(taste: Taste, places: Mapping[str, Any]) -> Taste:
    return replace(taste, **places)


def _without(tracks: tuple[Track, ...], track_id: str) -> tuple[Track, ...]:
    return tuple(track for track in tracks if track.track_id != track_id)
