"""Ranking features: numbers about a (query, candidate) pair. One function builds them, in training and in serving.

A thousand candidates are short columns: what they cost is mostly the number of numpy calls. So reductions over few
seeds go column by column, and what several features need stands in the two views.
"""

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from model import guess
from model.candidate_view import CandidateView, Columns
from model.incidence import entries
from model.knowledge import Knowledge
from model.neighbours import Neighbourhood, matrix_of
from model.phrases import FEATURES
from model.profiles import Float, profile
from model.reductions import over_rows
from model.retrieval import Candidates
from model.schemas import AUDIO_FEATURES
from model.seed_view import SeedView, mean_or_nan

_PRIOR_SEEDS = 2.0  # the seeds' spread counts as if two more seeds had the spread below, in standard deviations
_PRIOR_SPREAD = 0.7
_NEAREST_PLAYLISTS = 8
_NO_SEED_ARTIST = 99.0  # rank given to tracks by other artists than the seeds'


def build(seeds: SeedView, neighbourhood: Neighbourhood, found: Candidates, knowledge: Knowledge) -> Float:
    """Ranking features of what retrieval found: float32 (n, len(FEATURES)), NaN where undefined."""
    of = CandidateView(found.items, knowledge)
    columns = {
        **_sound(seeds, of),
        **_style(seeds, of),
        **_time_and_popularity(seeds, of),
        **_artists(seeds, of, knowledge),
        **_neighbours(seeds, neighbourhood, of, knowledge),
        **_text(seeds, of, knowledge),
        **_echo(found, of, knowledge),
        **_of_the_seeds(seeds, neighbourhood),
    }
    columns |= guess.columns(seeds, neighbourhood, found, of, columns, knowledge)
    return matrix_of([columns[name] for name in FEATURES], len(found.items))


def _sound(seeds: SeedView, of: CandidateView) -> Columns:
    cosines = of.sound_units @ seeds.sound_units.T
    known = np.isfinite(seeds.sound)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, seeds.sound, 0).sum(axis=0) / count
        variance = np.where(known, (seeds.sound - mean) ** 2, 0).sum(axis=0) / count
    prior = _PRIOR_SEEDS * _PRIOR_SPREAD**2
    spread = np.sqrt((np.where(count > 0, variance, 0) * count + prior) / (count + _PRIOR_SEEDS))
    deltas = (of.sound - mean) / spread
    sizes = np.abs(deltas)
    columns: Columns = {
        "sound_cosine": np.where(of.silent, np.nan, of.sound_units @ seeds.sound_profile),
        "sound_cosine_max": np.where(of.silent, np.nan, over_rows(np.maximum, cosines)),
        "sound_cosine_min": np.where(of.silent, np.nan, over_rows(np.minimum, cosines)),
        "delta_sum": np.where(of.silent, np.nan, np.where(np.isnan(sizes), 0, sizes).sum(axis=1)),
    }
    return columns | {f"delta_{name}": deltas[:, at] for at, name in enumerate(AUDIO_FEATURES)}


def _style(seeds: SeedView, of: CandidateView) -> Columns:
    cosines = of.style_units @ seeds.style_units.T
    mean = seeds.style_mean
    return {
        "style_cosine": of.style_units @ seeds.style_profile,
        "style_cosine_max": over_rows(np.maximum, cosines),
        "style_cosine_min": over_rows(np.minimum, cosines),
        "style_distance": of.style_squares - of.styles @ (2 * mean) + mean @ mean,
        "style_distance_min": _nearest_squared(of, seeds.styles),
    }


def _time_and_popularity(seeds: SeedView, of: CandidateView) -> Columns:
    (date, date_spread), (popularity, popularity_spread) = seeds.date_moments, seeds.popularity_moments
    date_delta = of.date - date
    popularity_delta = of.popularity - popularity
    years = [np.abs(of.date - each) for each in seeds.dates]
    return {
        "date": of.date,
        "date_delta": date_delta,
        "date_nearest": reduce(np.minimum, years) if years else np.nan,
        "date_delta_spreads": np.abs(date_delta) / (date_spread + 1),
        "popularity": of.popularity,
        "popularity_delta": popularity_delta,
        "popularity_delta_spreads": np.abs(popularity_delta) / (popularity_spread + 5),
    }


def _artists(seeds: SeedView, of: CandidateView, knowledge: Knowledge) -> Columns:
    tracks, colisten = knowledge.tracks, knowledge.colisten
    vectors = colisten.artist_vectors.take(of.artist, axis=0)
    cosines = vectors @ seeds.artist_vectors.T if len(seeds.items) else np.full((len(of.artist), 1), np.nan)
    homes = colisten.n_artist_homes[of.artist]
    unknown = homes == 0
    largest, second = two_largest(cosines)
    same = np.zeros(len(of.artist), np.int64)
    for artist in seeds.artists.tolist():
        same += of.artist == artist
    album = tracks.album[of.items]
    same_album = np.zeros(len(album), bool)
    for each in set(tracks.album[seeds.items].tolist()):
        same_album |= album == each
    rank = tracks.artist_rank[of.items]
    return {
        "same_artist": same,
        "same_album": same_album,
        "artist_cosine": np.where(unknown, np.nan, vectors @ seeds.artist_profile),
        "artist_cosine_max": np.where(unknown, np.nan, largest),
        "artist_cosine_second": np.where(unknown, np.nan, second),
        "artist_cosine_min": np.where(unknown, np.nan, over_rows(np.minimum, cosines)),
        "artist_playlists": homes,
        "artist_tracks": tracks.artist_tracks[of.artist],
        "artist_rank": rank,
        "artist_rank_same": np.where(same > 0, rank, _NO_SEED_ARTIST),
        "artist_best": tracks.artist_best[of.artist],
    }


def _neighbours(seeds: SeedView, near: Neighbourhood, of: CandidateView, knowledge: Knowledge) -> Columns:
    colisten, summary = knowledge.colisten, knowledge.summary
    homes = entries(colisten.homes, of.items)
    n_playlists = len(colisten.sizes)
    # A track of a neighbour is in the listener's playlist with probability overlap / size.
    chance = np.zeros(n_playlists, np.float32)
    chance[near.playlists] = near.overlap / colisten.sizes[near.playlists]
    shared = np.bincount(entries(colisten.homes, seeds.items).columns, minlength=n_playlists).astype(np.float32)
    knn = (shared / np.sqrt(colisten.sizes) / np.sqrt(np.maximum(colisten.sizes, 1))).astype(np.float32)
    by_track = homes.times(chance)
    artists, which = of.distinct_artists
    by_artist = entries(colisten.artist_homes, artists).times(chance)[which]
    n_homes = colisten.n_homes[of.items]
    artist_entries = colisten.n_artist_entries[of.artist]
    weights = near.overlap / max(near.overlap.sum(), 1e-9)
    best = near.playlists[near.best_first[:_NEAREST_PLAYLISTS]]
    mean = weights @ summary.centre[near.playlists] if len(best) else np.full(of.styles.shape[1], np.nan)
    return {
        "track_playlists": n_homes,
        "item_knn": homes.times(knn),
        "neighbours": by_track,
        "neighbours_max": homes.largest(chance),
        "neighbours_mean": by_track / np.maximum(n_homes, 1),
        "neighbours_artist": by_artist,
        "neighbours_artist_mean": by_artist / np.maximum(artist_entries, 1),
        "neighbours_style": ((of.styles - mean) ** 2).sum(axis=1),
        "neighbours_style_min": _nearest_squared(of, summary.centre[best]),
        "neighbours_date": np.abs(of.date - _weighted(weights, summary.date[near.playlists])),
        "neighbours_popularity": of.popularity - _weighted(weights, summary.popularity[near.playlists]),
    }


def _text(seeds: SeedView, of: CandidateView, knowledge: Knowledge) -> Columns:
    if not len(seeds.items):
        return {"text_cosine": np.nan, "text_cosine_max": np.nan}
    of_seeds = knowledge.tracks.text[seeds.items]
    cosines = knowledge.tracks.text.take(of.items, axis=0) @ of_seeds.T
    return {"text_cosine": cosines.mean(axis=1), "text_cosine_max": over_rows(np.maximum, cosines)}


def _echo(found: Candidates, of: CandidateView, knowledge: Knowledge) -> Columns:
    """Pseudo relevance feedback: what the best retrieved tracks have in common (Manning et al., IR book, ch. 9.1.6)."""
    tracks, echo = knowledge.tracks, found.echo
    dates = tracks.date[echo]
    same_artist = np.count_nonzero(of.artist == tracks.artist[echo][:, None], axis=0)
    itself = np.count_nonzero(of.items == echo[:, None], axis=0)
    return {
        "retrieval_score": found.scores,
        "echo_style": of.style_units @ profile(knowledge.style_units[echo]),
        "echo_sound": of.sound_units @ profile(knowledge.sound_units[echo]),
        "echo_artist": same_artist - itself,
        "echo_date": np.abs(of.date - mean_or_nan(dates[np.isfinite(dates)])),
    }


def _of_the_seeds(seeds: SeedView, near: Neighbourhood) -> Columns:
    (date, date_spread), (popularity, popularity_spread) = seeds.date_moments, seeds.popularity_moments
    return {
        "n_seeds": len(seeds),
        "seeds_date": date,
        "seeds_date_spread": date_spread,
        "seeds_popularity": popularity,
        "seeds_popularity_spread": popularity_spread,
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


def two_largest(values: Float) -> tuple[Float, Float]:
    """Of each row, (n, n_values), the largest value and the one after it; of a single value that value twice."""
    columns = iter(values.T)
    largest = next(columns)
    second = largest if values.shape[1] == 1 else np.full(len(values), -np.inf, np.float32)
    for column in columns:
        second = np.maximum(second, np.minimum(largest, column))
        largest = np.maximum(largest, column)
    return largest, second


def _nearest_squared(of: CandidateView, centres: Float) -> NDArray[np.generic] | float:
    if not len(centres):
        return np.nan
    return over_rows(np.minimum, of.style_squares[:, None] - of.styles @ (2 * centres).T + (centres**2).sum(axis=1))


def _weighted(weights: Float, values: Float) -> float:
    known = np.isfinite(values)
    total = weights[known].sum()
    return float(weights[known] @ values[known] / total) if total > 0 else float("nan")
