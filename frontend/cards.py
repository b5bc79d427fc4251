"""Tracks as items of `track_list`: what a card says and what can be done with it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from frontend import reasons
from frontend.answers import Hit, Playlist, RankedTrack, Track
from frontend.taste import Taste
from frontend.texts import Words

SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}")
Item = dict[str, Any]


def length(duration_ms: float | None) -> str | None:
    """Minutes and seconds, as 3:07."""
    if not duration_ms:
        return None
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def line(track: Track) -> str:
    """Artist, album, year and length, as far as they are known; a single's album says nothing new."""
    album = track.album if track.album and track.album != track.title else None
    year = str(int(track.release_year)) if track.release_year else None
    return " · ".join(part for part in (track.artist, album, year, length(track.duration_ms)) if part)


def spotify_link(track: Track, *, is_demo: bool) -> str | None:
    """Where the track is on Spotify; None for one that is not there."""
    if is_demo:
        return None
    if track.spotify_url and track.spotify_url.startswith("https://"):
        return track.spotify_url
    return f"https://open.spotify.com/track/{track.track_id}" if SPOTIFY_ID.fullmatch(track.track_id) else None


def _item(track: Track, is_demo: bool) -> Item:
    return {
        "id": track.track_id,
        "title": track.title,
        "artist": track.artist,
        "line": line(track),
        "image": track.image_url,
        "embed": not is_demo and SPOTIFY_ID.fullmatch(track.track_id) is not None,
    }


def hit_items(hits: Sequence[Hit], taste: Taste, words: Words, *, is_demo: bool, outside: bool) -> list[Item]:
    """Search hits: one button each, which adds, or says that it is picked, or that it cannot be.

    outside: whether a track that the catalog lacks can be a seed.
    """
    items = []
    for hit in hits:
        possible = hit.in_catalog or outside
        picked = taste.has_seed(hit.catalog_track_id or hit.track_id)
        name, text = ("picked", "pick.added") if picked else ("add", "pick.add")
        action = {"name": name, "label": words(text, title=hit.title), "disabled": picked or not possible}
        note = None if hit.in_catalog else words("pick.outside" if outside else "pick.not_in_catalog")
        items.append({**_item(hit, is_demo), "actions": [action], "note": note})
    return items


def seed_items(seeds: Sequence[Track], words: Words, *, is_demo: bool) -> list[Item]:
    """Picked tracks: one button each, which removes."""
    return [
        {
            **_item(track, is_demo),
            "line": track.artist,
            "actions": [{"name": "remove", "label": words("pick.remove", title=track.title)}],
        }
        for track in seeds
    ]


def aside_items(tracks: Sequence[Track], words: Words) -> list[Item]:
    """Tracks that were set aside: one button each, which allows them again."""
    return [
        {
            **_item(track, is_demo=True),
            "actions": [{"name": "undo", "label": words("list.back", title=track.title)}],
        }
        for track in tracks
    ]


def ranked_items(playlist: Playlist, taste: Taste, words: Words, *, is_demo: bool) -> list[Item]:
    """The liked tracks, which stay, then the recommendations, with their score as a share of the list's span."""
    scores = [track.score for track in playlist.tracks]
    titles = {track.track_id: track.title for track in (*taste.seeds, *taste.liked)}
    kept = [_kept_item(track, words, is_demo) for track in taste.liked]
    return kept + [_ranked_item(track, scores, titles, words, is_demo) for track in playlist.tracks]


def _kept_item(track: Track, words: Words, is_demo: bool) -> Item:
    label = words("list.liked", title=track.title)
    return {
        **_item(track, is_demo),
        "kept": True,
        "rank": "♥",
        "link": spotify_link(track, is_demo=is_demo),
        "note": words("list.kept"),
        "actions": [{"name": "unlike", "icon": "like", "label": label, "pressed": True}],
    }


def _ranked_item(
    track: RankedTrack, scores: Sequence[float], titles: Mapping[str, str], words: Words, is_demo: bool
) -> Item:
    score = match(track.score, scores)
    explicit = [words("list.explicit")] if track.explicit else []
    return {
        **_item(track, is_demo),
        "rank": track.rank,
        "line": " · ".join([line(track), *explicit]),
        "note": reasons.short(track.why, titles, words) if track.why else None,
        "link": spotify_link(track, is_demo=is_demo),
        "score": score,
        "score_label": words("list.score", score=score),
        "actions": [
            {"name": "like", "label": words("list.like", title=track.title), "pressed": False},
            {"name": "dislike", "label": words("list.dislike", title=track.title)},
        ],
        "menu": [
            {"name": "add", "label": words("list.add")},
            {"name": "never", "label": words("list.never")},
            {"name": "never_artist", "label": words("list.never_artist", artist=track.artist)},
        ],
    }


def match(score: float, scores: Sequence[float]) -> int:
    """A score as 20-100 within its list: 100 the best; 20 the worst, since even that one was chosen from thousands."""
    low, high = min(scores), max(scores)
    return 100 if high == low else round(20 + 80 * (score - low) / (high - low))
