"""The gate: may the challenger take the champion's place, by the figures that `evaluate` measured?

What the gate reads of an evaluation (more may stand in it):

    {"challenger": {"version": "4"},
     "champion": {"version": "3", "comparable": true, "why_not": ""},     null if there was none
     "paired": {"warm": {"retrieval_only": {"ndcg@500": {"mean": 0.08, "low": 0.07, "high": 0.09}, …},
                         "champion": {…}},
                "cold": {…}},
     "warm": {"challenger": {"ndcg@500": 0.45, …}, "champion": {…}, …},
     "cold": {…}}

`paired` holds the challenger's figure minus the other's, over the same playlists, with a 95 % interval. A regime
without queries is missing from `paired`. A champion is not comparable if it was made from other data.
"""

from collections.abc import Iterator
from typing import Any

REGIMES = ("warm", "cold")
METRICS = ("ndcg@500", "r_precision")
RETRIEVAL_ONLY = "retrieval_only"


def gate(figures: dict[str, Any]) -> list[str]:
    """Why the challenger may not be promoted, one sentence for each figure that failed; empty if it may.

    In each regime it has to beat retrieval-only, and must not be worse than the champion beyond noise: no paired
    interval may lie below zero as a whole.
    """
    champion = figures["champion"]
    if not any(regime in figures["paired"] for regime in REGIMES):
        return ["there are no figures: no playlist was long enough to evaluate on"] if champion else []
    return [*_not_better_than_retrieval(figures), *(_worse_than_champion(figures) if champion else [])]


def table(figures: dict[str, Any]) -> str:
    """The figures the gate compares, as a Markdown table."""
    rows = [
        row for row in (RETRIEVAL_ONLY, "champion", "challenger") if any(row in figures[r] for r in _measured(figures))
    ]
    lines = ["| figure | " + " | ".join(row.replace("_", "-") for row in rows) + " |", "|---" * (len(rows) + 1) + "|"]
    for regime in _measured(figures):
        for metric in METRICS:
            values = (figures[regime].get(row, {}).get(metric) for row in rows)
            cells = ("–" if value is None else f"{value:.4f}" for value in values)
            lines.append(f"| {regime} {metric} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _not_better_than_retrieval(figures: dict[str, Any]) -> Iterator[str]:
    for regime, metric, gain in _gains(figures, RETRIEVAL_ONLY):
        if not gain["mean"] > 0:
            yield f"{regime} {metric} is not better than retrieval-only: {_interval(gain)}"


def _worse_than_champion(figures: dict[str, Any]) -> Iterator[str]:
    champion = figures["champion"]
    if not champion["comparable"]:
        return
    for regime, metric, gain in _gains(figures, "champion"):
        if not gain["high"] >= 0:
            yield f"{regime} {metric} is worse than that of champion version {champion['version']}: {_interval(gain)}"


def _gains(figures: dict[str, Any], other: str) -> Iterator[tuple[str, str, dict[str, float]]]:
    for regime in _measured(figures):
        for metric in METRICS:
            yield regime, metric, figures["paired"][regime][other][metric]


def _measured(figures: dict[str, Any]) -> list[str]:
    return [regime for regime in REGIMES if regime in figures["paired"]]


def _interval(gain: dict[str, float]) -> str:
    return f"{gain['mean']:+.4f} (95 % interval {gain['low']:+.4f} to {gain['high']:+.4f})"
