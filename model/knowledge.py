"""What a set of playlists teaches about a catalog: style vectors, co-occurrence, and a summary of each playlist.

It is kept apart from the boosters, which learn how to *weigh* such knowledge: the same boosters work on the knowledge
of the training playlists (when they are measured) and on that of all playlists (when they serve).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from model.artist_guess import guess_artists, of_artists
from model.colisten import CoListen, co_listen, derive
from model.config import TrainConfig
from model.profiles import Float, unit_rows
from model.splits import Items
from model.style import Style, content, fit_style
from model.tracks import Tracks, mapped

_MAPPED = ("styles", "style_units", "artist_styles", "artist_guesses", "sound_units", "silent")
_PRIOR = 5.0  # a playlist's spread counts as if so many tracks with the overall spread stood in it too


@dataclass(frozen=True)
class Summary:
    """What a playlist is like on the whole; one entry a playlist. Empty playlists do not exist."""

    centre: Float
    """Mean style vector, (n_playlists, n_dims)."""
    centre_length: Float
    """Its length, (n_playlists,)."""
    precision: Float
    """1 / variance of the style vectors, (n_playlists, n_dims), the standard deviation being drawn towards 1."""
    centre_precision: Float
    """Centre times precision, (n_playlists, n_dims)."""
    centre_square: Float
    """Σ centre² precision, (n_playlists,)."""
    log_volume: Float
    """Σ log standard deviation, (n_playlists,)."""
    date: Float
    """Mean release date in years, (n_playlists,); NaN if no track has one."""
    date_spread: Float
    """Its standard deviation."""
    popularity: Float
    """Mean popularity, likewise."""
    popularity_spread: Float
    """Its standard deviation."""
    commonness: Float
    """Mean number of other playlists that its tracks stand in."""
    variety: Float
    """Distinct artists over tracks, in (0, 1]."""


@dataclass(frozen=True)
class Knowledge:
    """Everything that the ranking features draw on."""

    tracks: Tracks
    style: Style
    styles: Float
    """Style vectors, (n_items, n_dims)."""
    style_units: Float
    """The same as unit rows."""
    artist_styles: Float
    """Mean style vector of each artist's items, (n_artists, n_dims)."""
    artist_guesses: Float
    """Their co-listen vectors, guessed from style and words where no playlist knows them, (n_artists, n_dims)."""
    sound_units: Float
    """Unit feature vectors, (n_items, 12); a missing audio feature is average."""
    silent: NDArray[np.bool_]
    """Whether all audio features are missing, (n_items,)."""
    colisten: CoListen
    summary: Summary

    def save(self, folder: Path) -> None:
        """Write what is large or cannot be derived quickly; no pickle."""
        self.tracks.save(folder)
        self.style.save(folder)
        for name in _MAPPED:
            np.save(folder / f"{name}.npy", getattr(self, name))
        np.save(folder / "artist_vectors.npy", self.colisten.artist_vectors)
        sp.save_npz(folder / "members.npz", self.colisten.members)

    @classmethod
    def load(cls, folder: Path) -> "Knowledge":
        """What `save` wrote; what is large is mapped from its file, so that the processes that serve it share it."""
        tracks = Tracks.load(folder)
        members = sp.csr_array(sp.load_npz(folder / "members.npz"))
        colisten = derive(members, mapped(folder / "artist_vectors.npy"), tracks)
        tables = {name: mapped(folder / f"{name}.npy") for name in _MAPPED}
        summary = _summary(tracks, tables["styles"], colisten)
        return cls(tracks=tracks, style=Style.load(folder), colisten=colisten, summary=summary, **tables)


def learn(tracks: Tracks, playlists: list[Items], classes: list[Items], config: TrainConfig) -> Knowledge:
    """Knowledge of the playlists.

    classes: groups of items that belong together, from which the style metric is learned: the playlists themselves, or
    stand-ins in a catalog without any.
    """
    rows = content(tracks)
    style = fit_style(rows, classes, config.style_dims, config.style_shrinkage)
    colisten = co_listen(tracks, playlists, config.artist_dims, config.seed)
    styles = style.vectors(rows)
    return Knowledge(
        tracks=tracks,
        style=style,
        styles=styles,
        style_units=unit_rows(styles),
        artist_styles=of_artists(styles, tracks),
        artist_guesses=guess_artists(tracks, rows, styles, colisten),
        # Rows as short as these are summed faster, and rounded in another way, column by column.
        sound_units=np.ascontiguousarray(unit_rows(np.asfortranarray(np.nan_to_num(tracks.sound)))),
        silent=np.logical_and.reduce(np.isnan(tracks.sound), axis=1),
        colisten=colisten,
        summary=_summary(tracks, styles, colisten),
    )


def _summary(tracks: Tracks, styles: Float, colisten: CoListen) -> Summary:
    members, sizes = colisten.members, np.maximum(colisten.sizes, 1)[:, None]
    mean = (members @ styles) / sizes
    variance = np.maximum((members @ styles**2) / sizes - mean**2, 0)
    date, date_spread = _moments(members, tracks.date)
    popularity, popularity_spread = _moments(members, tracks.popularity)
    centre = mean.astype(np.float32)
    spread = np.sqrt((variance * sizes + _PRIOR) / (sizes + _PRIOR)).astype(np.float32)
    precision = np.float32(1) / spread**2
    return Summary(
        centre=centre,
        centre_length=np.linalg.norm(centre, axis=1),
        precision=precision,
        centre_precision=centre * precision,
        centre_square=(centre**2 * precision).sum(axis=1),
        log_volume=np.log(spread).sum(axis=1),
        date=date,
        date_spread=date_spread,
        popularity=popularity,
        popularity_spread=popularity_spread,
        commonness=(members @ colisten.n_homes / sizes[:, 0] - 1).astype(np.float32),
        variety=(np.diff(colisten.artists.indptr) / sizes[:, 0]).astype(np.float32),
    )


def _moments(members: sp.csr_array, values: Float) -> tuple[Float, Float]:
    known = np.isfinite(values)
    filled = np.where(known, values, 0).astype(np.float64)
    offset = filled.sum() / max(known.sum(), 1)
    centred = np.where(known, filled - offset, 0)  # squares of years would lose their digits
    count = members @ known.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (members @ centred) / count
        variance = (members @ centred**2) / count - mean**2
    return (mean + offset).astype(np.float32), np.sqrt(np.maximum(variance, 0)).astype(np.float32)
