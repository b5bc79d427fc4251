"""Entry point: what listeners liked and added, as a playlists table that `prepare` reads beside the tracks.

python -m gateway.export_feedback --out data/raw/playlists-feedback.csv
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.exports import from_feedback, replace_csv
from gateway.feedback_store import FeedbackStore

OUT = Path("data/raw/playlists-feedback.csv")


def export(store: FeedbackStore, out: Path, min_tracks: int) -> int:
    """Write one playlist for each answer with a like or an add: its seeds, then the liked and added tracks.

    out: replaced as a whole; left alone if there is nothing to write.  min_tracks: shorter playlists are left out.
    Returns the number of playlists.
    """
    playlists = [(name, tracks) for name, tracks in store.liked_sets() if len(tracks) >= min_tracks]
    if playlists:
        rows = ((f"feedback-{name}", place, track) for name, tracks in playlists for place, track in enumerate(tracks))
        replace_csv(out, ["playlist_id", "position", "track_id"], rows)
    return len(playlists)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 also if there is nothing to export yet."""
    parser = argparse.ArgumentParser(description="Write liked and added tracks as a playlists table for prepare.")
    parser.add_argument("--out", type=Path, default=OUT, help=f"the CSV file to write; {OUT} if not given")
    parser.add_argument("--min-tracks", type=int, default=2, help="leave out shorter playlists; 2 if not given")
    given = parser.parse_args(arguments)
    n_playlists = from_feedback(lambda store: export(store, given.out, given.min_tracks))
    if n_playlists is None:
        return 1
    if n_playlists:
        print(f"{n_playlists} playlists written to {given.out}; prepare reads them beside the tracks in that folder")
    else:
        print("nothing was liked or added yet, so nothing was written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
