"""Spotify links and URIs in pasted text."""

import re

TRACK = re.compile(r"(?:open\.spotify\.com/(?:intl-[a-z-]+/)?(?:embed/)?track/|spotify:track:)([0-9A-Za-z]{22})")
OTHER = re.compile(r"(?:open\.spotify\.com/(?:intl-[a-z-]+/)?|spotify:)(?:playlist|album|artist|show|episode)[/:]")


def track_ids(text: str) -> list[str]:
    """Ids of the tracks that the text links to, each once, in order. Links that were pasted without a gap count too."""
    return list(dict.fromkeys(TRACK.findall(text)))


def is_other_link(text: str) -> bool:
    """Whether the text links to something on Spotify that is no track, such as a playlist."""
    return OTHER.search(text) is not None
