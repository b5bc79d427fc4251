"""What is known of every track by itself: sound, time, popularity, words, and whose it is. Nothing from playlists."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.extmath import randomized_svd

from model.profiles import Float, unit_rows
from model.schemas import AUDIO_FEATURES

Rows = NDArray[np.int64]

_SKEWED = ("speechiness", "acousticness", "instrumentalness", "liveness")  # most mass near 0: compared on a log scale
_LOG_FLOOR = 0.005
_CLIP = 4.0  # standard deviations; further out is a measuring error or noise, and must not decide a cosine
TEXT_DIMS = 32
_MIN_WORD_TRACKS = 5  # a rarer word says nothing about other tracks
SPELLING_DIMS = 64
_MIN_SYLLABLE_TRACKS = 20
_MOST_SYLLABLES = 30_000


@dataclass(frozen=True)
class Tracks:
    """Content of the catalog's songs, one row an item: the canonical track that stands for all its versions."""

    catalog_rows: Rows
    """Catalog row of each item, (n_items,), ascending."""
    item_of_row: Rows
    """Item of each catalog row, (n_tracks,)."""
    sound: Float
    """Standardised audio features, (n_items, 12), NaN where missing."""
    key_circle: Float
    """Key as a point on the circle of pitch classes, (n_items, 2), NaN where missing."""
    date: Float
    """Release date in years, (n_items,), NaN where missing."""
    popularity: Float
    """0-100, (n_items,), NaN where missing."""
    text: Float
    """Unit vectors of the words in title, artist and album, (n_items, 32); zero where no word is shared."""
    spelling: Float
    """Unit vectors of the same text's runs of two to four letters, (n_items, 64): language and manner of naming."""
    artist: Rows
    """Artist number of each item, (n_items,), from 0."""
    album: Rows
    """Album number of each item, (n_items,); items without an album each have their own."""
    album_tracks: Float
    """Items on each item's album, (n_items,)."""
    artist_rank: Float
    """0 for its artist's most popular item, 1 for the next, …, (n_items,)."""
    artist_tracks: Float
    """Items of each artist, (n_artists,)."""
    artist_best: Float
    """Popularity of each artist's most popular item, (n_artists,); NaN if unknown."""
    artist_popularity: Float
    """Mean popularity of each artist's items, (n_artists,); NaN if unknown."""
    artist_date: Float
    """Mean release date of each artist's items in years, (n_artists,); NaN if unknown."""
    means: Float
    """Mean of each audio feature after its transform, (12,)."""
    stds: Float
    """Standard deviation, likewise, (12,)."""

    def __len__(self) -> int:
        """How many items there are."""
        return len(self.catalog_rows)

    def standardise(self, features: Float) -> Float:
        """Audio features in their own units, (n, 12), as this catalog standardises them; NaN stays NaN."""
        scaled: Float = np.clip((transform(features) - self.means) / self.stds, -_CLIP, _CLIP).astype(np.float32)
        return scaled

    def save(self, folder: Path) -> None:
        """Write one `.npy` a field."""
        for name, values in vars(self).items():
            np.save(folder / f"tracks.{name}.npy", values)

    @classmethod
    def load(cls, folder: Path) -> "Tracks":
        """What `save` wrote, memory-mapped."""
        return cls(**{name: mapped(folder / f"tracks.{name}.npy") for name in cls.__dataclass_fields__})


def mapped(path: Path) -> NDArray[Any]:
    """An array that stays in its file until it is looked at; a plain one, since `np.memmap` makes look-ups dearer."""
    return np.ascontiguousarray(np.load(path, mmap_mode="r"))


def transform(features: Float) -> Float:
    """Audio features, (n, 12), on scales where equal steps sound alike: logarithms where the feature is skewed."""
    out = features.astype(np.float32, copy=True)
    for name in _SKEWED:
        at = AUDIO_FEATURES.index(name)
        out[:, at] = np.log(np.maximum(out[:, at], 0) + _LOG_FLOOR)
    for name, low, high in (("tempo", 40, 250), ("duration_ms", 20_000, 1_200_000)):
        at = AUDIO_FEATURES.index(name)
        out[:, at] = np.log(np.clip(out[:, at], low, high))
    return out


def describe(catalog: pd.DataFrame, seed: int) -> Tracks:
    """Content of a checked `schemas.CATALOG` table.

    A canonical id that is not in the catalog itself is stood for by the first of its versions.
    """
    item_of_row, rows = _items(catalog)
    songs = catalog.iloc[rows]
    raw = songs[list(AUDIO_FEATURES)].to_numpy(np.float32)
    scaled = transform(raw)
    known = np.isfinite(scaled)
    count = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, scaled, 0).sum(axis=0, dtype=np.float64) / count
    variance = np.where(known, (scaled - means) ** 2, 0).sum(axis=0, dtype=np.float64) / count
    stds = np.where(variance > 1e-12, np.sqrt(variance), 1)
    angle = 2 * np.pi * raw[:, AUDIO_FEATURES.index("key")] / 12
    artist = pd.factorize(songs["artist_id"])[0].astype(np.int64)
    popularity = songs["popularity"].to_numpy(np.float32)
    album, date = _albums(songs), _date_in_years(songs)
    text = songs["title"] + " " + songs["artist"] + " " + songs["album"].fillna("")
    by_artist = pd.Series(popularity).groupby(artist)
    return Tracks(
        catalog_rows=rows,
        item_of_row=item_of_row,
        # Row after row, as everything reads it; pandas hands out columns.
        sound=np.clip((scaled - means) / stds, -_CLIP, _CLIP).astype(np.float32, order="C"),
        key_circle=np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32),
        date=date,
        popularity=popularity,
        text=_text_vectors(text, TEXT_DIMS, seed, min_df=_MIN_WORD_TRACKS),
        spelling=_text_vectors(
            text.str.lower(),
            SPELLING_DIMS,
            seed,
            analyzer="char_wb",
            ngram_range=(2, 4),
            min_df=_MIN_SYLLABLE_TRACKS,
            max_features=_MOST_SYLLABLES,
        ),
        artist=artist,
        album=album,
        album_tracks=np.bincount(album)[album].astype(np.float32),
        artist_rank=_ranks(artist, popularity),
        artist_tracks=np.bincount(artist).astype(np.float32),
        artist_best=by_artist.max().to_numpy(np.float32),
        artist_date=pd.Series(date.astype(np.float64)).groupby(artist).mean().to_numpy(np.float32),
        artist_popularity=by_artist.mean().to_numpy(np.float32),
        means=means.astype(np.float32),
        stds=stds.astype(np.float32),
    )


def _items(catalog: pd.DataFrame) -> tuple[Rows, Rows]:
    codes = pd.factorize(catalog["canonical_id"])[0]
    own = (catalog["track_id"] == catalog["canonical_id"]).to_numpy()
    order = np.lexsort((np.arange(len(codes)), ~own))  # a song's own row before its other versions
    _, first = np.unique(codes[order], return_index=True)
    rows = np.sort(order[first])
    item_of_code = np.empty(len(rows), np.int64)
    item_of_code[codes[rows]] = np.arange(len(rows))
    return item_of_code[codes], rows


def _date_in_years(songs: pd.DataFrame) -> Float:
    parts = songs["release_date"].astype("string").str.extract(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
    year, month, day = (pd.to_numeric(parts[i]).to_numpy(np.float64, na_value=np.nan) for i in range(3))
    inside = (np.nan_to_num(month, nan=7) - 1) / 12 + (np.nan_to_num(day, nan=1) - 1) / 365.25
    dated = year + np.where(np.isnan(month), 0.5, inside)  # a bare year is its middle
    fallback = songs["release_year"].to_numpy(np.float64) + 0.5
    return np.where(np.isnan(dated), fallback, dated).astype(np.float32)


def _text_vectors(text: "pd.Series[str]", n_dims: int, seed: int, **parts: Any) -> Float:
    """Latent semantic analysis: unit singular vectors of tf-idf, (n, n_dims); zero where no part is shared.

    parts: what a text is made of, in the terms of scikit-learn's vectoriser.
    """
    vectors = np.zeros((len(text), n_dims), np.float32)
    try:
        counts = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **parts).fit_transform(text)
    except ValueError:  # no part is shared by enough tracks
        return vectors
    dims = min(n_dims, counts.shape[1] - 1)
    if dims < 1:
        return vectors
    _, _, right = randomized_svd(counts, dims, n_iter=5, random_state=seed)
    vectors[:, : len(right)] = unit_rows((counts @ right.T).astype(np.float32))
    return vectors


def _ranks(artist: Rows, popularity: Float) -> Float:
    order = np.lexsort((-np.nan_to_num(popularity, nan=-1), artist))
    starts = np.searchsorted(artist[order], artist[order])
    ranks = np.empty(len(artist), np.float32)
    ranks[order] = np.arange(len(artist)) - starts
    return ranks


def _albums(songs: pd.DataFrame) -> Rows:
    key = songs["album_id"].where(songs["album_id"].notna(), songs["artist_id"] + "\0" + songs["album"])
    codes = pd.factorize(key)[0].astype(np.int64)
    without = codes < 0
    codes[without] = codes.max(initial=-1) + 1 + np.arange(without.sum())
    return codes
