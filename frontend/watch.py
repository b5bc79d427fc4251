"""Watch: how the recommender is doing, from the gateway's own figures."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from frontend import problems, session
from frontend.gateway_client import GatewayProblem, Refused
from frontend.gateway_metrics import RECOMMEND, GatewayMetrics, Route, parse
from frontend.texts import Words

log = logging.getLogger(__name__)

REFRESH_S = 10
REGIMES = ("warm", "cold")
EVALUATED = ("r_precision", "ndcg@500", "clicks")
"""The evaluation's headline metrics, as `reports/evaluation.json` calls them."""
Rows = Sequence[Sequence[str]]


@st.fragment(run_every=REFRESH_S)
def area(words: Words) -> None:
    """All of it; looks again every REFRESH_S seconds while it is open."""
    try:
        metrics = parse(session.client().metrics())
        feedback = session.client().feedback_summary()
        quality = _quality()
    except GatewayProblem as problem:
        problems.notice(problem, words, key="watch")
        return
    st.caption(words("watch.since"))
    _tiles(metrics, words)
    left, right = st.columns(2, gap="large")
    with left:
        _routes(metrics, words)
        _judged(feedback, words)
    with right:
        _recommended(quality.get("recommended"), words)
        _drift(quality.get("drift"), words)
    _evaluation(quality.get("evaluation"), words)


def _quality() -> Mapping[str, Any]:
    try:
        return session.client().quality()
    except Refused as refusal:
        log.warning("the gateway measures no quality why=%s", refusal)  # an older gateway has no such route
        return {}


def _tiles(metrics: GatewayMetrics, words: Words) -> None:
    route = metrics.routes.get(RECOMMEND, Route())
    tiles = st.grid("auto", min_column_width=150)
    tiles.metric(words("watch.answers"), f"{route.n_requests:,}")
    tiles.metric(words("watch.typical"), _ms(route.quantile_s(0.5)))
    tiles.metric(words("watch.slow"), _ms(route.quantile_s(0.95)))
    tiles.metric(words("watch.failed"), _percent(route.n_failed, route.n_requests))
    tiles.metric(words("watch.version"), metrics.model_version or "–")
    tiles.metric(words("watch.away"), metrics.breakers_open)


def _routes(metrics: GatewayMetrics, words: Words) -> None:
    st.markdown(f"## {words('watch.requests')}")
    heads = ("route", "answers", "typical", "slow", "failed")
    rows = [
        [name, f"{r.n_requests:,}", _ms(r.quantile_s(0.5)), _ms(r.quantile_s(0.95)), _percent(r.n_failed, r.n_requests)]
        for name, r in sorted(metrics.routes.items(), key=lambda item: -item[1].n_requests)
    ]
    _table(heads, rows, words)


def _judged(feedback: Mapping[str, Any], words: Words) -> None:
    st.markdown(f"## {words('watch.judged')}")
    rows = []
    for version in feedback["stored"]["by_model_version"]:
        events = version["events"]
        shown = events.get("impression", 0)
        counts = [events.get(event, 0) for event in ("like", "add", "skip")]
        name = f"{version['name']} {version['version']}"
        rows.append([name, f"{shown:,}", *(f"{n:,}" for n in counts), _percent(counts[0], shown)])
    _table(("version", "shown", "likes", "adds", "skips", "like_rate"), rows, words)


def _recommended(seen: Mapping[str, Any] | None, words: Words) -> None:
    st.markdown(f"## {words('watch.recommended')}")
    if not seen or not seen["impressions"]:
        st.markdown(words("watch.nothing"))
        return
    tiles = st.grid("auto", min_column_width=150)
    tiles.metric(words("watch.distinct"), f"{seen['distinct_tracks']:,}")
    tiles.metric(words("watch.coverage"), f"{100 * seen['coverage']:.1f} %", help=words("watch.coverage_help"))
    popularity = seen["mean_popularity_percentile"]
    shown = "–" if popularity is None else f"{100 * popularity:.0f} %"
    tiles.metric(words("watch.popularity"), shown, help=words("watch.popularity_help"))


def _drift(drift: Mapping[str, Any] | None, words: Words) -> None:
    st.markdown(f"## {words('watch.drift')}")
    if not drift:
        st.markdown(words("watch.not_measured"))
        return
    st.caption(words("watch.drift_help", n=drift["n_seeds"]))
    rows = [
        [
            words(f"feature.{part['name']}"),
            f"{part['score']:.2f} σ",
            words("watch.drifted" if part["drifted"] else "watch.steady"),
        ]
        for part in drift["features"]
    ]
    _table(("what", "distance", "state"), rows, words)


def _evaluation(evaluation: Mapping[str, Any] | None, words: Words) -> None:
    st.markdown(f"## {words('watch.evaluation')}")
    if not evaluation:
        st.markdown(words("watch.not_measured"))
        return
    for regime, column in zip(REGIMES, st.columns(len(REGIMES), gap="large"), strict=True):
        with column:
            st.markdown(f"### {words(f'watch.{regime}')}")
            rows = [
                [name, *(f"{figures[metric]:.3f}" if metric in figures else "–" for metric in EVALUATED)]
                for name, figures in evaluation.get(regime, {}).items()
            ]
            _table(("model", *EVALUATED), rows, words)


def _table(heads: Sequence[str], rows: Rows, words: Words) -> None:
    if not rows:
        st.markdown(words("watch.nothing"))
        return
    st.table({words(f"watch.{head}"): [row[i] for row in rows] for i, head in enumerate(heads)})


def _ms(seconds: float | None) -> str:
    return "–" if seconds is None else f"{1000 * seconds:.0f} ms"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"
