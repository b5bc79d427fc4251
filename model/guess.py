"""Ranking features of a first guess: all evidence added up plainly, and what its best tracks have in common.

The guess is to the ranker what a first listen is: crude, but its top is mostly right, so that the style, the artists
and the time of that top say more than five seeds do (pseudo relevance feedback; Manning et al., IR book, ch. 9.1.6).
"""

import numpy as np
from numpy.typing import NDArray

from model.incidence import Entries, entries
from model.knowledge import Knowledge
from model.likelihood import log_odds
from model.neighbours import Neighbourhood, ranks
from model.profiles import Float, profile
from model.retrieval import Candidates
from model.seed_view import SeedView, mean_or_nan
from model.splits import Items

Columns = dict[str, NDArray[np.generic] | float]

_TOP = 30  # tracks of the guess that are listened to
_SEED_WEIGHT = 2.0  # of a seed against one of those
_NEAREST_PLAYLISTS = 100
_DOUBT = 0.3  # of a playlist's log-odds when playlists are mixed: its tracks are no sample from a Gaussian
_PRIOR_ENTRIES = 30.0  # tracks' worth of overall artist frequencies in each playlist
_LIMIT = 60.0  # beyond, log-odds are certainty, and exponentials overflow
_YEARS = 2.0
_POPULARITY_POINTS = 8.0
_FLOOR = 1e-3


def columns(seeds: SeedView, near: Neighbourhood, found: Candidates, by_track: Float, knowledge: Knowledge) -> Columns:
    """Features of the candidates, by name.

    by_track: the feature `neighbours`, (n,): chance to stand in the listener's playlist, by those it stands in.
    """
    tracks, items = knowledge.tracks, found.items
    artist = tracks.artist[items]
    evidence = {
        **_likelihoods(seeds, items, knowledge),
        **_playlists(near, items, knowledge),
        "artist_guess": knowledge.artist_guesses[artist] @ profile(knowledge.artist_guesses[seeds.artists]),
    }
    guess = (
        _standard(evidence["style_odds"])
        + _standard(evidence["artist_guess"])
        + _standard(np.log(evidence["playlists_share"] + _FLOOR**2))
        + _among(by_track > 0, np.log(by_track + _FLOOR))
        + _standard(np.log(found.scores + _FLOOR**2))
        + 2 * np.isin(artist, seeds.artists)
    )
    top = np.argsort(-guess, kind="stable")[:_TOP]
    return {
        **evidence,
        "artist_guess_max": _largest(knowledge.artist_guesses[artist] @ knowledge.artist_guesses[seeds.artists].T),
        "artist_popularity": tracks.artist_popularity[artist],
        "album_share": tracks.album_tracks[items] / tracks.artist_tracks[artist],
        "date_density": _density(tracks.date[items], seeds.dates, _YEARS),
        "popularity_density": _density(tracks.popularity[items], seeds.popularities, _POPULARITY_POINTS),
        "artist_date_delta": np.abs(tracks.artist_date[artist] - seeds.date_moments[0]),
        "retrieval_rank": ranks(-found.scores),
        "style_odds_rank": ranks(-evidence["style_odds"]),
        "artist_guess_rank": ranks(-evidence["artist_guess"]),
        "guess": guess,
        **_top_of_guess(seeds, items, items[top], knowledge),
    }


def _likelihoods(seeds: SeedView, items: Items, knowledge: Knowledge) -> dict[str, Float]:
    styles, strength = knowledge.styles[items], knowledge.style.strength
    n = np.array([len(seeds)], np.float32)
    result = {
        "style_odds": log_odds(styles, seeds.style_mean[None], n, strength)[:, 0],
        "style_odds_max": log_odds(styles, seeds.styles, np.ones(len(seeds), np.float32), strength).max(axis=1),
    }
    if not len(seeds.artists):
        return result | {"artist_style_odds": np.full(len(items), np.nan, np.float32)}
    artists, which = np.unique(knowledge.tracks.artist[items], return_inverse=True)
    centre = knowledge.artist_styles[seeds.artists].mean(axis=0)[None]
    n = np.array([len(seeds.artists)], np.float32)
    return result | {"artist_style_odds": log_odds(knowledge.artist_styles[artists], centre, n, strength)[which, 0]}


def _playlists(near: Neighbourhood, items: Items, knowledge: Knowledge) -> dict[str, Float]:
    """How well each candidate would suit the neighbour playlists, whether it stands in one or not."""
    colisten, n_items = knowledge.colisten, len(items)
    best = np.argsort(-near.overlap, kind="stable")[:_NEAREST_PLAYLISTS]
    playlists, overlap = near.playlists[best], near.overlap[best]
    if not overlap.any():
        names = ("playlists_odds", "playlists_odds_max", "playlists_share")
        return {name: np.zeros(n_items, np.float32) for name in names}
    sizes = colisten.sizes[playlists]
    odds = log_odds(knowledge.styles[items], knowledge.summary.centre[playlists], sizes, knowledge.style.strength)
    artists, which = np.unique(knowledge.tracks.artist[items], return_inverse=True)
    overall = (colisten.n_artist_entries[artists] + 1) / (colisten.n_artist_entries.sum() + 1)
    counts = _counts(entries(colisten.artists, playlists), artists)
    by_artist = np.log((counts / overall[:, None] + _PRIOR_ENTRIES) / (sizes + _PRIOR_ENTRIES))[which]
    rest = max(float(colisten.sizes.sum() - sizes.sum()), 1.0)  # all other playlists: even odds
    weights = np.exp(np.clip(0.5 * odds + by_artist, -_LIMIT, _LIMIT)) * sizes
    weights /= weights.sum(axis=1, keepdims=True) + rest
    mixed = np.exp(_DOUBT * np.clip(odds, -_LIMIT, _LIMIT)) @ (overlap / overlap.sum())
    return {
        "playlists_odds": np.log(mixed).astype(np.float32),
        "playlists_odds_max": odds[:, :10].max(axis=1),
        "playlists_share": (weights @ (overlap / sizes)).astype(np.float32),
    }


def _counts(of_playlists: Entries, artists: Items) -> Float:
    """How many items of each artist stand in each playlist, (n_artists, n_playlists). artists: distinct, ascending."""
    at = np.minimum(np.searchsorted(artists, of_playlists.columns), len(artists) - 1)
    wanted = artists[at] == of_playlists.columns
    counts = np.zeros((len(artists), len(of_playlists.starts) - 1), np.float32)
    counts[at[wanted], of_playlists.places[wanted]] = of_playlists.values[wanted]
    return counts


def _top_of_guess(seeds: SeedView, items: Items, top: Items, knowledge: Knowledge) -> Columns:
    tracks, guesses = knowledge.tracks, knowledge.artist_guesses
    artist, artists = tracks.artist[items], tracks.artist[top]
    weight = _SEED_WEIGHT * len(seeds)
    seen = weight + len(top)
    centre = (weight * seeds.style_mean + knowledge.styles[top].sum(axis=0)) / seen
    odds = log_odds(knowledge.styles[items], centre[None], np.array([seen], np.float32), knowledge.style.strength)
    counts = np.bincount(artists, minlength=len(tracks.artist_tracks))
    dates, popularity = tracks.date[top], tracks.popularity[top]
    return {
        "guess_style_odds": odds[:, 0],
        "guess_style": knowledge.style_units[items] @ profile(knowledge.style_units[top]),
        "guess_artist": counts[artist] - np.isin(items, top),
        "guess_artist_cosine": guesses[artist] @ profile(guesses[np.concatenate([artists, seeds.artists])]),
        "guess_date": np.abs(tracks.date[items] - mean_or_nan(dates[np.isfinite(dates)])),
        "guess_popularity": np.abs(tracks.popularity[items] - mean_or_nan(popularity[np.isfinite(popularity)])),
    }


def _standard(values: Float) -> Float:
    result: Float = (values - values.mean()) / (values.std() + 1e-6) if len(values) else values
    return result


def _among(chosen: NDArray[np.bool_], values: Float) -> Float:
    """Standardised among the chosen, 0 elsewhere: in a list of both regimes, cold tracks are not made worse."""
    result = np.zeros(len(values), np.float32)
    result[chosen] = _standard(values[chosen])
    return result


def _density(values: Float, seeds: Float, width: float) -> NDArray[np.generic] | float:
    """Log of the seeds' density around each value, with an exponential kernel."""
    if not len(seeds):
        return np.nan
    result: Float = np.log(np.exp(-np.abs(values[:, None] - seeds) / width).mean(axis=1) + _FLOOR)
    return result


def _largest(values: Float) -> NDArray[np.generic] | float:
    result: Float = values.max(axis=1) if values.shape[1] else np.full(len(values), np.nan, np.float32)
    return result
