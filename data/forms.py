"""The forms in which other people's files write ids, lists, numbers, keys, dates: each to ours, column-wise."""

import ast
import hashlib
from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.ledger import Ledger
from data.read import LIST_SEPARATOR
from data.text import fold

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
NOT_GIVEN = ("", "na", "n/a", "nan", "none", "null", "nil", "-")
SPOTIFY_PREFIX = r"^(?:spotify:\w+:|https?://open\.spotify\.com/(?:intl-[\w-]+/)?(?:embed/)?\w+/)"
"""What stands before the bare id in a Spotify URI or address."""
_PITCHES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
PITCH_CLASSES = {
    letter + accidental: (pitch + step) % 12
    for letter, pitch in _PITCHES.items()
    for accidental, step in _ACCIDENTALS.items()
}
"""'c#' -> 1, 'bb' -> 10, and so on."""
MODES = {"major": 1.0, "minor": 0.0, "maj": 1.0, "min": 0.0}
TRUTHS = {"true": True, "1": True, "1.0": True, "yes": True, "false": False, "0": False, "0.0": False, "no": False}


def text(column: pd.Series) -> pd.Series:
    """Text without outer blanks; missing is ''."""
    return column.astype("str").fillna("").str.strip()


def spotify_id(column: pd.Series) -> pd.Series:
    """The bare id of 'spotify:track:…', of an open.spotify.com address, or as it stands; missing is ''."""
    ids = text(column)
    dressed = ids.str.contains(SPOTIFY_PREFIX, regex=True)
    if dressed.any():
        bare = ids[dressed].str.replace(SPOTIFY_PREFIX, "", regex=True).str.replace(r"[?#].*$", "", regex=True)
        ids = ids.mask(dressed, bare)
    return ids


def items(cell: str, *, split: bool) -> list[str]:
    """The entries of "['A', 'B']", of a joined Parquet list, or, where `split`, of 'A;B'; else the cell itself."""
    cell = cell.strip()
    if cell.startswith("[") and cell.endswith("]"):
        try:
            entries = ast.literal_eval(cell)
        except (SyntaxError, ValueError):
            entries = cell[1:-1].split(",")
    elif LIST_SEPARATOR in cell:
        entries = cell.split(LIST_SEPARATOR)
    else:
        entries = cell.split(";") if split else [cell]
    return [entry for entry in (str(entry).strip() for entry in entries) if entry]


def per_value(column: pd.Series, function: Callable[[str], object]) -> pd.Series:
    """The function's result for every text of the column, called once for each distinct one."""
    codes, values = pd.factorize(column)
    results = pd.Series([function(value) for value in values.tolist()], dtype="object")
    return results.take(codes).set_axis(column.index)


def lists(column: pd.Series, *, split: bool) -> pd.Series:
    """Every cell's entries (see `items`), as lists; equal cells share one list."""
    return per_value(text(column), lambda cell: items(cell, split=split))


def artist_id_of(name: str) -> str:
    """An artist id made from the name: 22 characters of base 62, the same for every spelling that folds alike."""
    number = int.from_bytes(hashlib.sha256(fold(name).encode()).digest()[:16], "big")
    digits = []
    for _ in range(22):
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    return "".join(reversed(digits))


def _given(column: pd.Series) -> pd.Series:
    return ~text(column).str.casefold().isin(NOT_GIVEN)


def _numbers(column: pd.Series) -> pd.Series:
    """Float64; what is not a number is NaN."""
    try:
        values = pc.cast(pa.array(column, from_pandas=True), pa.float64()).to_numpy(zero_copy_only=False)
        return pd.Series(values, column.index)
    except pa.ArrowInvalid:  # some cell is not a number: the slower reading sorts it out
        return pd.to_numeric(column, errors="coerce").astype("float64")


def number(column: pd.Series, name: str, low: float, high: float, ledger: Ledger) -> pd.Series:
    """Float64 within [low, high]; what is not a number or is outside becomes missing, and is counted."""
    values = _numbers(column)
    if not pd.api.types.is_numeric_dtype(column):
        unread = values.isna()
        ledger.mend(f"{name} is not a number: missing", int(_given(column[unread]).sum()))
    outside = (values < low) | (values > high)
    ledger.mend(f"{name} is outside {low:g} to {high:g}: missing", int(outside.sum()))
    return values.mask(outside)


def pitch_class(column: pd.Series, ledger: Ledger) -> pd.Series:
    """0-11 from 0-11 or from 'C#', 'D♭', 'C♯/D♭'; -1, the source's 'not detected', is missing."""
    values = _numbers(column)
    named = values.isna()
    if named.any():
        names = text(column[named]).str.casefold().str.split("/").str[0].str.strip()
        values = values.mask(named, names.map(PITCH_CLASSES).astype("float64"))
        ledger.mend("key is not a pitch class: missing", int((_given(column[named]) & values[named].isna()).sum()))
    undetected = values == -1
    ledger.mend("key -1 is 'not detected': missing", int(undetected.sum()))
    return number(values.mask(undetected), "key", 0, 11, ledger)


def mode(column: pd.Series, ledger: Ledger) -> pd.Series:
    """0 or 1 from 0 / 1 or 'Minor' / 'Major'."""
    values = _numbers(column)
    named = values.isna()
    if named.any():
        values = values.mask(named, text(column[named]).str.casefold().map(MODES).astype("float64"))
        ledger.mend(
            "mode is neither major nor minor: missing", int((_given(column[named]) & values[named].isna()).sum())
        )
    return number(values, "mode", 0, 1, ledger)


def release(dates: pd.Series, years: pd.Series, ledger: Ledger) -> tuple[pd.Series, pd.Series]:
    """Release date as the source had it (YYYY, YYYY-MM, YYYY-MM-DD; missing is None), and the year as a number.

    A clock time after the date is cut off; where there is no date, the year column stands in.
    """
    trimmed = text(dates).str.replace(r"^(\d{4}-\d\d-\d\d)[T ].*$", r"\1", regex=True)
    usable = trimmed.str.fullmatch(r"[12]\d{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
    ledger.mend("release date is not YYYY, YYYY-MM or YYYY-MM-DD: missing", int((_given(dates) & ~usable).sum()))
    unknown = pd.to_numeric(years, errors="coerce") == 0
    ledger.mend("year 0 is 'unknown': missing", int(unknown.sum()))
    given_years = number(years.mask(unknown), "year", 1000, 2200, ledger)
    year = pd.to_numeric(trimmed.where(usable).str[:4], errors="coerce").astype("float64").fillna(given_years)
    date = trimmed.where(usable, year.astype("Int64").astype("str"))
    return date.where(year.notna(), None), year


def truth(column: pd.Series, name: str, ledger: Ledger) -> pd.Series:
    """True, False or missing from True / False, 1 / 0, yes / no."""
    values = text(column).str.casefold().map(TRUTHS).astype("boolean")
    ledger.mend(f"{name} is neither true nor false: missing", int((_given(column) & values.isna()).sum()))
    return values
