"""Take along: the playlist as links, files, a shared address, or in a Spotify account."""

import logging
from collections.abc import Sequence
from urllib.parse import parse_qs, urlencode

import streamlit as st

from frontend import export, session
from frontend.answers import Playlist, Track
from frontend.spotify_save import NotSaved, Pending, PendingSaves, consent_url, new_state, savable, save
from frontend.texts import Words

log = logging.getLogger(__name__)


@st.cache_resource
def _pending() -> PendingSaves:
    return PendingSaves()


def area(playlist: Playlist, words: Words, *, is_demo: bool) -> None:
    """The liked tracks first, then the recommended ones."""
    tracks: list[Track] = [*session.taste().liked, *playlist.tracks]
    if not tracks:
        st.markdown(words("take.empty"))
        return
    name = words("take.name", title=session.taste().seeds[0].title)
    st.markdown(f"## {words('take.share')}")
    st.markdown(words("take.share_help"))
    st.code(session.address(), language=None, wrap_lines=True)
    st.markdown(f"## {words('take.files')}")
    _files(tracks, name, words, is_demo)
    if not is_demo:
        _spotify(tracks, name, words)
    st.markdown(f"## {words('take.links')}")
    st.code(export.as_links(tracks, is_demo=is_demo), language=None, wrap_lines=True)


def _files(tracks: Sequence[Track], name: str, words: Words, is_demo: bool) -> None:
    files = (
        ("csv", "text/csv", export.as_csv(tracks, is_demo=is_demo)),
        ("m3u8", "audio/x-mpegurl", export.as_m3u(tracks, name, is_demo=is_demo)),
        ("jspf", "application/jspf+json", export.as_jspf(tracks, name, is_demo=is_demo)),
    )
    with st.container(horizontal=True):
        for suffix, mime, data in files:
            st.download_button(
                words(f"take.{suffix}"),
                data,
                f"quintet.{suffix}",
                mime,
                key=f"download-{suffix}",
                icon=":material/download:",
                on_click="ignore",
            )


def _spotify(tracks: Sequence[Track], name: str, words: Words) -> None:
    st.markdown(f"## {words('save.heading')}")
    app = session.settings().spotify_app()
    if app is None:
        st.markdown(words("save.off"))
        return
    track_ids = savable(tracks)
    st.markdown(words("save.help", n=len(track_ids)))
    pending = Pending(name, track_ids, urlencode(session.parameters(), doseq=True))
    state: str = st.session_state.setdefault("save_state", new_state())
    _pending().put(state, pending)
    st.link_button(words("save.button"), consent_url(app, state), icon=":material/playlist_add:")


def come_back(words: Words) -> None:
    """Save what the listener went to Spotify for, if that is where they come from, and restore the page's address."""
    state, code = st.query_params.get("state"), st.query_params.get("code")
    if state is None or (code is None and "error" not in st.query_params):
        return
    st.query_params.clear()
    pending, app = _pending().take(state), session.settings().spotify_app()
    if pending is None or app is None:
        st.session_state.saved = ("warning", words("save.too_late"))
        return
    st.query_params.from_dict(parse_qs(pending.address))
    if code is None:
        st.session_state.saved = ("info", words("save.declined"))
        return
    try:
        link = save(app, code, pending)
    except NotSaved as problem:
        log.warning("playlist not saved why=%s", problem)
        st.session_state.saved = ("warning", words(problem.key))
        return
    st.session_state.saved = ("success", words("save.done", n=len(pending.track_ids), link=link))


def saved_notice() -> None:
    """How the saving went; once."""
    if saved := st.session_state.pop("saved", None):
        kind, text = saved
        {"success": st.success, "info": st.info, "warning": st.warning}[kind](text)
