"""Pick: search as you type, paste links, start from a genre; and the five places for what was picked."""

import secrets

import streamlit as st

from frontend import cards, links, problems, session
from frontend import taste as tastes
from frontend.answers import Hit, Track
from frontend.gateway_client import GatewayProblem
from frontend.taste import SEEDS_MAX, SEEDS_WANTED
from frontend.texts import Words, escaped, listed
from frontend.track_list import track_list

Q_MAX = 200
"""The gateway takes no longer query; pasted links may be longer."""
N_GENRES = 8


def area(words: Words, *, is_demo: bool) -> None:
    """The upper part of the page."""
    with st.container(key="claim-small" if session.started() else "claim"):
        st.markdown(f"# {words('head.claim')}")
    _find(words, is_demo)
    seeds = session.taste().seeds
    if not seeds:
        _start_from(words)
    track_list(
        "slots",
        "slots",
        words("pick.slots"),
        cards.seed_items(seeds, words, is_demo=is_demo),
        {"slot": words("pick.slot")},
        _remove,
        slots=max(0, SEEDS_WANTED - len(seeds)),
        compact=session.started(),
        covers=session.settings().spotify_covers,
    )
    _buttons(words, len(seeds))


@st.fragment
def _find(words: Words, is_demo: bool) -> None:
    typed = st.text_input(
        words("pick.search"),
        type="search",
        live="200ms",
        placeholder=words("pick.placeholder"),
        key="q",
    ).strip()
    if not typed:
        return
    try:
        if links.track_ids(typed):
            hits = _linked(links.track_ids(typed)[:SEEDS_MAX], words)
        elif links.is_other_link(typed):
            st.info(words("pick.link_other"))
            return
        else:
            found = session.search(typed[:Q_MAX])
            hits = found.tracks
            if not hits:
                st.markdown(words("pick.nothing", q=escaped(typed)))
            elif found.source == "catalog" and not is_demo:
                st.caption(words("pick.spotify_off"))
    except GatewayProblem as problem:
        problems.notice(problem, words, key="search")
        return
    st.session_state.hits = {hit.track_id: hit for hit in hits}
    if hits:
        outside = session.health().seeds_outside_catalog
        items = cards.hit_items(hits, session.taste(), words, is_demo=is_demo, outside=outside)
        covers = session.settings().spotify_covers
        search_box = "input[type=search]"
        track_list("hits", "hits", words("pick.results"), items, {}, _add, focus_after=search_box, covers=covers)


def _linked(track_ids: list[str], words: Words) -> list[Hit]:
    """The tracks that were pasted as links, as hits, and a word on those that cannot be seeds."""
    known = session.lookup(tuple(track_ids))
    unknown = [track_id for track_id in track_ids if track_id not in known]
    if known:
        st.markdown(words("pick.links_found", n=len(known), total=len(track_ids)))
    if len(known) > 1:
        st.button(words("pick.add_all", n=len(known)), on_click=_add_all, args=(list(known.values()),), key="add_all")
    if unknown:
        st.info(words("pick.link_unknown", links=escaped(listed(unknown))))
    return [Hit(**vars(track), catalog_track_id=track.track_id) for track in known.values()]


def _add(_action: str, track_id: str) -> None:
    hit = st.session_state.hits.get(track_id)
    if hit is not None:  # the listener may have typed on meanwhile
        _add_all([as_seed(hit)])


def _add_all(tracks: list[Track]) -> None:
    session.change(tastes.put(session.taste(), "seeds", *tracks))
    st.session_state.q = ""
    st.rerun()  # the whole page: the search runs in a fragment of its own


def as_seed(hit: Hit) -> Track:
    """The hit under the id that the catalog knows it by."""
    return Track(
        hit.catalog_track_id or hit.track_id,
        hit.title,
        hit.artist,
        hit.album,
        hit.release_year,
        hit.popularity,
        hit.duration_ms,
        hit.image_url,
        hit.spotify_url,
    )


def _remove(_action: str, track_id: str) -> None:
    session.change(tastes.drop(session.taste(), track_id))


def _start_from(words: Words) -> None:
    """For those with nothing in mind: five songs of a genre, or of any."""
    try:
        genres = session.genres()[:N_GENRES]
    except GatewayProblem:
        genres = ()  # whoever searches will be told
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="start"):
        st.markdown(words("pick.start"), width="content")
        for genre in genres:
            st.button(genre, on_click=_start_with, args=(genre,), key=f"start-{genre}")
        icon = ":material/casino:"
        st.button(words("pick.surprise"), icon=icon, on_click=_start_with, args=(None,), key="surprise")


def _start_with(genre: str | None) -> None:
    try:
        hits = session.client().picks(SEEDS_WANTED, genre, rng_seed=secrets.randbelow(2**31))
    except GatewayProblem as problem:
        st.session_state.start_problem = problem
        return
    session.change(tastes.put(tastes.Taste(), "seeds", *(as_seed(hit) for hit in hits.tracks)))
    if hits.tracks:
        session.start()


def _buttons(words: Words, n_seeds: int) -> None:
    if problem := st.session_state.pop("start_problem", None):
        problems.notice(problem, words, key="start-problem")
    with st.container(horizontal=True, vertical_alignment="center", key="go"):
        if session.started():
            icon = ":material/shuffle:"
            st.button(words("pick.again"), icon=icon, on_click=session.another_take, key="again")
        else:
            recommend = words("pick.recommend")
            st.button(recommend, type="primary", disabled=not n_seeds, on_click=session.start, key="recommend")
        if n_seeds:
            st.button(words("pick.clear"), type="tertiary", on_click=_clear, key="clear")
        if n_seeds >= SEEDS_MAX:
            st.markdown(words("pick.full", n=SEEDS_MAX), width="content")


def _clear() -> None:
    session.change(tastes.Taste())
