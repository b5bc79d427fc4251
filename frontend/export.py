"""The playlist in the formats that people take along."""

import csv
import io
import json
from collections.abc import Sequence

from frontend.answers import Track
from frontend.cards import spotify_link

CREATOR = "Quintet"


def as_links(tracks: Sequence[Track], *, is_demo: bool) -> str:
    """One Spotify link a line; tracks that are not on Spotify as "title – artist"."""
    return "\n".join(spotify_link(track, is_demo=is_demo) or f"{track.title} – {track.artist}" for track in tracks)


def as_csv(tracks: Sequence[Track], *, is_demo: bool) -> bytes:
    """A table that spreadsheets open in UTF-8 (it starts with a BOM); cells that look like formulas are made text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["position", "title", "artist", "album", "year", "duration_ms", "track_id", "link"])
    for position, track in enumerate(tracks, 1):
        link = spotify_link(track, is_demo=is_demo) or ""
        length = "" if track.duration_ms is None else round(track.duration_ms)
        names = [_no_formula(text or "") for text in (track.title, track.artist, track.album)]
        writer.writerow([position, *names, track.release_year or "", length, track.track_id, link])
    return out.getvalue().encode("utf-8-sig")


def as_m3u(tracks: Sequence[Track], name: str, *, is_demo: bool) -> bytes:
    """Extended M3U in UTF-8: length in seconds (-1 unknown), "artist - title", then where it is."""
    lines = ["#EXTM3U", f"#PLAYLIST:{_one_line(name)}"]
    for track in tracks:
        seconds = -1 if track.duration_ms is None else round(track.duration_ms / 1000)
        lines.append(f"#EXTINF:{seconds},{_one_line(track.artist)} - {_one_line(track.title)}")
        lines.append(spotify_link(track, is_demo=is_demo) or f"quintet:track:{track.track_id}")
    return ("\n".join(lines) + "\n").encode()


def as_jspf(tracks: Sequence[Track], name: str, *, is_demo: bool) -> bytes:
    """JSPF, the JSON form of XSPF version 1 (xspf.org/jspf): durations in milliseconds."""
    entries = [_jspf_track(track, is_demo) for track in tracks]
    playlist = {"title": name, "creator": CREATOR, "track": entries}
    return json.dumps({"playlist": playlist}, ensure_ascii=False, indent=2).encode()


def _jspf_track(track: Track, is_demo: bool) -> dict[str, object]:
    link = spotify_link(track, is_demo=is_demo)
    entry = {
        "title": track.title,
        "creator": track.artist,
        "album": track.album,
        "duration": None if track.duration_ms is None else round(track.duration_ms),
        "identifier": [link or f"quintet:track:{track.track_id}"],
        "location": [link] if link else None,
    }
    return {key: value for key, value in entry.items() if value is not None}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _no_formula(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
