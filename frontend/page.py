"""The page: head, picking, and what comes of it."""

from pathlib import Path

import streamlit as st

from frontend import listen, pick, problems, session, tune
from frontend.answers import Playlist
from frontend.gateway_client import GatewayProblem
from frontend.texts import LANGUAGES, Words

HERE = Path(__file__).parent
CSS = (HERE / "page.css").read_text("utf-8")


def page() -> None:
    """Draw everything for one run."""
    st.set_page_config(page_title="Quintet", page_icon=str(HERE / "static" / "logo.svg"), layout="wide")
    st.html(f"<style>{CSS}</style>")
    words = _head()
    _come_back(words)
    try:
        is_demo = session.health().is_demo
    except GatewayProblem as problem:
        problems.notice(problem, words)
        return
    if is_demo:
        with st.container(key="demo"):
            st.markdown(words("head.demo"))
    session.taste()
    pick.area(words, is_demo=is_demo)
    tabs = [words(f"tab.{name}") for name in ("list", "charts", "take", "watch")]
    listing, charts, taking, watching = st.tabs(tabs, key=f"tab-{words.language}", on_change="rerun")
    with listing:
        playlist = _listing(words, is_demo)
    if charts.open:
        with charts:
            _charts(playlist, words)
    if taking.open:
        with taking:
            _taking(playlist, words, is_demo)
    if watching.open:
        with watching:
            _watching(words)


def _head() -> Words:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="head"):
        st.html('<div class="brand"><img src="app/static/logo.svg" alt="" width="30" height="30">Quintet</div>')
        language = st.segmented_control(
            "Language / 언어",
            list(LANGUAGES),
            format_func=lambda code: LANGUAGES[code],
            default=session.language(),
            required=True,
            label_visibility="collapsed",
            key="lang",
            on_change=session.keep_language,
        )
    return Words(language or session.language())


def _listing(words: Words, is_demo: bool) -> Playlist | None:
    """The list beside its dials. The dials come first, since the list depends on them."""
    if not session.started():
        st.markdown(words("list.empty"))
        return None
    left, right = st.columns([2.4, 1], gap="large")
    with right:
        tune.area(words)
    with left:
        try:
            with st.spinner(words("list.loading")):
                playlist = session.playlist()
        except GatewayProblem as problem:
            problems.notice(problem, words)
            return None
        listen.area(playlist, words, is_demo=is_demo)
    return playlist


# The rooms behind the other tabs are imported when they are opened: the first page must not wait for them.


def _charts(playlist: Playlist | None, words: Words) -> None:
    from frontend import see

    if playlist:
        see.area(playlist, words)
    else:
        st.markdown(words("charts.empty"))


def _taking(playlist: Playlist | None, words: Words, is_demo: bool) -> None:
    from frontend import take

    if playlist:
        take.area(playlist, words, is_demo=is_demo)
    else:
        st.markdown(words("take.empty"))


def _watching(words: Words) -> None:
    from frontend import watch

    watch.area(words)


def _come_back(words: Words) -> None:
    if "state" in st.query_params or "saved" in st.session_state:
        from frontend import take

        take.come_back(words)
        take.saved_notice()
