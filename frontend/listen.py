"""Listen and judge: the playlist, where every judgement goes to the gateway and reshapes the list at once."""

import logging

import streamlit as st

from frontend import cards, session
from frontend import taste as tastes
from frontend.answers import Playlist, Track
from frontend.gateway_client import Event, GatewayProblem
from frontend.texts import TEXTS, Words, escaped, listed
from frontend.track_list import track_list

log = logging.getLogger(__name__)

EVENTS: dict[str, Event] = {"like": "like", "dislike": "skip", "never": "skip", "never_artist": "skip", "add": "add"}
"""What the listener does -> what the gateway calls it."""


def area(playlist: Playlist, words: Words, *, is_demo: bool) -> None:
    """What is worth a word, the list, and what was set aside."""
    _seed_notes(playlist, words)
    _filter_notes(playlist, words)
    items = cards.ranked_items(playlist, session.taste(), words, is_demo=is_demo)
    if items:
        covers = session.settings().spotify_covers
        track_list("ranked", "ranked", words("list.label"), items, _labels(playlist, words), _judge, covers=covers)
    _set_aside(words)
    st.caption(words("list.made_by", name=playlist.model["name"], version=playlist.model["version"]))


def _labels(playlist: Playlist, words: Words) -> dict[str, str]:
    """Texts of the list that are not one track's; the component puts titles where it says {title}."""
    first = playlist.tracks[0].title if playlist.tracks else None
    n = len(playlist.tracks)
    return {
        "play": words("list.play", title="{title}"),
        "player": words("list.player"),
        "more": words("list.more", title="{title}"),
        "announce": words("list.announce", n=n, first=first) if n else words("list.nothing"),
    }


def _judge(action: str, track_id: str) -> None:
    """A judgement on a recommended or kept track, before the page is drawn anew."""
    track = session.shown(track_id)
    if track is None:
        return
    session.change(tastes.judge(session.taste(), action, track))
    if action in EVENTS:
        _note(track, EVENTS[action])


def _note(track: Track, event: Event) -> None:
    try:
        session.client().feedback(session.request_id(), track.track_id, event)
    except GatewayProblem as problem:
        log.warning("feedback not noted kind=%s why=%s", type(problem).__name__, problem)
        st.session_state.not_noted = True


def _seed_notes(playlist: Playlist, words: Words) -> None:
    taste = session.taste()
    titles = {track.track_id: track.title for track in (*taste.seeds, *taste.liked)}
    for status in ("unknown", "duplicate", "no_features"):
        those = [titles.get(seed.track_id, seed.track_id) for seed in playlist.seeds if seed.status == status]
        if those:
            st.info(words(f"list.{status}_seeds", titles=escaped(listed(those))))
    if st.session_state.pop("not_noted", False):
        st.toast(words("list.not_noted"))


def _filter_notes(playlist: Playlist, words: Words) -> None:
    """Which filters emptied the list, or shortened it, the greediest first."""
    wanted = int(session.dials()["length"])
    if len(playlist.tracks) >= wanted:
        return
    toll = sorted(((n, name) for name, n in playlist.removed.items() if n), reverse=True)
    filters = listed([words("list.removed", name=filter_name(name, words), n=f"{n:,}") for n, name in toll])
    if not filters:
        st.info(f"{words('list.nothing') if not playlist.tracks else ''} {escaped(playlist.message or '')}".strip())
    elif playlist.tracks:
        st.info(words("list.short", n=len(playlist.tracks), filters=filters))
    else:
        st.warning(words("list.nothing_filters", filters=filters))


def filter_name(name: str, words: Words) -> str:
    """What a listener calls one of the model's filters, such as `min.energy`."""
    attribute = name.removeprefix("min.").removeprefix("max.")
    key = next((key for key in (f"filter.{attribute}", f"feature.{attribute}") if key in TEXTS), None)
    return words(key) if key else name


def _set_aside(words: Words) -> None:
    taste = session.taste()
    tracks = (*taste.disliked, *taste.never)
    n = len(tracks) + len(taste.never_artists)
    if not n:
        return
    with st.expander(words("list.aside", n=n), key="aside"):
        items = cards.aside_items(tracks, words)
        if items:
            track_list("set-aside", "hits", words("list.aside_label"), items, {}, _allow)
        for artist in taste.never_artists:
            label = words("list.back", title=escaped(artist))
            st.button(label, icon=":material/undo:", on_click=_allow_artist, args=(artist,), type="tertiary")


def _allow(_action: str, track_id: str) -> None:
    session.change(tastes.drop(session.taste(), track_id))


def _allow_artist(artist: str) -> None:
    session.change(tastes.allow_artist(session.taste(), artist))
