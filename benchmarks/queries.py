"""Requests for benchmarks: five seeds of one playlist each, never the same five twice."""

from collections.abc import Iterator

import numpy as np

from model.contract import Request
from model.recommender import Recommender, Rows

N_SEEDS = 5
K = 20


def seed_rows(recommender: Recommender, seed: int) -> Iterator[Rows]:
    """Catalog rows of the seeds of one request after another, without end."""
    rng = np.random.default_rng(seed)
    tracks, members = recommender.knowledge.tracks, recommender.knowledge.colisten.members
    lists = np.flatnonzero(np.diff(members.indptr) > 2 * N_SEEDS)
    asked: set[tuple[int, ...]] = set()
    while True:
        if len(lists):
            playlist = int(rng.choice(lists))
            pool = members.indices[members.indptr[playlist] : members.indptr[playlist + 1]].astype(np.int64)
        else:
            pool = np.arange(len(tracks))
        items = np.sort(rng.choice(pool, N_SEEDS, replace=False))
        if tuple(items.tolist()) not in asked:
            asked.add(tuple(items.tolist()))
            yield tracks.catalog_rows[items]


def requests(recommender: Recommender, seed: int) -> Iterator[Request]:
    """The same as requests."""
    track_ids = recommender.catalog["track_id"].to_numpy()
    for rows in seed_rows(recommender, seed):
        yield Request(seed_track_ids=track_ids[rows].tolist(), k=K)
