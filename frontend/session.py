"""One listener's session: their taste, their language, and the last playlist, kept in step with the page's address."""

import logging
import os
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from frontend import taste as tastes
from frontend import tuning
from frontend.answers import Hits, Playlist, Track
from frontend.gateway_client import GatewayClient, GatewayProblem
from frontend.settings import PageSettings, from_environment
from frontend.taste import Taste
from frontend.texts import LANGUAGES

log = logging.getLogger(__name__)

TAKE = "take"
"""Query parameter: how often another take was asked for."""


@dataclass(frozen=True)
class Health:
    """The gateway, as far as the page must know."""

    is_demo: bool
    seeds_outside_catalog: bool
    """Whether a track that the catalog lacks can be a seed."""


@st.cache_resource
def settings() -> PageSettings:
    """Read once."""
    return from_environment(os.environ)


@st.cache_resource
def client() -> GatewayClient:
    """One for all sessions."""
    return GatewayClient(settings().gateway_url, settings().api_key)


@st.cache_data(ttl=15, show_spinner=False)
def health() -> Health:
    """Raises GatewayProblem, which is not cached."""
    said = client().health()
    return Health(bool(said.get("is_demo")), bool(said.get("seeds_outside_catalog")))


@st.cache_data(ttl=60, max_entries=500, show_spinner=False)
def search(q: str) -> Hits:
    """Raises GatewayProblem, which is not cached."""
    return client().search(q)


@st.cache_data(ttl=600, max_entries=200, show_spinner=False)
def lookup(track_ids: tuple[str, ...]) -> dict[str, Track]:
    """The tracks that the catalog knows, by id; raises GatewayProblem, which is not cached."""
    return client().tracks(track_ids)


@st.cache_data(ttl=600, show_spinner=False)
def genres() -> tuple[str, ...]:
    """What a listener can start from, the largest first; raises GatewayProblem, which is not cached."""
    return tuple(client().genres())


@st.cache_data(ttl=600, max_entries=200, show_spinner=False)
def audio_features(track_ids: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Audio features of the tracks that the catalog knows, by id; raises GatewayProblem, which is not cached."""
    return client().audio_features(track_ids)


def language() -> str:
    """What the page's address says, else what the listener's browser asks for, as far as the page speaks it."""
    asked = st.query_params.get("lang") or (st.context.locale or "").split("-")[0]
    return asked if asked in LANGUAGES else "en"


def keep_language() -> None:
    """Write the chosen language into the page's address."""
    st.query_params["lang"] = st.session_state.lang


def parameters() -> dict[str, list[str]]:
    """The page's query parameters."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def address() -> str:
    """The page's address, as others can open it."""
    base = (st.context.url or "").split("?")[0].rstrip("/")
    return f"{base}/?{urlencode(parameters(), doseq=True)}"


def on_phone() -> bool:
    """Whether the listener's browser says that it is a phone's."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def taste() -> Taste:
    """What was picked and judged; at first, what the page's address says."""
    if "taste" not in st.session_state:
        said = parameters()
        ids = tuple(dict.fromkeys(i for name in tastes.URL_NAMES.values() for i in said.get(name, ())))
        try:
            known = lookup(ids) if ids else {}
        except GatewayProblem as problem:
            log.warning("tracks of the address not found kind=%s why=%s", type(problem).__name__, problem)
            return tastes.from_url(said, {})  # and the next run tries again
        st.session_state.taste = tastes.from_url(said, known)
        st.session_state.started = bool(st.session_state.taste.seeds)
    kept: Taste = st.session_state.taste
    return kept


def change(new: Taste) -> None:
    """Replace the taste, and write it into the page's address."""
    st.session_state.taste = new
    if not new.seeds:
        st.session_state.started = False
    for name, values in tastes.to_url(new).items():
        if values:
            st.query_params[name] = values
        elif name in st.query_params:
            del st.query_params[name]


def start() -> None:
    """From now on there is a playlist, and it follows every change."""
    st.session_state.started = True


def started() -> bool:
    """Whether a playlist was asked for."""
    return bool(st.session_state.get("started"))


def dials() -> dict[str, Any]:
    """Where every dial stands."""
    turned = {key: st.session_state.get(key, default) for key, default in tuning.DEFAULTS.items()}
    take = st.query_params.get(TAKE, "0")
    return {**turned, "shuffle": int(take) if take.isdecimal() and len(take) < 7 else 0}


def reset_dials() -> None:
    """Every dial back to where it stood at first."""
    for key, value in tuning.DEFAULTS.items():
        if key != "shuffle":
            st.session_state[key] = value


def another_take() -> None:
    """The same wishes, answered differently; repeatable, since the address counts the takes."""
    st.query_params[TAKE] = str(dials()["shuffle"] + 1)


def playlist() -> Playlist:
    """The playlist for the taste and the dials; asks the gateway only when one of them changed.

    Raises GatewayProblem.
    """
    turned = dials()
    profile = _profile() if tuning.needs_profile(turned) else {}
    wishes = {**tastes.as_wishes(taste()), **tuning.as_wishes(turned, profile), "explain": True}
    if st.session_state.get("asked") != wishes:
        st.session_state.answer = _recommend(wishes)
        st.session_state.asked = wishes
    answer: Playlist = st.session_state.answer
    return answer


def request_id() -> str:
    """Of the playlist that is on the page."""
    answer: Playlist = st.session_state.answer
    return answer.request_id


def shown(track_id: str) -> Track | None:
    """A track that stands in the list: recommended, or kept; None if the list has changed meanwhile."""
    answer: Playlist | None = st.session_state.get("answer")
    tracks = [*(answer.tracks if answer else ()), *taste().liked]
    return next((track for track in tracks if track.track_id == track_id), None)


def _recommend(wishes: dict[str, Any]) -> Playlist:
    try:
        return client().recommend(wishes)
    except GatewayProblem as problem:
        log.warning("no recommendation kind=%s why=%s", type(problem).__name__, problem)
        raise


def _profile() -> dict[str, float]:
    """Mean audio features of the picked songs alone, so that a like does not move what a dial is relative to."""
    seeds = tastes.as_wishes(replace(taste(), liked=()))["seed_track_ids"]
    if st.session_state.get("profile_of") != seeds:
        st.session_state.profile = dict(_recommend({"seed_track_ids": seeds, "k": 1}).profile)
        st.session_state.profile_of = seeds
    kept: dict[str, float] = st.session_state.profile
    return kept
