"""Tracks on the page: one component with three faces, drawn by `tracks/tracks.js`."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import streamlit as st

HERE = Path(__file__).parent / "tracks"
Face = Literal["hits", "slots", "ranked"]

_draw = st.components.v2.component(
    "quintet_tracks",
    html='<ol></ol><p role="status"></p>',
    css=(HERE / "tracks.css").read_text("utf-8"),
    js=(HERE / "tracks.js").read_text("utf-8"),
)


def track_list(
    key: str,
    face: Face,
    label: str,
    items: Sequence[Mapping[str, Any]],
    labels: Mapping[str, str],
    on_act: Callable[[str, str], None],
    *,
    slots: int = 0,
    compact: bool = False,
    focus_after: str | None = None,
    covers: bool = False,
) -> None:
    """Draw tracks; `on_act(action, track_id)` runs before the page does, when the listener does something with one.

    label: what a screen reader calls the list.  items: see `cards`.  labels: texts that are not a track's own.
    slots: empty places after the items.  compact: slots as small rows.  focus_after: CSS selector of what has the focus
    once the last row is gone.  covers: whether missing covers may be fetched from Spotify.
    """

    def report() -> None:
        act = st.session_state[key]["act"]
        if act:
            on_act(act["name"], act["id"])

    data = {
        "face": face,
        "label": label,
        "items": list(items),
        "labels": dict(labels),
        "slots": slots,
        "compact": compact,
        "focus_after": focus_after,
        "covers": covers,
    }
    _draw(key=key, data=data, on_act_change=report)
