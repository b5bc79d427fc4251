"""Entry point: what listeners picked lately (seeds, likes, adds) as a table, which `model.watch_drift` reads.

python -m gateway.export_picks --out var/picks.csv
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gateway.exports import from_feedback, replace_csv
from gateway.feedback_store import FeedbackStore


def export(store: FeedbackStore, out: Path, n_answers: int) -> int:
    """Write track_id and n, how often it was picked in the latest answers, replacing the file as a whole.

    Returns the number of picks; with none, a table without rows is written.
    """
    latest = store.latest(n_answers)
    picks = Counter(latest.seeds) + Counter(latest.liked)
    replace_csv(out, ["track_id", "n"], sorted(picks.items()))
    return picks.total()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 also if nobody picked anything yet."""
    parser = argparse.ArgumentParser(description="Write what listeners picked lately as a table for watch_drift.")
    parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    parser.add_argument("--n-answers", type=int, default=1000, help="how many of the latest answers count")
    given = parser.parse_args(arguments)
    n_picks = from_feedback(lambda store: export(store, given.out, given.n_answers))
    if n_picks is None:
        return 1
    print(f"{n_picks} picks written to {given.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
