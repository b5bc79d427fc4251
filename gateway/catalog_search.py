"""Search in catalog.db as the listener types: any word order, beginnings of words, one typo forgiven.

Rounds, each only if those before found too little: every term as it stands; with an edit undone; with a term left out.
A round takes the most popular matches from FTS5 (they come in that order) and ranks these by likeness.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz.distance import OSA

from data.text import is_spaceless, search_terms, spaced
from gateway.corrections import clause, meant_by, meant_by_pair, quoted

MAX_CHARACTERS = 200
MAX_TERMS = 24
TELLING_TERMS = 8
"""The longest terms of a long query, which are enough to find a track in spite of a slip in one of them."""
BUDGET_S = 0.1
"""Processor time after which a search tries no further way; the way under way is finished."""
N_CANDIDATES = 100
"""The most popular matches of each way that are ranked."""
FEW_TERMS = 2
"""So few terms may match by chance: near matches then fill up the list even if there are exact ones."""
POPULARITY_WEIGHT = 0.3
COVERAGE_WEIGHT = 0.5
OTHER_VERSION = 0.1
"""What is taken off a version that is not its song's canonical track."""

Row = tuple[int, str, str, float | None, int]
"""Popularity rank, spaced text, match key, popularity, whether canonical."""


def search_ranks(db: sqlite3.Connection, q: str, limit: int, budget_s: float = BUDGET_S) -> list[int]:
    """Popularity ranks of the matching tracks, best match first; empty for a blank query."""
    terms = list(dict.fromkeys(search_terms(q[:MAX_CHARACTERS])))[:MAX_TERMS]
    if not terms or limit < 1:
        return []
    until = time.thread_time() + budget_s
    clauses = [_clause(term, last=term == terms[-1]) for term in terms]
    telling = sorted(sorted(range(len(terms)), key=lambda i: -len(terms[i]))[:TELLING_TERMS])
    few, few_clauses = [terms[i] for i in telling], [clauses[i] for i in telling]
    rounds: list[tuple[int, Iterable[str]]] = [
        (1, [" AND ".join(clauses)]),
        (1, [" AND ".join(few_clauses)] if len(few) < len(terms) else []),
        (limit if len(terms) <= FEW_TERMS else 1, _one_edit_undone(db, few, few_clauses)),
        (1, _one_left_out(few_clauses)),
    ]
    found: dict[int, None] = {}
    for wanted, ways in rounds:
        if len(found) < wanted:
            found |= dict.fromkeys(_best(db, ways, terms, until))
    return list(found)[:limit]


def _clause(term: str, *, last: bool) -> str:
    """A lone letter begins a word only where it is being typed: at the end."""
    return quoted(term) if len(term) == 1 and not last else clause(term)


def _one_edit_undone(db: sqlite3.Connection, terms: Sequence[str], clauses: list[str]) -> Iterator[str]:
    """Ways to read the query with a term, or a pair of neighbours, replaced by what may have been meant.

    Terms that stand in no track must be replaced, all at once; if there are none, each is tried, the longest first.
    """
    unknown = [i for i, each in enumerate(clauses) if not _any_match(db, each)]
    if unknown:
        meant = {i: meant_by(db, terms[i]) for i in unknown}
        if all(meant.values()):
            yield " AND ".join(_any(meant[i]) if i in meant else each for i, each in enumerate(clauses))
    for i in range(len(terms) - 1):
        if set(unknown) <= {i, i + 1} and (pair := meant_by_pair(db, terms[i], terms[i + 1])):
            yield " AND ".join([*clauses[:i], _any(pair), *clauses[i + 2 :]])
    for i in sorted(range(len(terms)), key=lambda i: -len(terms[i])) if not unknown else []:
        if alternatives := meant_by(db, terms[i]):
            yield " AND ".join([*clauses[:i], _any(alternatives), *clauses[i + 1 :]])


def _one_left_out(clauses: list[str]) -> Iterator[str]:
    for i in range(len(clauses)) if len(clauses) > 1 else []:
        yield " AND ".join(clauses[:i] + clauses[i + 1 :])


def _any(clauses: Iterable[str]) -> str:
    return f"({' OR '.join(clauses)})"


def _any_match(db: sqlite3.Connection, expression: str) -> bool:
    return db.execute("SELECT 1 FROM search WHERE search MATCH ? LIMIT 1", (expression,)).fetchone() is not None


def _best(db: sqlite3.Connection, ways: Iterable[str], terms: Sequence[str], until: float) -> list[int]:
    """Popularity ranks of what any of the FTS5 expressions matches, best first."""
    rows: dict[int, Row] = {}
    for expression in ways:
        found = db.execute(
            """
            SELECT popularity_rank, search.title || ' ' || search.artist, match_key, popularity, track_id = canonical_id
            FROM search JOIN tracks ON popularity_rank = search.rowid
            WHERE search MATCH ? ORDER BY search.rowid LIMIT ?
            """,
            (expression, N_CANDIDATES),
        )
        rows |= {row[0]: row for row in found}
        if time.thread_time() > until:
            break
    return sorted(rows, key=lambda rank: (-_score(terms, rows[rank]), rank))


def _score(terms: Sequence[str], row: Row) -> float:
    """How well a track answers: likeness of the terms, share of the title that was typed, popularity."""
    _, text, key, popularity, is_canonical = row
    words = text.split()
    likeness = sum(len(term) * _likeness(term, words, text) for term in terms) / sum(map(len, terms))
    title = key.rpartition("|")[0].split()
    coverage = sum(len(word) * _typed(word, terms) for word in title) / max(1, sum(map(len, title)))
    liked = (popularity or 0.0) / 100
    return likeness + COVERAGE_WEIGHT * coverage + POPULARITY_WEIGHT * liked - OTHER_VERSION * (not is_canonical)


def _likeness(term: str, words: Sequence[str], text: str) -> float:
    """1 for a word of the track, a little less for the beginning of one, less for one that is only similar."""
    if term in words or (is_spaceless(term) and spaced(term) in text):
        return 1.0
    if any(word.startswith(term) for word in words):
        return 0.9
    return 0.8 * max((OSA.normalized_similarity(term, word) for word in words), default=0.0)


def _typed(word: str, terms: Sequence[str]) -> float:
    """How much of a title's word the terms contain, 0 to 1."""
    if word in terms:
        return 1.0
    if is_spaceless(word):
        return max((len(term) / len(word) for term in terms if term in word), default=0.0)
    return max((OSA.normalized_similarity(term, word, score_cutoff=0.5) for term in terms), default=0.0)
