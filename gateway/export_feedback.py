"""Entry point: what listeners liked and added, as a playlists table that `prepare` reads beside the tracks.

python -m gateway.export_feedback --out data/raw/playlists-feedback.csv
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from gateway.feedback_store import FeedbackStore
from gateway.settings import GatewaySettings

OUT = Path("data/raw/playlists-feedback.csv")


def export(store: FeedbackStore, out: Path, min_tracks: int) -> int:
    """Write one playlist for each answer with a like or an add: its seeds, then the liked and added tracks.

    out: replaced as a whole; left alone if there is nothing to write.  min_tracks: shorter playlists are left out.
    Returns the number of playlists.
    """
    playlists = [(name, tracks) for name, tracks in store.liked_sets() if len(tracks) >= min_tracks]
    if playlists:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = out.with_name(f".{out.name}.part")
        with part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["playlist_id", "position", "track_id"])
            for name, tracks in playlists:
                writer.writerows([f"feedback-{name}", position, track] for position, track in enumerate(tracks))
        part.replace(out)
    return len(playlists)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 also if there is nothing to export yet."""
    parser = argparse.ArgumentParser(description="Write liked and added tracks as a playlists table for prepare.")
    parser.add_argument("--out", type=Path, default=OUT, help=f"the CSV file to write; {OUT} if not given")
    parser.add_argument("--min-tracks", type=int, default=2, help="leave out shorter playlists; 2 if not given")
    given = parser.parse_args(arguments)
    store = FeedbackStore(GatewaySettings().feedback_database_url.get_secret_value())
    try:
        store.migrate()
        n_playlists = export(store, given.out, given.min_tracks)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        print(f"the feedback database cannot be read ({reason}); check FEEDBACK_DATABASE_URL", file=sys.stderr)
        return 1
    finally:
        store.close()
    if n_playlists:
        print(f"{n_playlists} playlists written to {given.out}; prepare reads them beside the tracks in that folder")
    else:
        print("nothing was liked or added yet, so nothing was written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
