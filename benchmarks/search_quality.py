"""Search quality and speed over a catalog.db: does "title artist" find the track, also with a typo, and how fast?

    python -m benchmarks.search_quality data/processed/catalog.db --n 2000

A hit is the track itself, or another version of the same song, in the first five. A typo is one random edit anywhere in
the query: a character left out, put in, replaced, or swapped with the next.
"""

import argparse
import random
import sqlite3
import statistics
import string
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.catalog import Catalog

TOP = 5


@dataclass(frozen=True)
class Result:
    """Figures of one kind of query."""

    hit_rate: float
    ms: list[float]
    """One query after another."""
    cpu_ms: list[float]
    """Processor time alone: what the wall clock would show on an idle machine."""
    missed: list[tuple[str, str]]
    """(query, track id)."""


def with_typo(text: str, rng: random.Random) -> str:
    """The text with one random edit that changes it."""
    while True:
        at = rng.randrange(len(text))
        letter = rng.choice(string.ascii_lowercase)
        edited = rng.choice(
            [
                text[:at] + text[at + 1 :],
                text[:at] + letter + text[at:],
                text[:at] + letter + text[at + 1 :],
                text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :],
            ]
        )
        if edited.casefold() != text.casefold() and edited.strip():
            return edited


def sample(path: Path, n: int, seed: int) -> list[tuple[str, str, str, str]]:
    """(track_id, canonical_id, title, artist) of n random tracks."""
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT track_id, canonical_id, title, artist FROM tracks ORDER BY track_id").fetchall()
    return random.Random(seed).sample(rows, min(n, len(rows)))


def measure(catalog: Catalog, tracks: list[tuple[str, str, str, str]], query_of: Callable[[str, str], str]) -> Result:
    """Search for each track by `query_of(title, artist)`."""
    missed, times, cpu_times = [], [], []
    for track_id, canonical_id, title, artist in tracks:
        query = query_of(title, artist)
        start, cpu_start = time.perf_counter(), time.thread_time()
        found = catalog.search(query, TOP)
        times.append((time.perf_counter() - start) * 1000)
        cpu_times.append((time.thread_time() - cpu_start) * 1000)
        if canonical_id not in {track.canonical_id for track in found}:
            missed.append((query, track_id))
    return Result(1 - len(missed) / len(tracks), times, cpu_times, missed)


def kinds(seed: int) -> dict[str, Callable[[str, str], str]]:
    """The kinds of query that are measured."""
    rng = random.Random(seed)
    return {
        "title artist": lambda title, artist: f"{title} {artist}",
        "artist title": lambda title, artist: f"{artist} {title}",
        "with one typo": lambda title, artist: with_typo(f"{title} {artist}", rng),
        "as typed, 3/4": lambda title, artist: f"{artist} {title}"[: max(1, (len(artist) + len(title)) * 3 // 4)],
        "first 3 letters": lambda title, artist: title[:3],
        "first letter": lambda title, artist: title[:1],
    }


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog_db", type=Path)
    parser.add_argument("--n", type=int, default=2000, help="tracks to search for")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--missed", type=int, default=0, help="print so many missed queries of each kind")
    arguments = parser.parse_args()
    tracks = sample(arguments.catalog_db, arguments.n, arguments.seed)
    catalog = Catalog(arguments.catalog_db)
    catalog.search("warm up")
    print(f"{'query':<16} {'top ' + str(TOP):>7} {'p50 ms':>8} {'p99 ms':>8} {'cpu p50':>8}")
    for name, query_of in kinds(arguments.seed).items():
        result = measure(catalog, tracks, query_of)
        centiles, cpu = statistics.quantiles(result.ms, n=100), statistics.median(result.cpu_ms)
        print(f"{name:<16} {result.hit_rate:>7.2%} {centiles[49]:>8.2f} {centiles[98]:>8.2f} {cpu:>8.2f}")
        for query, track_id in result.missed[: arguments.missed]:
            print(f"    {query!r} {track_id}")


if __name__ == "__main__":
    main()
