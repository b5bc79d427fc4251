"""Ranking features: numbers about a (query, candidate) pair. One function builds them, in training and in serving."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from model import guess
from model.knowledge import Knowledge
from model.neighbours import Neighbourhood
from model.phrases import FEATURES
from model.profiles import Float, profile
from model.retrieval import Candidates
from model.schemas import AUDIO_FEATURES
from model.seed_view import SeedView, mean_or_nan, spread_or_nan
from model.splits import Items

_PRIOR_SEEDS = 2.0  # the seeds' spread counts as if two more seeds had the spread below, in standard deviations
_PRIOR_SPREAD = 0.7
_NEAREST_PLAYLISTS = 8
_NO_SEED_ARTIST = 99.0  # rank given to tracks by other artists than the seeds'


def build(seeds: SeedView, neighbourhood: Neighbourhood, found: Candidates, knowledge: Knowledge) -> Float:
    """Ranking features of what retrieval found: float32 (n, len(FEATURES)), NaN where undefined."""
    candidates = found.items
    columns = {
        **_sound(seeds, candidates, knowledge),
        **_style(seeds, candidates, knowledge),
        **_time_and_popularity(seeds, candidates, knowledge),
        **_artists(seeds, candidates, knowledge),
        **_neighbours(seeds, neighbourhood, candidates, knowledge),
        **_text(seeds, candidates, knowledge),
        **_echo(found, knowledge),
        **_of_the_seeds(seeds, neighbourhood),
    }
    columns |= guess.columns(seeds, neighbourhood, found, np.asarray(columns["neighbours"], np.float32), knowledge)
    matrix = np.empty((len(candidates), len(FEATURES)), np.float32)
    for at, name in enumerate(FEATURES):
        matrix[:, at] = columns[name]
    return matrix


Columns = dict[str, NDArray[np.generic] | float]


def _sound(seeds: SeedView, candidates: Items, knowledge: Knowledge) -> Columns:
    units = knowledge.sound_units[candidates]
    cosines = units @ seeds.sound_units.T
    silent = np.isnan(knowledge.tracks.sound[candidates]).all(axis=1)
    known = np.isfinite(seeds.sound)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, seeds.sound, 0).sum(axis=0) / count
        variance = np.where(known, (seeds.sound - mean) ** 2, 0).sum(axis=0) / count
    prior = _PRIOR_SEEDS * _PRIOR_SPREAD**2
    spread = np.sqrt((np.nan_to_num(variance) * count + prior) / (count + _PRIOR_SEEDS))
    deltas = (knowledge.tracks.sound[candidates] - mean) / spread
    columns: Columns = {
        "sound_cosine": np.where(silent, np.nan, units @ profile(seeds.sound_units)),
        "sound_cosine_max": np.where(silent, np.nan, cosines.max(axis=1)),
        "sound_cosine_min": np.where(silent, np.nan, cosines.min(axis=1)),
        "delta_sum": np.where(silent, np.nan, np.nansum(np.abs(deltas), axis=1)),
    }
    return columns | {f"delta_{name}": deltas[:, at] for at, name in enumerate(AUDIO_FEATURES)}


def _style(seeds: SeedView, candidates: Items, knowledge: Knowledge) -> Columns:
    units, vectors = knowledge.style_units[candidates], knowledge.styles[candidates]
    cosines = units @ seeds.style_units.T
    squares = (vectors**2).sum(axis=1)
    distances = squares[:, None] - 2 * vectors @ seeds.styles.T + (seeds.styles**2).sum(axis=1)
    mean = seeds.styles.mean(axis=0)
    return {
        "style_cosine": units @ profile(seeds.style_units),
        "style_cosine_max": cosines.max(axis=1),
        "style_cosine_min": cosines.min(axis=1),
        "style_distance": squares - 2 * vectors @ mean + mean @ mean,
        "style_distance_min": distances.min(axis=1),
    }


def _time_and_popularity(seeds: SeedView, candidates: Items, knowledge: Knowledge) -> Columns:
    tracks = knowledge.tracks
    date, popularity = tracks.date[candidates], tracks.popularity[candidates]
    date_delta = date - mean_or_nan(seeds.dates)
    popularity_delta = popularity - mean_or_nan(seeds.popularities)
    if len(seeds.dates):
        nearest: NDArray[np.generic] = np.abs(date[:, None] - seeds.dates).min(axis=1)
    else:
        nearest = np.full(len(date), np.nan)
    return {
        "date": date,
        "date_delta": date_delta,
        "date_nearest": nearest,
        "date_delta_spreads": np.abs(date_delta) / (spread_or_nan(seeds.dates) + 1),
        "popularity": popularity,
        "popularity_delta": popularity_delta,
        "popularity_delta_spreads": np.abs(popularity_delta) / (spread_or_nan(seeds.popularities) + 5),
    }


def _artists(seeds: SeedView, candidates: Items, knowledge: Knowledge) -> Columns:
    tracks, colisten = knowledge.tracks, knowledge.colisten
    artist = tracks.artist[candidates]
    vectors = colisten.artist_vectors[artist]
    cosines = (
        np.sort(vectors @ seeds.artist_vectors.T, axis=1) if len(seeds.items) else np.full((len(artist), 1), np.nan)
    )
    unknown = colisten.n_artist_homes[artist] == 0
    same = (artist[:, None] == seeds.artists).sum(axis=1)
    rank = tracks.artist_rank[candidates]
    return {
        "same_artist": same,
        "same_album": np.isin(tracks.album[candidates], tracks.album[seeds.items]),
        "artist_cosine": np.where(unknown, np.nan, vectors @ profile(seeds.artist_vectors)),
        "artist_cosine_max": np.where(unknown, np.nan, cosines[:, -1]),
        "artist_cosine_second": np.where(unknown, np.nan, cosines[:, max(cosines.shape[1] - 2, 0)]),
        "artist_cosine_min": np.where(unknown, np.nan, cosines[:, 0]),
        "artist_playlists": colisten.n_artist_homes[artist],
        "artist_tracks": tracks.artist_tracks[artist],
        "artist_rank": rank,
        "artist_rank_same": np.where(same > 0, rank, _NO_SEED_ARTIST),
        "artist_best": tracks.artist_best[artist],
    }


def _neighbours(seeds: SeedView, near: Neighbourhood, candidates: Items, knowledge: Knowledge) -> Columns:
    tracks, colisten, summary = knowledge.tracks, knowledge.colisten, knowledge.summary
    homes = colisten.homes[candidates]
    artist = tracks.artist[candidates]
    n_playlists = len(colisten.sizes)
    # A track of a neighbour is in the listener's playlist with probability overlap / size.
    chance = np.zeros(n_playlists, np.float32)
    chance[near.playlists] = near.overlap / colisten.sizes[near.playlists]
    together = colisten.homes[seeds.items].sum(axis=0) / np.sqrt(colisten.sizes)
    by_track = homes @ chance
    distinct = np.unique(artist)
    by_artist = (colisten.artist_homes[distinct] @ chance)[np.searchsorted(distinct, artist)]
    n_homes = colisten.n_homes[candidates]
    entries = colisten.n_artist_entries[artist]
    weights = near.overlap / max(near.overlap.sum(), 1e-9)
    best = near.playlists[np.argsort(-near.overlap, kind="stable")[:_NEAREST_PLAYLISTS]]
    styles = knowledge.styles[candidates]
    mean = weights @ summary.centre[near.playlists] if len(best) else np.full(styles.shape[1], np.nan)
    return {
        "track_playlists": n_homes,
        "item_knn": homes @ (together / np.sqrt(np.maximum(colisten.sizes, 1))),
        "neighbours": by_track,
        "neighbours_max": _max_of_rows(homes, chance),
        "neighbours_mean": by_track / np.maximum(n_homes, 1),
        "neighbours_artist": by_artist,
        "neighbours_artist_mean": by_artist / np.maximum(entries, 1),
        "neighbours_style": ((styles - mean) ** 2).sum(axis=1),
        "neighbours_style_min": _nearest_squared(styles, summary.centre[best]),
        "neighbours_date": np.abs(tracks.date[candidates] - _weighted(weights, summary.date[near.playlists])),
        "neighbours_popularity": tracks.popularity[candidates] - _weighted(weights, summary.popularity[near.playlists]),
    }


def _text(seeds: SeedView, candidates: Items, knowledge: Knowledge) -> Columns:
    if not len(seeds.items):
        return {"text_cosine": np.nan, "text_cosine_max": np.nan}
    of_seeds = knowledge.tracks.text[seeds.items]
    cosines = knowledge.tracks.text[candidates] @ of_seeds.T
    return {"text_cosine": cosines.mean(axis=1), "text_cosine_max": cosines.max(axis=1)}


def _echo(found: Candidates, knowledge: Knowledge) -> Columns:
    """Pseudo relevance feedback: what the best retrieved tracks have in common (Manning et al., IR book, ch. 9.1.6)."""
    tracks, items, echo = knowledge.tracks, found.items, found.echo
    counts = np.bincount(tracks.artist[echo], minlength=len(tracks.artist_tracks))
    dates = tracks.date[echo]
    return {
        "retrieval_score": found.scores,
        "echo_style": knowledge.style_units[items] @ profile(knowledge.style_units[echo]),
        "echo_sound": knowledge.sound_units[items] @ profile(knowledge.sound_units[echo]),
        "echo_artist": counts[tracks.artist[items]] - np.isin(items, echo),
        "echo_date": np.abs(tracks.date[items] - mean_or_nan(dates[np.isfinite(dates)])),
    }


def _of_the_seeds(seeds: SeedView, near: Neighbourhood) -> Columns:
    return {
        "n_seeds": len(seeds),
        "seeds_date": mean_or_nan(seeds.dates),
        "seeds_date_spread": spread_or_nan(seeds.dates),
        "seeds_popularity": mean_or_nan(seeds.popularities),
        "seeds_popularity_spread": spread_or_nan(seeds.popularities),
        "seeds_variety": len(set(seeds.artists.tolist())) / len(seeds),
        "seeds_sound_cohesion": _cohesion(seeds.sound_units),
        "seeds_style_cohesion": _cohesion(seeds.style_units),
        "seeds_artist_cohesion": _cohesion(seeds.artist_vectors),
        "neighbours_expected": float(near.overlap.sum()),
        "neighbours_strongest": float(near.overlap.max(initial=0)),
    }


def _cohesion(units: Float) -> float:
    """Mean cosine over all pairs, each with itself included: the squared length of the mean."""
    return float((units.mean(axis=0) ** 2).sum()) if len(units) else float("nan")


def _max_of_rows(homes: sp.csr_array, values: Float) -> Float:
    """For each sparse row, the largest of the values at its columns; 0 for an empty row."""
    taken = values[homes.indices]
    result = np.zeros(homes.shape[0], np.float32)
    filled = np.diff(homes.indptr) > 0
    if len(taken):
        result[filled] = np.maximum.reduceat(taken, homes.indptr[:-1][filled])
    return result


def _nearest_squared(styles: Float, centres: Float) -> NDArray[np.generic] | float:
    if not len(centres):
        return np.nan
    squares = (styles**2).sum(axis=1)[:, None] - 2 * styles @ centres.T + (centres**2).sum(axis=1)
    result: Float = squares.min(axis=1)
    return result


def _weighted(weights: Float, values: Float) -> float:
    known = np.isfinite(values)
    total = weights[known].sum()
    return float(weights[known] @ values[known] / total) if total > 0 else float("nan")
