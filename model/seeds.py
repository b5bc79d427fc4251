"""Find out what a request's seeds are: catalog rows, outside tracks with known features, or nothing usable."""

from dataclasses import dataclass

import numpy as np

from model.contract import Request, Seed
from model.lookup import Lookup, bare_id
from model.profiles import Float
from model.recommender import Rows
from model.schemas import AUDIO_FEATURES

ABSURD = 1e9  # no audio feature is near it in any unit, and squares of it still fit float32


@dataclass(frozen=True)
class Seeds:
    """A request's seeds, resolved."""

    statuses: list[Seed]
    """One for each id in the request, in its order."""
    rows: Rows
    """Catalog rows of the used seeds, (n_rows,), each song once."""
    extra: Float
    """Audio features of used seeds that the request brought along, (n_extra, 12), own units, NaN where unknown."""
    extra_ids: list[str]
    """Their ids, (n_extra,)."""

    def mean_features(self, lookup: Lookup) -> Float:
        """Mean of each audio feature over the used seeds that have it, (12,), own units; NaN where none has."""
        own = np.concatenate([lookup.attributes[: len(AUDIO_FEATURES), self.rows].T, self.extra])
        known = np.isfinite(own)
        count = known.sum(axis=0)
        total = np.where(known, own, 0).sum(axis=0, dtype=np.float64)
        means: Float = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0).astype(np.float32)
        return means


def resolve(request: Request, lookup: Lookup) -> Seeds:
    """The request's seeds; nothing in a request makes this raise."""
    statuses: list[Seed] = []
    rows: list[int] = []
    extra: list[Float] = []
    extra_ids: list[str] = []
    songs: set[int] = set()
    found = [lookup.row(track_id) for track_id in request.seed_track_ids]
    names = _names(found, lookup)
    for track_id, row in zip(request.seed_track_ids, found, strict=True):
        given = _given_features(request, track_id)
        if row is None:
            status = _outside(track_id, given, extra_ids)
        elif int(lookup.songs.codes[row]) in songs:
            status = _inside(track_id, "duplicate", names[row])
        else:
            known = given is not None or _has_features(row, lookup)
            status = _inside(track_id, "used" if known else "no_features", names[row])
            songs.add(int(lookup.songs.codes[row]))
            rows.append(row)
        if status.status == "used" and given is not None and (row is None or not _has_features(row, lookup)):
            extra.append(given)
            extra_ids.append(bare_id(track_id))
        statuses.append(status)
    features = np.array(extra, np.float32).reshape(-1, len(AUDIO_FEATURES))
    return Seeds(statuses, np.array(rows, np.int64), features, extra_ids)


def rows_of(track_ids: list[str], lookup: Lookup) -> Rows:
    """Catalog rows of those ids that the catalog knows, each once."""
    rows = {row for track_id in track_ids if (row := lookup.row(track_id)) is not None}
    return np.array(sorted(rows), np.int64)


def _given_features(request: Request, track_id: str) -> Float | None:
    given = request.seed_features.get(track_id) or request.seed_features.get(bare_id(track_id))
    if not given:
        return None
    with np.errstate(over="ignore"):
        values = np.array([given.get(name, np.nan) for name in AUDIO_FEATURES], np.float64).astype(np.float32)
    values[~(np.abs(values) < ABSURD)] = np.nan
    return None if np.isnan(values).all() else values


def _has_features(row: int, lookup: Lookup) -> bool:
    return bool(np.isfinite(lookup.attributes[: len(AUDIO_FEATURES), row]).any())


def _names(found: list[int | None], lookup: Lookup) -> dict[int, tuple[str, str]]:
    """Row -> title and artist, of the seeds that the catalog has."""
    rows = np.array([row for row in found if row is not None], np.int64)
    titles, artists = lookup.text("title", rows), lookup.text("artist", rows)
    return dict(zip(rows.tolist(), zip(titles, artists, strict=True), strict=True))


def _inside(track_id: str, status: str, name: tuple[str, str]) -> Seed:
    return Seed(track_id=track_id, status=status, title=name[0], artist=name[1])


def _outside(track_id: str, given: Float | None, earlier: list[str]) -> Seed:
    if given is None:
        return Seed(track_id=track_id, status="unknown")
    return Seed(track_id=track_id, status="duplicate" if bare_id(track_id) in earlier else "used")
