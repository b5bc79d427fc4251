"""What people would use instead of Quintet, on the same catalog and playlists, answering the same requests.

The two rivals that re-rank get as many candidates as Quintet and a booster of as many trees, so that the difference is
how the work is done and not how much.
"""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks.queries import K, seed_rows
from model.recommender import Recommender, Rows
from model.schemas import AUDIO_FEATURES

Rival = Callable[[Rows], object]
"""Catalog rows of the seeds to an answer."""

AUDIO = list(AUDIO_FEATURES)
SHOWN = ["track_id", "title", "artist", "album", "popularity", *AUDIO]
N_TRAINING_QUERIES = 100


class Script:
    """The script that everybody writes: a DataFrame, scikit-learn's neighbours, LightGBM over their DataFrame."""

    def __init__(self, recommender: Recommender) -> None:
        """Fit on the recommender's own catalog and playlists."""
        self.catalog = recommender.catalog
        self.n_candidates = min(recommender.config.n_candidates, len(self.catalog))
        raw = self.catalog[AUDIO].fillna(self.catalog[AUDIO].mean())
        self.vectors = StandardScaler().fit_transform(raw).astype(np.float32)
        self.neighbours = NearestNeighbors(n_neighbors=self.n_candidates, metric="cosine", algorithm="brute")
        self.neighbours.fit(self.vectors)
        self.booster = self._trained(recommender)

    def answer(self, rows: Rows) -> object:
        """The K best tracks as records."""
        profile = self.vectors[rows].mean(axis=0, keepdims=True)
        distances, found = self.neighbours.kneighbors(profile)
        return self.ranked(self.candidates(found[0], distances[0], rows), rows)

    def candidates(self, found: Rows, distances: Rows, rows: Rows) -> pd.DataFrame:
        """The candidates' rows of the catalog, with ranking features."""
        frame = self.catalog.iloc[found][SHOWN].copy()
        frame["cosine"] = 1 - distances
        seeds = self.catalog.iloc[rows]
        for name in [*AUDIO, "popularity"]:
            frame[f"delta_{name}"] = frame[name] - seeds[name].mean()
        frame["same_artist"] = frame["artist"].isin(seeds["artist"]).astype(int)
        return frame

    def ranked(self, frame: pd.DataFrame, rows: Rows) -> object:
        """The K best of the candidates that are no seeds."""
        frame = frame[~frame["track_id"].isin(self.catalog["track_id"].iloc[rows])]
        scores = self.booster.predict(frame[self.booster.feature_name()], num_threads=1)
        return (
            frame.assign(score=np.asarray(scores))
            .sort_values("score", ascending=False)
            .head(K)[[*SHOWN, "score"]]
            .to_dict("records")
        )

    def _trained(self, recommender: Recommender) -> lgb.Booster:
        frames, labels = [], []
        item_of_row, homes = recommender.knowledge.tracks.item_of_row, recommender.knowledge.colisten.homes
        asked = seed_rows(recommender, seed=2)
        for _ in range(N_TRAINING_QUERIES):
            rows = next(asked)
            distances, found = self.neighbours.kneighbors(self.vectors[rows].mean(axis=0, keepdims=True))
            frame = self.candidates(found[0], distances[0], rows)
            together = homes[item_of_row[rows]].sum(axis=0)
            labels.append((homes[item_of_row[found[0]]] @ together > 0).astype(int))
            frames.append(frame)
        data = pd.concat(frames)
        features = [name for name in data if name not in ("track_id", "title", "artist", "album")]
        n_trees = max(booster.n_trees for booster in recommender.boosters.rankers.values())
        parameters = {"objective": "lambdarank", "lambdarank_truncation_level": 100, "verbose": -1, "num_threads": 1}
        groups = [self.n_candidates] * N_TRAINING_QUERIES
        return lgb.train(parameters, lgb.Dataset(data[features], np.concatenate(labels), group=groups), n_trees)


@contextmanager
def rivals(recommender: Recommender) -> Iterator[dict[str, Rival]]:
    """Name -> rival, for the time of the block, one thread each."""
    script = Script(recommender)
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        found = {"the classic script": script.answer, "LanceDB and LightGBM": _vector_database(script, folder)}
        if recommender.knowledge.colisten.members.nnz:
            found["implicit's similar_items"] = _similar_items(recommender)
        yield found


def _vector_database(script: Script, folder: str) -> Rival:
    import lancedb

    frame = script.catalog[SHOWN].assign(row=np.arange(len(script.catalog)), vector=list(script.vectors))
    table: Any = lancedb.connect(folder).create_table("tracks", frame)

    def answer(rows: Rows) -> object:
        profile = script.vectors[rows].mean(axis=0)
        search = table.search(profile).distance_type("cosine").limit(script.n_candidates)
        found = search.select(["row", "_distance"]).to_pandas()
        return script.ranked(script.candidates(found["row"].to_numpy(), found["_distance"].to_numpy(), rows), rows)

    return answer


def _similar_items(recommender: Recommender) -> Rival:
    """Similar tracks of each seed by ALS, their scores added up: no ranking, no filters, nothing for a new track."""
    from implicit.als import AlternatingLeastSquares

    tracks = recommender.knowledge.tracks
    als = AlternatingLeastSquares(factors=64, random_state=0, num_threads=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # implicit warns of its own use of scipy
        als.fit(sp.csr_matrix(recommender.knowledge.colisten.members), show_progress=False)

    def answer(rows: Rows) -> object:
        items = tracks.item_of_row[rows]
        found, scores = als.similar_items(items, N=recommender.config.n_candidates // len(items), filter_items=items)
        together = pd.Series(scores.ravel()).groupby(found.ravel()).sum().nlargest(K)
        return recommender.catalog.iloc[tracks.catalog_rows[together.index]][SHOWN].to_dict("records")

    return answer
