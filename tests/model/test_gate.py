"""The gate lets better challengers through and says which figure holds the others back."""

from typing import Any

import pytest

from model.gate import METRICS, REGIMES, gate, table


def gain(mean: float, noise: float = 0.01) -> dict[str, dict[str, float]]:
    return {metric: {"mean": mean, "low": mean - noise, "high": mean + noise} for metric in METRICS}


def figures(over_retrieval: float = 0.1, over_champion: float | None = 0.0) -> dict[str, Any]:
    champion = over_champion is not None
    rows = {"challenger": dict.fromkeys(METRICS, 0.4), "retrieval_only": dict.fromkeys(METRICS, 0.4 - over_retrieval)}
    others = {"retrieval_only": gain(over_retrieval)}
    if over_champion is not None:
        others["champion"] = gain(over_champion)
        rows["champion"] = dict.fromkeys(METRICS, 0.4 - over_champion)
    return {
        "challenger": {"version": "4"},
        "champion": {"version": "3", "comparable": True, "why_not": ""} if champion else None,
        "paired": {regime: dict(others) for regime in REGIMES},
        **{regime: dict(rows) for regime in REGIMES},
    }


def test_a_better_challenger_passes() -> None:
    assert gate(figures(over_champion=0.05)) == []


def test_a_challenger_that_is_worse_only_within_noise_passes() -> None:
    assert gate(figures(over_champion=-0.005)) == []


def test_a_challenger_that_is_worse_beyond_noise_is_refused_with_every_figure_that_failed() -> None:
    refusals = gate(figures(over_champion=-0.05))
    assert len(refusals) == len(REGIMES) * len(METRICS)
    assert "warm ndcg@500 is worse than that of champion version 3: -0.0500" in refusals[0]


@pytest.mark.parametrize("regime", REGIMES)
def test_one_bad_figure_in_one_regime_is_enough(regime: str) -> None:
    found = figures(over_champion=0.05)
    found["paired"][regime]["champion"] = {**gain(0.05), "r_precision": {"mean": -0.1, "low": -0.2, "high": -0.01}}
    assert gate(found) == [
        f"{regime} r_precision is worse than that of champion version 3: -0.1000 (95 % interval -0.2000 to -0.0100)"
    ]


@pytest.mark.parametrize("over_retrieval", [0.0, -0.1, float("nan")])
def test_a_ranker_that_does_not_beat_its_own_retrieval_is_refused(over_retrieval: float) -> None:
    assert "warm ndcg@500 is not better than retrieval-only" in gate(figures(over_retrieval))[0]


def test_a_first_version_needs_only_to_beat_retrieval() -> None:
    assert gate(figures(over_champion=None)) == []
    assert gate(figures(over_retrieval=-0.1, over_champion=None)) != []


def test_a_champion_made_from_other_data_is_not_compared() -> None:
    found = figures(over_champion=-0.5)
    found["champion"]["comparable"] = False
    assert gate(found) == []


def test_a_regime_without_queries_is_not_judged() -> None:
    found = figures(over_champion=0.05)
    del found["paired"]["cold"]
    assert gate(found) == []


def test_without_any_figures_only_a_first_version_passes() -> None:
    first, later = figures(over_champion=None), figures()
    first["paired"] = later["paired"] = {}
    assert gate(first) == []
    assert "no figures" in gate(later)[0]


def test_the_table_shows_the_compared_figures() -> None:
    text = table(figures(over_champion=0.1))
    assert "| figure | retrieval-only | champion | challenger |" in text
    assert "| cold r_precision | 0.3000 | 0.3000 | 0.4000 |" in text
