"""Entry point: what listeners picked lately (seeds, likes, adds) as a table, which `model.watch_drift` reads.

python -m gateway.export_picks --out var/picks.csv
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from gateway.feedback_store import FeedbackStore
from gateway.settings import GatewaySettings


def export(store: FeedbackStore, out: Path, n_answers: int) -> int:
    """Write track_id and n, how often it was picked in the latest answers, replacing the file as a whole.

    Returns the number of picks; with none, a table without rows is written.
    """
    latest = store.latest(n_answers)
    picks = Counter(latest.seeds) + Counter(latest.liked)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["track_id", "n"])
        writer.writerows(sorted(picks.items()))
    part.replace(out)
    return picks.total()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 also if nobody picked anything yet."""
    parser = argparse.ArgumentParser(description="Write what listeners picked lately as a table for watch_drift.")
    parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    parser.add_argument("--n-answers", type=int, default=1000, help="how many of the latest answers count")
    given = parser.parse_args(arguments)
    store = FeedbackStore(GatewaySettings().feedback_database_url.get_secret_value())
    try:
        store.migrate()
        n_picks = export(store, given.out, given.n_answers)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        print(f"the feedback database cannot be read ({reason}); check FEEDBACK_DATABASE_URL", file=sys.stderr)
        return 1
    finally:
        store.close()
    print(f"{n_picks} picks written to {given.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
