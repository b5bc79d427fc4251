"""The declared mapping: which column names of other people's files mean which of ours."""

import re
from collections.abc import Mapping, Sequence

AUDIO_ALIASES = {
    "danceability": ("danceability",),
    "energy": ("energy",),
    "key": ("key",),
    "loudness": ("loudness",),
    "mode": ("mode",),
    "speechiness": ("speechiness",),
    "acousticness": ("acousticness",),
    "instrumentalness": ("instrumentalness",),
    "liveness": ("liveness",),
    "valence": ("valence",),
    "tempo": ("tempo", "bpm"),
    "duration_ms": ("duration_ms", "track_duration_ms"),
}
"""Audio feature -> header names that mean it. At least one feature is needed, any may be missing."""

TRACK_ALIASES = {
    "track_id": ("track_id", "id", "spotify_id", "spotify_track_id", "track_uri", "uri", "spotify_uri", "track_url"),
    "title": ("track_name", "name", "title", "track_title", "song_name", "song"),
    "artist": ("track_artist", "artists", "artist_name", "artist", "artist_names", "artist_name_s"),
    "artist_id": ("artist_id", "artist_ids", "id_artists", "artists_id", "artist_uri", "artist_uri_s", "artist_uris"),
    "album": ("album_name", "track_album_name", "album", "album_title"),
    "album_id": ("album_id", "track_album_id", "album_uri"),
    "release_date": ("release_date", "track_album_release_date", "album_release_date"),
    "year": ("year", "release_year", "released_year"),
    "popularity": ("popularity", "track_popularity"),
    "explicit": ("explicit", "track_explicit", "is_explicit"),
    "isrc": ("isrc", "track_isrc"),
    **AUDIO_ALIASES,
}
"""Our name -> header names that mean it, the first one present wins."""

GENRE_COLUMNS = ("track_genre", "genre", "genres", "playlist_genre", "playlist_subgenre", "subgenre")
"""All that are present are read."""

PLAYLIST_ALIASES = {
    "playlist_id": ("playlist_id", "pid", "playlist_uri", "playlist_url"),
    "position": ("position", "pos", "playlist_position"),
    "track_id": TRACK_ALIASES["track_id"],
}
"""For a playlists table, or for a tracks table whose rows are (track, playlist) pairs."""

REQUIRED_TRACK_COLUMNS = ("track_id", "title", "artist")
REQUIRED_PLAYLIST_COLUMNS = ("playlist_id", "track_id")


def plain(header: str) -> str:
    """A header name for comparing: 'Artist Name(s)' -> 'artist_name_s'; an unnamed column -> ''."""
    name = re.sub(r"[^0-9a-z]+", "_", header.casefold()).strip("_")
    return "" if re.fullmatch(r"unnamed_\d+", name) else name


def match(header: Sequence[str], aliases: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Our name -> position in the header, for every name of ours that the header has."""
    positions: dict[str, int] = {}
    for position, name in enumerate(map(plain, header)):
        positions.setdefault(name, position)
    found = {}
    for ours, theirs in aliases.items():
        if present := [positions[name] for name in theirs if name in positions]:
            found[ours] = present[0]
    return found


def genre_positions(header: Sequence[str]) -> list[int]:
    """Positions of the columns that hold genres."""
    return [position for position, name in enumerate(map(plain, header)) if name in GENRE_COLUMNS]
