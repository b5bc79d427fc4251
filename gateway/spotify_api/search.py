"""/v1/search for tracks: Spotify's field filters over the local catalog's words, in pages."""

import re
from urllib.parse import urlencode

from gateway.catalog import Catalog, CatalogTrack
from gateway.errors import InvalidRequest
from gateway.spotify_api.parameters import SearchQuery
from gateway.spotify_api.shapes import Links, TrackPage, track_object

_FIELD = re.compile(r"\b(track|artist|album|isrc|year|genre|upc|tag):", re.IGNORECASE)
_ISRC = re.compile(r"\bisrc:\s*\"?([0-9A-Za-z-]+)\"?", re.IGNORECASE)
_AS_WORDS = ("track", "artist", "album")
LAST = 1050
"""One past the last hit that offset and limit can reach; results beyond are not counted, as at Spotify."""


def search_page(query: SearchQuery, catalog: Catalog, links: Links) -> TrackPage:
    """One page of hits. `next` and `previous` lead back here, so that clients can follow them."""
    hits = _hits(query.q, catalog)
    start, end = query.offset, query.offset + query.limit

    def address(offset: int) -> str:
        asked = {"q": query.q, "type": "track", "limit": query.limit, "offset": offset}
        return f"{links.base}/search?{urlencode(asked)}"

    return TrackPage(
        href=address(start),
        limit=query.limit,
        next=address(end) if query.limit and end < min(len(hits), 1001) else None,
        offset=start,
        previous=address(max(0, start - query.limit)) if start else None,
        total=len(hits),
        items=[track_object(track, links) for track in hits[start:end]],
    )


def _hits(q: str, catalog: Catalog) -> list[CatalogTrack]:
    isrc = _ISRC.search(q)
    if isrc:
        track_id = catalog.match("", isrc[1].replace("-", "").upper(), "", "")
        track = catalog.track(track_id) if track_id else None
        return [track] if track else []
    for field in _FIELD.findall(q):
        if field.lower() not in _AS_WORDS:
            raise InvalidRequest(f"q: the filter {field.lower()}: is not served; track:, artist:, album: and isrc: are")
    return catalog.search(_FIELD.sub(" ", q).replace('"', " "), LAST)
