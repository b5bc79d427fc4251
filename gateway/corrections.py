"""What a mistyped search term may have meant: everything in the catalog's vocabulary one edit away, as FTS5 clauses.

An edit is one character too many, too few, wrong, or swapped with its neighbour; the space between words counts too.
"""

import sqlite3
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

from data.text import TYPO_PREFIX, is_spaceless, spaced, typo_keys

N_CORRECTIONS = 40
"""Most frequent words tried for one mistyped term."""
MAX_RUN = 16
"""So many characters of a run of Hangul, kana or Han are enough to find it."""
MIN_PREFIX = 4
"""From this length on, a term may be the mistyped beginning of a longer word."""


def quoted(words: str) -> str:
    """Text as an FTS5 phrase: nothing inside is syntax."""
    return '"' + words.replace('"', '""') + '"'


def clause(term: str) -> str:
    """FTS5: the term as the beginning of a word; of Hangul, kana or Han anywhere in a run."""
    return quoted(spaced(term)) + ("" if is_spaceless(term) else "*")


def meant_by(db: sqlite3.Connection, term: str) -> list[str]:
    """Clauses for what one edit inside a term may have hidden: another word, or two words without their space."""
    if is_spaceless(term):
        return list(_around(term))
    halves = [(term[:i], term[j:]) for i in range(1, len(term)) for j in (i, i + 1) if term[j:]]
    whole = _existing(db, {half for pair in halves for half in pair})
    pairs = [f"({quoted(left)} AND {quoted(right)})" for left, right in halves if left in whole and right in whole]
    return [quoted(word) for word in _corrections(db, term)] + pairs


def meant_by_pair(db: sqlite3.Connection, left: str, right: str) -> list[str]:
    """Clauses for two terms whose space is too many, stands one letter off, or took a letter's place."""
    if is_spaceless(left) or is_spaceless(right):
        return []
    joined = [quoted(word) for word in _corrections(db, left + right)]
    moved = [(left[:-1], left[-1] + right), (left + right[0], right[1:])]
    whole = _existing(db, {part for pair in moved for part in pair if part})
    return joined + [f"({quoted(a)} AND {quoted(b)})" for a, b in moved if a in whole and b in whole]


def _around(run: str) -> Iterator[str]:
    """A run of Hangul, kana or Han with one character passed over, replaced or put in."""
    run = run[:MAX_RUN]
    for i in range(len(run)):
        for j in (i, i + 1):
            parts = [quoted(spaced(part)) for part in (run[:i], run[j:]) if part]
            if parts and len(run) > 1:
                yield "(" + " AND ".join(parts) + ")"


def _existing(db: sqlite3.Connection, words: Iterable[str]) -> set[str]:
    """Those of the words that the vocabulary has."""
    wanted = list(words)
    marks = ", ".join("?" * len(wanted))
    sql = f"SELECT word FROM vocabulary WHERE prefix IN ({marks}) AND word IN ({marks})"
    return {row[0] for row in db.execute(sql, [*(word[:TYPO_PREFIX] for word in wanted), *wanted])}


def _corrections(db: sqlite3.Connection, term: str) -> list[str]:
    """Vocabulary words at most one edit from the term, or whose beginning is; most frequent first."""
    keys = sorted(typo_keys(term)) if len(term) > 1 else []
    sql = f"""
        SELECT DISTINCT word, n_tracks FROM typo_keys JOIN vocabulary USING (prefix)
        WHERE key IN ({", ".join("?" * len(keys))}) ORDER BY n_tracks DESC
    """
    near = [word for word, _ in db.execute(sql, keys) if is_near(term, word)]
    return sorted(near, key=lambda word: len(word) > len(term) + 1)[:N_CORRECTIONS]


def is_near(term: str, word: str) -> bool:
    """Whether one edit at most lies between the term and the word, or between the term and the word's beginning."""
    if OSA.distance(term, word, score_cutoff=1) <= 1:
        return True
    ends = (len(term) - 1, len(term), len(term) + 1) if len(term) >= MIN_PREFIX else ()
    return any(OSA.distance(term, word[:end], score_cutoff=1) <= 1 for end in ends if end < len(word))
