"""Style vectors: track content seen through a metric that playlists teach.

Two tracks of one playlist may differ in key but hardly in era or acousticness; linear discriminant analysis finds the
directions in which playlists differ most compared with the spread inside them.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.linalg import eigh

from model.profiles import Float
from model.splits import Items
from model.tracks import SPELLING_DIMS, TEXT_DIMS, Tracks

_N_DENSE = 19  # columns of `content` that are neither waves nor words
_N_FIXED = 3 * _N_DENSE + TEXT_DIMS + SPELLING_DIMS  # those that are no waves
_MOST_WAVES = 300
_TRACKS_A_WAVE = 20  # fewer, and the metric fits the noise of a small catalog
_FOURIER_SCALE = 0.15  # 1 / the distance, in standard deviations, at which two tracks stop being alike
_PRIOR_TRACKS = 1.0  # the mean over an artist or album counts as if it had one average track more
_BLOCK = 1 << 18  # rows worked on at once: what bounds the memory in a catalog of a million tracks
_MOST_PLAYLISTS = 20_000  # about a million rows, which give a covariance of some hundred columns to three digits
_TEXT_WEIGHT = 3.0  # unit text vectors have small entries; LDA does not care, its shrinkage does


def content(tracks: Tracks) -> Float:
    """Everything content knows of each item as one row, (n_items, n_content); what is missing is average (0)."""
    date, popularity = tracks.date[:, None], tracks.popularity[:, None]
    sizes = np.bincount(tracks.artist)[tracks.artist]
    columns = [
        tracks.sound,
        tracks.key_circle,
        _standard(date),
        _uniform(tracks.date)[:, None],
        _standard(popularity),
        (popularity == 0).astype(np.float32),  # at the source, 0 is "removed or never counted" as often as "unloved"
        np.log1p(sizes)[:, None].astype(np.float32),
    ]
    dense = np.nan_to_num(np.concatenate(columns, axis=1)).astype(np.float32)
    works = [_mean_of_work(dense, tracks.artist), _mean_of_work(dense, tracks.album)]
    n_waves = min(_MOST_WAVES, len(dense) // _TRACKS_A_WAVE)
    rows = np.empty((len(dense), _N_FIXED + n_waves), np.float32)
    parts = [dense, _TEXT_WEIGHT * tracks.text, _TEXT_WEIGHT * tracks.spelling, *works]
    np.concatenate(parts, axis=1, out=rows[:, :_N_FIXED])
    for block in _blocks(len(dense)):
        rows[block, _N_FIXED:] = _fourier(dense[block], n_waves)
    return rows


def described(rows: Float) -> Float:
    """The columns of `content` that describe an item itself, without waves: (n, 19 + 32 + 64)."""
    return rows[:, : _N_DENSE + TEXT_DIMS + SPELLING_DIMS]


def _mean_of_work(dense: Float, work: Items) -> Float:
    """Of each item's artist or album, (n, 19): an artist's other songs say what kind of artist that is."""
    counts = np.bincount(work)
    sums = np.stack([np.bincount(work, column, len(counts)) for column in dense.T], axis=1)
    means: Float = (sums / (counts + _PRIOR_TRACKS)[:, None]).astype(np.float32)
    return means[work]


def _fourier(dense: Float, n_waves: int) -> Float:
    """Random Fourier features, (n, n_waves): a linear method may draw curved borders (Rahimi & Recht, NIPS 2007).

    The frequencies are constants of the code: another draw would be another model.
    """
    rng = np.random.default_rng(2007)
    frequencies = rng.normal(0, _FOURIER_SCALE, (dense.shape[1], n_waves)).astype(np.float32)
    phases = rng.uniform(0, 2 * np.pi, n_waves).astype(np.float32)
    waves: Float = np.cos(dense @ frequencies + phases)
    return waves


def content_of_sound(sound: Float, mean: Float) -> Float:
    """Rows like those of `content`, (n, n_content), for tracks of which only the standardised sound (n, 12) is known.

    mean: (n_content,), of `content`: what is unknown of a track is taken as average.
    """
    rows = np.tile(mean, (len(sound), 1))
    rows[:, : sound.shape[1]] = np.nan_to_num(sound)
    own = rows[:, :_N_DENSE] / (1 + _PRIOR_TRACKS)  # as if it were its artist's and its album's only track
    rows[:, _N_FIXED - 2 * _N_DENSE : _N_FIXED] = np.concatenate([own, own], axis=1)
    rows[:, _N_FIXED:] = _fourier(rows[:, :_N_DENSE], len(mean) - _N_FIXED)
    return rows


@dataclass(frozen=True)
class Style:
    """A fitted projection from content to style."""

    mean: Float
    """(n_content,)."""
    projection: Float
    """(n_content, n_dims)."""
    strength: Float
    """λ, the variance between playlists over that inside them, in each direction, (n_dims,)."""

    def vectors(self, rows: Float) -> Float:
        """Style vectors, (n, n_dims), not normalised: their squared distance is a likelihood ratio's exponent."""
        vectors = np.empty((len(rows), self.projection.shape[1]), np.float32)
        for block in _blocks(len(rows)):
            vectors[block] = (rows[block] - self.mean) @ self.projection
        return vectors

    def save(self, folder: Path) -> None:
        """Write three `.npy` files."""
        np.save(folder / "style.mean.npy", self.mean)
        np.save(folder / "style.projection.npy", self.projection)
        np.save(folder / "style.strength.npy", self.strength)

    @classmethod
    def load(cls, folder: Path) -> "Style":
        """What `save` wrote."""
        return cls(*(np.load(folder / f"style.{name}.npy") for name in ("mean", "projection", "strength")))


def fit_style(rows: Float, playlists: list[Items], n_dims: int, shrinkage: float) -> Style:
    """Linear discriminants with playlists as classes: Fisher; Hastie et al., "Elements of statistical learning", 4.3.

    rows: `content`, (n_items, n_content).  shrinkage: share of the diagonal in the covariance inside playlists
    (Friedman 1989).  Each direction is scaled by sqrt(λ / (1 + λ)), λ its variance between over inside playlists, as
    in probabilistic LDA (Ioffe 2006), so that directions which separate nothing count for nothing.  Of more than
    _MOST_PLAYLISTS playlists every second, third, … is taken.
    """
    playlists = playlists[:: -(-len(playlists) // _MOST_PLAYLISTS)]
    members = np.concatenate(playlists)
    sizes = np.array([len(items) for items in playlists])
    starts = np.cumsum(sizes) - sizes
    centres = np.empty((len(playlists), rows.shape[1]))
    total, within = np.zeros(rows.shape[1]), np.zeros((rows.shape[1], rows.shape[1]))
    cuts = np.searchsorted(starts, np.arange(0, len(members), _BLOCK)).tolist()  # between playlists
    for first, end in pairwise(sorted({*cuts, len(playlists)})):
        some = sizes[first:end]
        x = rows[members[starts[first] : starts[first] + some.sum()]].astype(np.float64)
        total += x.sum(axis=0)
        centres[first:end] = np.add.reduceat(x, starts[first:end] - starts[first]) / some[:, None]
        x -= np.repeat(centres[first:end], some, axis=0)
        within += x.T @ x
    mean = total / len(members)
    within /= len(members)
    within = (1 - shrinkage) * within + shrinkage * np.diag(np.diag(within)) + 1e-3 * np.eye(len(within))
    spread = (centres - mean) * np.sqrt(sizes)[:, None]
    strengths, directions = eigh(spread.T @ spread / len(members), within)
    best = np.argsort(-strengths)[:n_dims]
    strength = np.maximum(strengths[best], 0)
    projection = directions[:, best] * np.sqrt(strength / (1 + strength))
    projection *= np.sign(projection[np.abs(projection).argmax(axis=0), np.arange(len(best))])  # their sign is free
    return Style(mean.astype(np.float32), projection.astype(np.float32), strength.astype(np.float32))


def _blocks(n: int) -> list[slice]:
    return [slice(start, start + _BLOCK) for start in range(0, n, _BLOCK)]


def _standard(values: Float) -> Float:
    known = values[np.isfinite(values)]
    if not len(known) or known.std() == 0:
        return np.zeros_like(values)
    result: Float = (values - known.mean()) / known.std()
    return result


def _uniform(values: Float) -> Float:
    """Rank among the known values, spread evenly over a range of standard deviation 1."""
    known = np.sort(values[np.isfinite(values)])
    share = np.searchsorted(known, values, "right") / max(len(known), 1)
    return np.where(np.isfinite(values), (share - 0.5) * np.sqrt(12), np.nan).astype(np.float32)
