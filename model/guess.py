"""Ranking features of a first guess: all evidence added up plainly, and what its best tracks have in common.

The guess is to the ranker what a first listen is: crude, but its top is mostly right, so that the style, the artists
and the time of that top say more than five seeds do (pseudo relevance feedback; Manning et al., IR book, ch. 9.1.6).
"""

import numpy as np
from numpy.typing import NDArray

from model.candidate_view import CandidateView, Columns
from model.incidence import Entries, entries
from model.knowledge import Knowledge
from model.likelihood import log_odds
from model.neighbours import Neighbourhood, ranks
from model.profiles import Float, profile
from model.reductions import mean, over_rows
from model.retrieval import Candidates
from model.seed_view import SeedView, mean_or_nan
from model.splits import Items

_TOP = 30  # tracks of the guess that are listened to
_SEED_WEIGHT = 2.0  # of a seed against one of those
_NEAREST_PLAYLISTS = 100
_DOUBT = 0.3  # of a playlist's log-odds when playlists are mixed: its tracks are no sample from a Gaussian
_PRIOR_ENTRIES = 30.0  # tracks' worth of overall artist frequencies in each playlist
_LIMIT = 60.0  # beyond, log-odds are certainty, and exponentials overflow
_YEARS = 2.0
_POPULARITY_POINTS = 8.0
_FLOOR = 1e-3


def columns(
    seeds: SeedView, near: Neighbourhood, found: Candidates, of: CandidateView, told: Columns, knowledge: Knowledge
) -> Columns:
    """Features of the candidates, by name.

    of: what was found.  told: at least the features `neighbours` (chance to stand in the listener's playlist, by those
    it stands in) and `same_artist`.
    """
    tracks, items, artist = knowledge.tracks, of.items, of.artist
    by_track = np.asarray(told["neighbours"], np.float32)
    evidence = {
        **_likelihoods(seeds, of, knowledge),
        **_playlists(near, of, knowledge),
        "artist_guess": of.artist_guesses @ profile(knowledge.artist_guesses[seeds.artists]),
    }
    guess = (
        _standard(evidence["style_odds"])
        + _standard(evidence["artist_guess"])
        + _standard(np.log(evidence["playlists_share"] + _FLOOR**2))
        + _among(by_track > 0, np.log(by_track + _FLOOR))
        + _standard(np.log(found.scores + _FLOOR**2))
        + 2 * (np.asarray(told["same_artist"]) > 0)
    )
    top = np.argsort(-guess, kind="stable")[:_TOP]
    return {
        **evidence,
        "artist_guess_max": _largest(of.artist_guesses @ knowledge.artist_guesses[seeds.artists].T),
        "artist_popularity": tracks.artist_popularity[artist],
        "album_share": tracks.album_tracks[items] / tracks.artist_tracks[artist],
        "date_density": _density(of.date, seeds.dates, _YEARS),
        "popularity_density": _density(of.popularity, seeds.popularities, _POPULARITY_POINTS),
        "artist_date_delta": np.abs(tracks.artist_date[artist] - seeds.date_moments[0]),
        "retrieval_rank": np.arange(len(items)),
        "style_odds_rank": ranks(-evidence["style_odds"]),
        "artist_guess_rank": ranks(-evidence["artist_guess"]),
        "guess": guess,
        **_top_of_guess(seeds, of, top, knowledge),
    }


def _likelihoods(seeds: SeedView, of: CandidateView, knowledge: Knowledge) -> dict[str, Float]:
    styles, squares, strength = of.styles, of.squared_styles, knowledge.style.strength
    n = np.array([len(seeds)], np.float32)
    result = {
        "style_odds": log_odds(styles, squares, seeds.style_mean[None], n, strength)[:, 0],
        "style_odds_max": over_rows(
            np.maximum, log_odds(styles, squares, seeds.styles, np.ones(len(seeds), np.float32), strength)
        ),
    }
    if not len(seeds.artists):
        return result | {"artist_style_odds": np.full(len(styles), np.nan, np.float32)}
    artists, which = of.distinct_artists
    centre = knowledge.artist_styles[seeds.artists].mean(axis=0)[None]
    n = np.array([len(seeds.artists)], np.float32)
    styles = knowledge.artist_styles[artists]
    return result | {"artist_style_odds": log_odds(styles, styles**2, centre, n, strength)[which, 0]}


def _playlists(near: Neighbourhood, of: CandidateView, knowledge: Knowledge) -> dict[str, Float]:
    """How well each candidate would suit the neighbour playlists, whether it stands in one or not."""
    colisten = knowledge.colisten
    best = near.best_first[:_NEAREST_PLAYLISTS]
    playlists, overlap = near.playlists[best], near.overlap[best]
    if not overlap.any():
        names = ("playlists_odds", "playlists_odds_max", "playlists_share")
        return {name: np.zeros(len(of.items), np.float32) for name in names}
    sizes = colisten.sizes[playlists]
    centres, strength = knowledge.summary.centre[playlists], knowledge.style.strength
    odds = log_odds(of.styles, of.squared_styles, centres, sizes, strength)
    artists, which = of.distinct_artists
    overall = (colisten.n_artist_entries[artists] + 1) / (colisten.n_artist_entries.sum() + 1)
    counts = _counts(entries(colisten.artists, playlists), artists, len(knowledge.artist_guesses))
    by_artist = np.log((counts / overall[:, None] + _PRIOR_ENTRIES) / (sizes + _PRIOR_ENTRIES))
    rest = max(float(colisten.sizes.sum() - sizes.sum()), 1.0)  # all other playlists: even odds
    weights = by_artist.take(which, axis=0)  # and in place from here: (n, _NEAREST_PLAYLISTS) is large
    weights += 0.5 * odds
    np.exp(np.clip(weights, -_LIMIT, _LIMIT, out=weights), out=weights)
    weights *= sizes
    weights /= weights.sum(axis=1, keepdims=True) + rest
    belief = np.clip(odds, -_LIMIT, _LIMIT)
    belief *= _DOUBT
    mixed = np.exp(belief, out=belief) @ (overlap / overlap.sum())
    return {
        "playlists_odds": np.log(mixed).astype(np.float32),
        "playlists_odds_max": over_rows(np.maximum, odds[:, :10]),
        "playlists_share": (weights @ (overlap / sizes)).astype(np.float32),
    }


def _counts(of_playlists: Entries, artists: Items, n_artists: int) -> Float:
    """How many items of each artist stand in each playlist, (len(artists), n_playlists). artists: distinct."""
    place = np.full(n_artists, -1, np.int32)
    place[artists] = np.arange(len(artists))
    at = place[of_playlists.columns]
    wanted = at >= 0
    counts = np.zeros((len(artists), len(of_playlists.starts) - 1), np.float32)
    counts[at[wanted], of_playlists.places[wanted]] = of_playlists.values[wanted]
    return counts


def _top_of_guess(seeds: SeedView, of: CandidateView, top: Items, knowledge: Knowledge) -> Columns:
    """top: positions of the guess's best among the candidates."""
    artists = of.artist[top]
    weight = _SEED_WEIGHT * len(seeds)
    seen = weight + len(top)
    centre = (weight * seeds.style_mean + of.styles[top].sum(axis=0)) / seen
    n, strength = np.array([seen], np.float32), knowledge.style.strength
    odds = log_odds(of.styles, of.squared_styles, centre[None], n, strength)
    distinct, which = of.distinct_artists
    others = np.bincount(which[top], minlength=len(distinct))[which]
    others[top] -= 1  # not itself
    dates, popularity = of.date[top], of.popularity[top]
    profile_of_artists = profile(knowledge.artist_guesses[np.concatenate([artists, seeds.artists])])
    return {
        "guess_style_odds": odds[:, 0],
        "guess_style": of.style_units @ profile(of.style_units[top]),
        "guess_artist": others,
        "guess_artist_cosine": of.artist_guesses @ profile_of_artists,
        "guess_date": np.abs(of.date - mean_or_nan(dates[np.isfinite(dates)])),
        "guess_popularity": np.abs(of.popularity - mean_or_nan(popularity[np.isfinite(popularity)])),
    }


def _standard(values: Float) -> Float:
    if not len(values):
        return values
    centred = values - mean(values)
    spread = np.sqrt(mean(centred * centred))
    result: Float = centred / (spread + 1e-6)
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
    return over_rows(np.maximum, values) if values.shape[1] else np.nan
