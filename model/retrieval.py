"""Stage one: candidates from several sources, by cosine in FAISS and by shared artists and playlists.

Each source ranks its own candidates; reciprocal rank fusion merges them (Cormack, Clarke, Büttcher, SIGIR 2009). One
vector for all seeds would fall between two tastes, so every seed also asks for itself.
"""

from collections import Counter
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from model.incidence import distinct, entries
from model.knowledge import Knowledge
from model.neighbours import Neighbourhood
from model.profiles import Float
from model.seed_view import SeedView
from model.splits import Items

MAX_PROBES = 25  # seeds that ask for themselves; a whole playlist is represented well enough by so many
ECHO = 20  # as many as a listener would be shown
_RANK_OFFSET = 60  # of reciprocal rank fusion, as published
_NEAREST_PLAYLISTS = 50
_NEAREST_ARTISTS = 100
_FEW = 100  # forbidden items that are cheaper to find and drop than to search around
_PER_ARTIST = 100  # of one artist's songs; keeps the most prolific orchestra from filling the list


@dataclass(frozen=True)
class Candidates:
    """What stage one found, for the same query."""

    items: Items
    """Items, (n,), best first."""
    scores: Float
    """Fused retrieval scores, (n,), falling."""
    echo: Items
    """The ECHO best of everything found: what the seeds sound like to retrieval."""


class CandidateIndex:
    """Exact cosine search over unit rows; row number <-> item. Cosine is the inner product of unit rows.

    The rows are searched where they are, by the function that FAISS's own flat index calls: such an index would hold
    a second copy, and rows that are mapped from a file are shared by all processes that serve them.
    """

    def __init__(self, units: Float) -> None:
        """units: float32 (n, n_dims), unit or zero rows."""
        self.units = np.ascontiguousarray(units, np.float32)

    def nearest(self, queries: Float, k: int, allowed: NDArray[np.bool_] | None = None) -> list[Items]:
        """Rows with the highest cosine to each query, best first: at most k each, and only allowed ones.

        queries: float32 (n_queries, n_dims).  allowed: bool (n,); None is all.
        """
        if allowed is None:
            return _unpadded(knn(queries, self.units, k))
        n_forbidden = len(allowed) - int(np.count_nonzero(allowed))
        if n_forbidden <= _FEW:  # a selector slows FAISS by a fifth to a half
            found = _unpadded(knn(queries, self.units, k + n_forbidden))
            return [rows[allowed[rows]][:k] for rows in found]
        selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[call-arg, arg-type]
        return _unpadded(knn(queries, self.units, k, selector))


def knn(queries: Float, units: Float, k: int, selector: faiss.IDSelector | None = None) -> Items:
    """Rows with the highest inner product, best first, (n_queries, k), padded with -1: `faiss.knn` with a selector."""
    queries = np.ascontiguousarray(queries, np.float32)
    products, found = np.empty((len(queries), k), np.float32), np.empty((len(queries), k), np.int64)
    arrays = [faiss.swig_ptr(each) for each in (queries, units, products, found)]
    sizes = units.shape[1], len(queries), len(units), k
    faiss.knn_inner_product(*arrays[:2], *sizes, *arrays[2:], selector)  # type: ignore[call-arg]
    return found


class Retriever:
    """Finds candidates with one set of knowledge. Read-only after construction."""

    def __init__(self, knowledge: Knowledge) -> None:
        """Index every kind of vector."""
        self._knowledge = knowledge
        tracks = knowledge.tracks
        self._sound = CandidateIndex(knowledge.sound_units)
        self._style = CandidateIndex(knowledge.style_units)
        self._artists = CandidateIndex(knowledge.colisten.artist_vectors)
        self._by_artist = np.lexsort((tracks.artist_rank, tracks.artist))
        self._artist_starts = np.searchsorted(tracks.artist[self._by_artist], np.arange(len(tracks.artist_tracks) + 1))

    def candidates(
        self, seeds: SeedView, near: Neighbourhood, probes: Float, allowed: NDArray[np.bool_], k: int
    ) -> Candidates:
        """At most k items, best first.

        probes: standardised sounds to look around as well, (n_probes, 12).  allowed: bool (n_items,).
        """
        fused = np.zeros(len(allowed), np.float32)
        sources = self._sources(seeds, near, probes, allowed, k)
        places = _RANK_OFFSET + 1 + np.arange(max(len(ranked) for ranked, _ in sources), dtype=np.float32)
        for ranked, weight in sources:
            ranked = ranked[allowed[ranked]]
            fused[ranked] += weight / places[: len(ranked)]
        found = np.flatnonzero(fused > 0)  # numpy scans booleans ten times as fast as floats
        items = found[best_first(fused[found], k)]
        return Candidates(items, fused[items], items[:ECHO])

    def _sources(
        self, seeds: SeedView, near: Neighbourhood, probes: Float, allowed: NDArray[np.bool_], k: int
    ) -> list[tuple[Items, float]]:
        """Each source's items, best first and distinct, with its weight in the fusion."""
        alone = _spread_out(len(seeds))
        share = 1 / max(len(alone), 1)
        sources: list[tuple[Items, float]] = []
        mean_and_each = np.concatenate([seeds.style_profile[None], seeds.style_units[alone]])
        for at, found in enumerate(self._style.nearest(mean_and_each, k, allowed)):
            sources.append((found, 1.0 if at == 0 else share))
        around = np.concatenate([seeds.sound_profile[None], probes]) if len(probes) else seeds.sound_profile[None]
        sources += [(found, 0.5) for found in self._sound.nearest(around, k // 2, allowed)]
        sources.append((self._by_the_seeds_artists(seeds), 1.0))
        sources.append((self._by_near_artists(seeds, k), 1.0))
        sources.append((self._in_near_playlists(near, k), 1.0))
        return sources

    def _by_the_seeds_artists(self, seeds: SeedView) -> Items:
        counts = Counter(sorted(seeds.artists.tolist()))
        return self._discographies(np.array([artist for artist, _ in counts.most_common()], np.int64))

    def _by_near_artists(self, seeds: SeedView, k: int) -> Items:
        if not len(seeds.items):
            return np.empty(0, np.int64)
        alone = seeds.artist_vectors[_spread_out(len(seeds.items))]
        found = self._artists.nearest(np.concatenate([seeds.artist_profile[None], alone]), _NEAREST_ARTISTS)
        in_turn = dict.fromkeys(np.stack(found, axis=1).ravel().tolist())
        return self._discographies(np.array(list(in_turn)[: 2 * _NEAREST_ARTISTS]))[:k]

    def _discographies(self, artists: Items) -> Items:
        """Items of the artists: every artist's best-known few, then every artist's next few, …"""
        first = self._artist_starts[artists]
        counts = np.minimum(self._artist_starts[artists + 1] - first, _PER_ARTIST)
        place = np.repeat(np.arange(len(artists)), counts)
        items = self._by_artist[np.arange(len(place)) + (first - np.cumsum(counts) + counts)[place]]
        result: Items = items[np.lexsort((place, self._knowledge.tracks.artist_rank[items] // 5))]
        return result

    def _in_near_playlists(self, near: Neighbourhood, k: int) -> Items:
        colisten = self._knowledge.colisten
        nearest = near.best_first[:_NEAREST_PLAYLISTS]
        playlists = near.playlists[nearest]
        chance = near.overlap[nearest] / colisten.sizes[playlists]
        members = entries(colisten.members, playlists)
        items, place = distinct(members.columns, len(self._knowledge.tracks))
        scores = np.asarray(np.bincount(place, chance[members.places], len(items)), np.float64)
        best: Items = items[best_first(scores, k)]
        return best


def _unpadded(found: Items) -> list[Items]:
    """FAISS pads with -1 at the end of a row."""
    return list(found) if (found >= 0).all() else [rows[rows >= 0] for rows in found]


def best_first(scores: NDArray[np.floating], k: int) -> Items:
    """Positions of the k highest scores, best first, the earlier one first where they tie."""
    if len(scores) <= k:
        return np.argsort(-scores, kind="stable")
    falling = -scores
    within = np.flatnonzero(falling <= np.partition(falling, k - 1)[k - 1])
    best: Items = within[np.argsort(falling[within], kind="stable")[:k]]
    return best


def _spread_out(n: int) -> Items:
    """At most MAX_PROBES of n positions, evenly spread."""
    return np.arange(n) if n <= MAX_PROBES else np.unique(np.linspace(0, n - 1, MAX_PROBES).astype(np.int64))
