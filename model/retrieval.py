"""Stage one: candidates from several sources, by cosine in FAISS and by shared artists and playlists.

Each source ranks its own candidates; reciprocal rank fusion merges them (Cormack, Clarke, Büttcher, SIGIR 2009). One
vector for all seeds would fall between two tastes, so every seed also asks for itself.
"""

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

from model.knowledge import Knowledge
from model.neighbours import Neighbourhood
from model.profiles import Float, profile
from model.seed_view import SeedView
from model.splits import Items

MAX_PROBES = 25  # seeds that ask for themselves; a whole playlist is represented well enough by so many
ECHO = 20  # as many as a listener would be shown
_RANK_OFFSET = 60  # of reciprocal rank fusion, as published
_NEAREST_PLAYLISTS = 50
_NEAREST_ARTISTS = 100
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
    """Exact cosine search over unit rows; row number <-> item. Cosine is the inner product of unit rows."""

    def __init__(self, units: Float) -> None:
        """units: float32 (n, n_dims), unit or zero rows."""
        self._index = faiss.IndexFlatIP(units.shape[1])
        self._index.add(np.ascontiguousarray(units, np.float32))

    def nearest(self, queries: Float, k: int, allowed: NDArray[np.bool_] | None = None) -> list[Items]:
        """Rows with the highest cosine to each query, best first: at most k each, and only allowed ones.

        queries: float32 (n_queries, n_dims).  allowed: bool (n,); None is all.
        """
        parameters = None
        if allowed is not None:
            selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))  # type: ignore[call-arg, arg-type]
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        _, found = self._index.search(np.ascontiguousarray(queries, np.float32), k, params=parameters)
        return [row[row >= 0] for row in found]  # FAISS pads with -1


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
        for ranked, weight in self._sources(seeds, near, probes, allowed, k):
            ranked = ranked[allowed[ranked]]
            fused[ranked] += weight / (_RANK_OFFSET + 1 + np.arange(len(ranked), dtype=np.float32))
        found = np.flatnonzero(fused)
        order = np.argsort(-fused[found], kind="stable")[:k]
        items = found[order]
        return Candidates(items, fused[items], items[:ECHO])

    def _sources(
        self, seeds: SeedView, near: Neighbourhood, probes: Float, allowed: NDArray[np.bool_], k: int
    ) -> list[tuple[Items, float]]:
        """Each source's items, best first and distinct, with its weight in the fusion."""
        alone = _spread_out(len(seeds))
        share = 1 / max(len(alone), 1)
        sources: list[tuple[Items, float]] = []
        mean_and_each = np.concatenate([profile(seeds.style_units)[None], seeds.style_units[alone]])
        for at, found in enumerate(self._style.nearest(mean_and_each, k, allowed)):
            sources.append((found, 1.0 if at == 0 else share))
        around = [profile(seeds.sound_units)[None], probes] if len(probes) else [profile(seeds.sound_units)[None]]
        sources += [(found, 0.5) for found in self._sound.nearest(np.concatenate(around), k // 2, allowed)]
        sources.append((self._by_the_seeds_artists(seeds), 1.0))
        sources.append((self._by_near_artists(seeds, k), 1.0))
        sources.append((self._in_near_playlists(near, k), 1.0))
        return sources

    def _by_the_seeds_artists(self, seeds: SeedView) -> Items:
        artists, counts = np.unique(seeds.artists, return_counts=True)
        return self._discographies(artists[np.argsort(-counts, kind="stable")])

    def _by_near_artists(self, seeds: SeedView, k: int) -> Items:
        if not len(seeds.items):
            return np.empty(0, np.int64)
        alone = seeds.artist_vectors[_spread_out(len(seeds.items))]
        found = self._artists.nearest(np.concatenate([profile(seeds.artist_vectors)[None], alone]), _NEAREST_ARTISTS)
        order = np.array([artist for place in zip(*found, strict=True) for artist in place], np.int64)
        _, first = np.unique(order, return_index=True)
        return self._discographies(order[np.sort(first)][: 2 * _NEAREST_ARTISTS])[:k]

    def _discographies(self, artists: Items) -> Items:
        """Items of the artists: every artist's best-known few, then every artist's next few, …"""
        spans = [self._by_artist[self._artist_starts[a] : self._artist_starts[a + 1]][:_PER_ARTIST] for a in artists]
        items = np.concatenate(spans) if spans else np.empty(0, np.int64)
        place = np.repeat(np.arange(len(spans)), [len(span) for span in spans])
        return items[np.lexsort((place, self._knowledge.tracks.artist_rank[items] // 5))]

    def _in_near_playlists(self, near: Neighbourhood, k: int) -> Items:
        colisten = self._knowledge.colisten
        best = np.argsort(-near.overlap, kind="stable")[:_NEAREST_PLAYLISTS]
        playlists = near.playlists[best]
        chance = near.overlap[best] / colisten.sizes[playlists]
        members = colisten.members[playlists]
        items, place = np.unique(members.indices, return_inverse=True)
        scores = np.bincount(place, np.repeat(chance, np.diff(members.indptr)), len(items))
        return items[np.argsort(-scores, kind="stable")[:k]].astype(np.int64)


def _spread_out(n: int) -> Items:
    """At most MAX_PROBES of n positions, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, MAX_PROBES)).astype(np.int64))
