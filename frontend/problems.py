"""What is wrong, in words; and a quiet look, every few seconds, whether it is mended."""

import time

import streamlit as st

from frontend import session
from frontend.gateway_client import Busy, GatewayDown, GatewayProblem, GatewaySlow, ModelDown, ModelSlow
from frontend.texts import Words, escaped

PASSING = (GatewayDown, GatewaySlow, ModelDown, ModelSlow, Busy)
"""Problems that may go away by themselves."""
LOOK_AGAIN_S = 3


def notice(problem: GatewayProblem, words: Words, key: str = "problem") -> None:
    """Say it, offer to try again, and go on by itself when a passing problem has passed.

    key: tells this notice from others on the page.
    """
    with st.container(key=f"notice-{key}"):
        st.error(words(problem.key, message=escaped(str(problem))))
        st.button(words("problem.retry"), key=f"retry-{key}")
        if isinstance(problem, PASSING):
            st.caption(words("problem.watching"))
            st.session_state.broken_at = time.monotonic()
            _look_again()


@st.fragment(run_every=LOOK_AGAIN_S)
def _look_again() -> None:
    if time.monotonic() - st.session_state.broken_at < LOOK_AGAIN_S / 2:
        return  # the page has just found out
    try:
        session.client().ready()
    except GatewayProblem:
        return
    st.rerun()
