"""Why a track was recommended, in the listener's language, from what the gateway explains."""

from collections.abc import Mapping

from frontend.answers import Why
from frontend.texts import Words

NOTABLE: Mapping[str, float] = {
    "danceability": 0.08,
    "energy": 0.1,
    "valence": 0.12,
    "acousticness": 0.15,
    "instrumentalness": 0.2,
    "liveness": 0.15,
    "speechiness": 0.1,
    "tempo": 12.0,
}
"""Audio feature -> difference to the seeds that is worth a word: about half a standard deviation of a large catalog."""
N_DIFFERENCES = 2
ALIKE = 0.5  # a smaller cosine is no likeness that anybody would hear

REASONS: Mapping[str, str] = {
    "same_album": "album",
    "same_artist": "artist",
    "artist_rank_same": "artist",
    "artist_cosine": "artist_playlists",
    "neighbours_artist": "artist_playlists",
    "neighbours_style": "style",
    "neighbours_date": "time",
    "neighbours_popularity": "known",
    "neighbours_expected": "",
    "neighbours_strongest": "",
    "neighbours": "playlists",
    "item_knn": "playlists",
    "playlists": "style",
    "artist_style": "style",
    "artist_date": "time",
    "guess_style": "style",
    "guess_date": "time",
    "guess_popularity": "known",
    "style": "style",
    "date": "time",
    "popularity": "known",
    "text": "words",
}
"""How a ranking feature's name begins -> the reason it gives; the first that fits counts. Features that describe the
seeds alone, or the sound, which the nearest seed already says, give none."""


def short(why: Why, seed_titles: Mapping[str, str], words: Words) -> str:
    """One line: the strongest reason beyond the sound, the seed that it sounds like, how it differs from the seeds."""
    parts = []
    if reason := _reason(why, words):
        parts.append(reason)
    title = seed_titles.get(why.nearest_seed)
    if title and why.nearest_cosine >= ALIKE:
        parts.append(words("why.nearest", title=title, alike=round(100 * why.nearest_cosine)))
    if differences := _differences(why.deltas, words):
        parts.append(", ".join(differences))
    line = " · ".join(parts)
    return line[:1].upper() + line[1:]


def _reason(why: Why, words: Words) -> str | None:
    """The strongest contribution that the page has words for."""
    for share in why.contributions:
        reason = reason_of(share["feature"])
        if share["contribution"] > 0 and reason:
            return words(f"reason.{reason}")
    return None


def reason_of(feature: str) -> str | None:
    """The reason that a ranking feature gives a listener, if any."""
    return next((reason for start, reason in REASONS.items() if feature.startswith(start)), None) or None


def _differences(deltas: Mapping[str, float], words: Words) -> list[str]:
    steps = {name: deltas[name] / notable for name, notable in NOTABLE.items() if deltas.get(name) is not None}
    strongest = sorted(steps, key=lambda name: -abs(steps[name]))[:N_DIFFERENCES]
    return [words(f"{'more' if steps[name] > 0 else 'less'}.{name}") for name in strongest if abs(steps[name]) >= 1]
