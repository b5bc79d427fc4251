"""What the exports share: the feedback store, with its errors in words, and CSV files that are replaced as a whole."""

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from gateway.feedback_store import FeedbackStore
from gateway.settings import GatewaySettings


def from_feedback(export: Callable[[FeedbackStore], int]) -> int | None:
    """What the export returns, given the configured store; None, with the reason on stderr, if it cannot be read."""
    store = FeedbackStore(GatewaySettings().feedback_database_url.get_secret_value())
    try:
        store.migrate()
        return export(store)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        print(f"the feedback database cannot be read ({reason}); check FEEDBACK_DATABASE_URL", file=sys.stderr)
        return None
    finally:
        store.close()


def replace_csv(out: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write the table beside the file and move it into place."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    part.replace(out)
