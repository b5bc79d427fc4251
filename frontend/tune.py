"""Tune: the dials, each bound to the page's address, so that a shared list sounds the same."""

import streamlit as st

from frontend import session, tuning
from frontend.texts import Words


def area(words: Words) -> None:
    """The panel; open on a desk, folded on a phone, where the list comes first."""
    with st.expander(words("tune.heading"), icon=":material/tune:", expanded=not session.on_phone(), key="tune"):
        for dial in tuning.DIALS:
            st.slider(words(f"tune.{dial.key}"), -100, 100, 0, 10, format="%d", key=dial.key, bind="query-params")
        _band(tuning.ERA, words)
        st.slider(words("tune.familiar"), -100, 100, 0, 10, format="%d", key="familiar", bind="query-params")
        st.slider(words("tune.variety"), 0, 100, 0, 10, key="variety", bind="query-params")
        with st.expander(words("tune.more"), key="more"):
            _more(words)
        if tuning.changed(session.dials()):
            st.button(words("tune.reset"), on_click=session.reset_dials, type="tertiary", key="reset")


def _more(words: Words) -> None:
    for band in tuning.BANDS:
        _band(band, words)
    st.slider(
        words("tune.per_artist"), 0, 10, 3, key="per_artist", bind="query-params", help=words("tune.per_artist_help")
    )
    st.select_slider(words("tune.length"), tuning.N_TRACKS, 20, key="length", bind="query-params")
    st.toggle(words("tune.clean"), key="clean", bind="query-params", help=words("tune.clean_help"))


def _band(band: tuning.Band, words: Words) -> None:
    st.slider(
        words(f"tune.{band.key}"),
        band.low,
        band.high,
        (band.low, band.high),
        band.step,
        format="%d",
        key=band.key,
        bind="query-params",
    )
