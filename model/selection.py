"""From ranked candidates to the tracks of the answer: pulls, sampling, artist cap, one version a song, diversity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.contract import Request
from model.lookup import Lookup
from model.profiles import Float
from model.recommender import Ranking, Rows
from model.schemas import FILTERS

# How strong each wish is, in standard deviations of the candidates' ranking scores.
TARGET_STRENGTH = 1.0  # for each standard deviation between a track and the target point
NEGATIVE_STRENGTH = 2.0  # at cosine 1 to a negative seed; half of it again for the same artist
POPULARITY_STRENGTH = 2.0  # between the least and the most familiar track of the catalog, at dial 1

DIVERSITY_DEPTH = 10  # diversity chooses among the best so-many times k, so that relevance survives the dial at 1


@dataclass(frozen=True)
class Selection:
    """The chosen candidates, in the order of the answer."""

    positions: Rows
    """Positions in the ranking, (n,)."""
    scores: Float
    """Their scores after the pulls, (n,)."""


def select(request: Request, ranking: Ranking, vectors: Float, negative_rows: Rows, lookup: Lookup) -> Selection:
    """At most `request.k` candidates. vectors: the catalog's feature vectors, (n_tracks, n_dims), unit or zero rows."""
    scores = adjusted_scores(request, ranking, vectors, negative_rows, lookup)
    sampled = _with_noise(scores, request.temperature, request.random_seed)
    order = np.argsort(-sampled, kind="stable")
    caps = _Caps(request.max_per_artist, ranking.rows, lookup)
    if request.diversity > 0:
        positions = _diverse(request, order, sampled, vectors[ranking.rows], caps)
    else:
        positions = _first(request.k, order, caps)
    return Selection(positions, scores[positions])


def adjusted_scores(
    request: Request, ranking: Ranking, vectors: Float, negative_rows: Rows, lookup: Lookup
) -> NDArray[np.float32]:
    """The ranking scores after target, negative seeds and popularity dial, (n,), in the ranker's own unit."""
    pull = np.zeros(len(ranking.rows), np.float32)
    if request.target:
        steps = [_distance(name, target, ranking.rows, lookup) for name, target in request.target.items()]
        pull -= TARGET_STRENGTH * np.linalg.norm(steps, axis=0)
    if len(negative_rows):
        alike = (vectors[ranking.rows] @ vectors[negative_rows].T).max(axis=1)
        same_artist = np.isin(lookup.artists.codes[ranking.rows], lookup.artists.codes[negative_rows])
        pull -= NEGATIVE_STRENGTH * (np.maximum(alike, 0) + 0.5 * same_artist)
    if request.popularity:
        pull += POPULARITY_STRENGTH * request.popularity * lookup.familiarity[ranking.rows]
    if not pull.any():
        return ranking.scores
    return ranking.scores + np.float32(_unit(ranking.scores)) * pull


def _distance(name: str, target: float, rows: Rows, lookup: Lookup) -> NDArray[np.float32]:
    """Distance to the target in standard deviations of the catalog; tracks without the attribute get the mean one."""
    at = FILTERS.index(name)
    distance = np.abs(lookup.attributes[at, rows] - np.float32(target))
    if name == "key":
        distance = np.minimum(distance, 12 - distance)  # pitch classes form a circle
    known = np.isfinite(distance)
    mean = distance[known].mean() if known.any() else np.float32(0)
    result: NDArray[np.float32] = np.where(known, distance, mean) / lookup.spreads[at]
    return result


def _unit(scores: Float) -> float:
    spread = float(scores.std()) if len(scores) else 0.0
    return spread if spread > 0 else 1.0


def _with_noise(scores: NDArray[np.float32], temperature: float, seed: int) -> NDArray[np.float32]:
    """Gumbel noise makes the order a Plackett-Luce sample (Kool et al. 2019, "Stochastic beams", section 2)."""
    if temperature == 0 or not len(scores):
        return scores
    noise = np.random.default_rng(abs(seed)).gumbel(size=len(scores)).astype(np.float32)
    return scores + np.float32(temperature * _unit(scores)) * noise


class _Caps:
    """Which candidates may still be chosen: one version of a song, at most so many tracks by an artist."""

    def __init__(self, max_per_artist: int, rows: Rows, lookup: Lookup) -> None:
        self.songs = lookup.songs.codes[rows]
        self.artists = lookup.artists.codes[rows]
        self.limit = max_per_artist if max_per_artist > 0 else len(rows)
        self.seen: set[int] = set()
        self.by_artist: dict[int, int] = {}

    def admit(self, position: int) -> bool:
        """Count the candidate in, unless it may not be chosen any more."""
        song, artist = int(self.songs[position]), int(self.artists[position])
        if song in self.seen or self.by_artist.get(artist, 0) >= self.limit:
            return False
        self.seen.add(song)
        self.by_artist[artist] = self.by_artist.get(artist, 0) + 1
        return True


def _first(k: int, order: Rows, caps: _Caps) -> Rows:
    chosen: list[int] = []
    for position in order:  # not as a list: a few dozen of a thousand are looked at
        if len(chosen) == k:
            break
        if caps.admit(int(position)):
            chosen.append(int(position))
    return np.array(chosen, np.int64)


def _diverse(request: Request, order: Rows, scores: NDArray[np.float32], vectors: Float, caps: _Caps) -> Rows:
    """Maximal marginal relevance: next comes the candidate with the best (1 - d) relevance - d (highest cosine to a
    chosen one), d being the dial (Carbonell and Goldstein 1998). Relevance is the score scaled to 0..1 over the pool.
    """
    pool = order[: max(DIVERSITY_DEPTH * request.k, 100)]
    relevance = scores[pool] - scores[pool].min()
    relevance = relevance / max(float(relevance.max()), 1e-9)
    pool_vectors = vectors[pool]
    closest = np.full(len(pool), -1, np.float32)
    open_ = np.ones(len(pool), bool)
    chosen: list[int] = []
    while len(chosen) < request.k and open_.any():
        value = (1 - request.diversity) * relevance - request.diversity * closest
        best = int(np.argmax(np.where(open_, value, -np.inf)))
        open_[best] = False
        if caps.admit(int(pool[best])):
            chosen.append(int(pool[best]))
            np.maximum(closest, pool_vectors @ pool_vectors[best], out=closest)
    return np.array(chosen, np.int64)
