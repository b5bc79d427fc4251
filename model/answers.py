"""From a request row to an answer row: resolve the seeds, filter, rank, select, explain, format."""

import numpy as np

from model.contract import Answer, ModelVersion, Pool, Request, Why
from model.explain import SeedSound, explain
from model.filters import Filtered, apply
from model.lookup import Lookup, named, or_none, plain
from model.phrases import PHRASES
from model.profiles import Float
from model.recommender import Query, Ranking, Recommender
from model.schemas import AUDIO_FEATURES, FILTERS
from model.seeds import Seeds, resolve, rows_of
from model.selection import Selection, select
from model.wishes import tidy

_POPULARITY = FILTERS.index("popularity")
_RELEASE_YEAR = FILTERS.index("release_year")


class Answerer:
    """Answers requests with one recommender. Read-only after construction, so that threads may share it."""

    def __init__(self, recommender: Recommender, version: ModelVersion) -> None:
        """version: what every answer says about which model gave it."""
        self._recommender = recommender
        self._version = version
        self._lookup = Lookup(recommender.catalog)

    def answer(self, request: Request) -> Answer:
        """The answer to one request. Whatever the request holds, this returns, and no number in it is NaN."""
        request, notes = tidy(request)
        seeds = resolve(request, self._lookup)
        if not len(seeds.rows) and not len(seeds.extra):
            return self._empty(seeds, [_no_seed(seeds), *notes])
        means = seeds.mean_features(self._lookup)
        filtered = apply(request, seeds.rows, self._lookup)
        if request.k < 1 or not filtered.remaining:
            return self._empty(seeds, [_nothing_left(request, filtered), *notes], means, filtered)
        ranking = self._recommender.rank(self._query(request, seeds, means, filtered))
        negative_rows = rows_of(request.negative_track_ids, self._lookup)
        chosen = select(request, ranking, self._recommender.vectors, negative_rows, self._lookup)
        whys = self._whys(ranking, chosen, seeds, means) if request.explain else [None] * len(chosen.positions)
        if len(chosen.positions) < request.k:
            notes = [_short(request, len(chosen.positions), len(ranking.rows), filtered), *notes]
        # One validation of the whole costs half of what constructing each track in Python does.
        return Answer.model_validate(
            {
                "model": self._version,
                "seeds": seeds.statuses,
                "profile": named(means),
                "pool": _pool(filtered),
                "tracks": self._tracks(ranking, chosen, whys),
                "message": " ".join(notes) or None,
            }
        )

    def _query(self, request: Request, seeds: Seeds, means: Float, filtered: Filtered) -> Query:
        pulls = {name: value for name, value in request.target.items() if name in AUDIO_FEATURES}
        if not pulls:
            return Query(seeds.rows, seeds.extra, filtered.allowed)
        # Tracks near the target may stand far from the seeds: look for candidates there too.
        probe = np.array([pulls.get(name, mean) for name, mean in zip(AUDIO_FEATURES, means, strict=True)], np.float32)
        return Query(seeds.rows, seeds.extra, filtered.allowed, probe[None, :])

    def _whys(self, ranking: Ranking, chosen: Selection, seeds: Seeds, means: Float) -> list[Why]:
        model = self._recommender
        sound = SeedSound(
            ids=[*self._lookup.text("track_id", seeds.rows), *seeds.extra_ids],
            titles=[*self._lookup.text("title", seeds.rows), *seeds.extra_ids],
            vectors=np.concatenate([model.vectors[seeds.rows], model.standardise(seeds.extra)]),
            means=means,
        )
        shares = model.contributions(ranking, chosen.positions)
        return explain(ranking, chosen.positions, shares, PHRASES, sound, model.vectors, self._lookup)

    def _tracks(self, ranking: Ranking, chosen: Selection, whys: list[Why] | list[None]) -> list[dict[str, object]]:
        rows = ranking.rows[chosen.positions]
        numbers = or_none(plain(self._lookup.attributes[:, rows].T))
        scores = plain(chosen.scores).tolist()
        similarities = or_none(self._recommender.cosines(ranking, chosen.positions).astype(np.float64).round(6))
        text = self._lookup.texts(rows)
        return [
            {
                "rank": i + 1,
                **{name: column[i] for name, column in text.items()},
                "release_year": numbers[i][_RELEASE_YEAR],
                "popularity": numbers[i][_POPULARITY],
                "explicit": self._lookup.explicit[row],
                "score": scores[i],
                "similarity": similarities[i],
                "features": dict(zip(AUDIO_FEATURES, numbers[i], strict=False)),
                "why": whys[i],
            }
            for i, row in enumerate(rows.tolist())
        ]

    def _empty(
        self, seeds: Seeds, notes: list[str], means: Float | None = None, filtered: Filtered | None = None
    ) -> Answer:
        return Answer(
            model=self._version,
            seeds=seeds.statuses,
            profile={} if means is None else named(means),
            pool=Pool(initial=0, after_filtering=0) if filtered is None else _pool(filtered),
            tracks=[],
            message=" ".join(notes),
        )


def _pool(filtered: Filtered) -> Pool:
    return Pool(initial=filtered.initial, after_filtering=filtered.remaining, removed=filtered.removed)


def _no_seed(seeds: Seeds) -> str:
    if not seeds.statuses:
        return "No seeds were given."
    return f"None of the {len(seeds.statuses)} seeds is in the catalog, and none came with audio features."


def _nothing_left(request: Request, filtered: Filtered) -> str:
    if request.k < 1:
        return f"k is {request.k}: no track was asked for."
    if not filtered.initial:
        return "The catalog holds nothing but the seeds."
    return f"No track of {filtered.initial} passes the filters: {_blame(filtered)}."


def _blame(filtered: Filtered) -> str:
    strongest = sorted(filtered.removed.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} removed {count}" for name, count in strongest if count)


def _short(request: Request, found: int, n_candidates: int, filtered: Filtered) -> str:
    if n_candidates <= found:
        reasons = [f"of {filtered.initial} tracks, {_blame(filtered)}"] if any(filtered.removed.values()) else []
        why = "; ".join(reasons) or f"there are no more candidates than {n_candidates}"
    else:
        why = f"of {n_candidates} candidates the others are versions of these songs or over max_per_artist"
    return f"{found} of {request.k} tracks: {why}."
