"""What was measured, as figures, as a table and as a plot."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model.experiment import N_SEEDS, Measurement, Row
from model.metrics import ACCURACY, bootstrap_interval
from model.splits import REGIMES

COMPARED = ("retrieval_only", "champion")
COLUMNS = ("r_precision", "ndcg@500", "clicks", "ndcg@10", "recall@500", "artists@20", "coverage", "popularity@20")


def figures_of(measured: Measurement) -> dict[str, Any]:
    """Means with 95 % intervals by regime and row; paired differences of the challenger; counts."""
    figures: dict[str, Any] = {"paired": {}, "by_n_seeds": {}, "queries": {}}
    for regime in REGIMES:
        rows, playlists = measured.rows[regime], np.array(measured.playlists[regime], np.int64)
        n_candidates = measured.n_candidates[regime]
        figures[regime] = {name: _of_row(row, playlists, n_candidates, measured.seed) for name, row in rows.items()}
        figures["queries"][regime] = {
            "n": len(playlists),
            "playlists": len(set(playlists.tolist())),
            "left_out": measured.left_out[regime],
            "candidates": n_candidates,
        }
        if rows:
            figures["paired"][regime] = {
                other: _paired(rows["challenger"], rows[other], playlists, measured.seed)
                for other in COMPARED
                if other in rows
            }
        figures["by_n_seeds"][regime] = {
            str(n): {name: float(np.mean(values)) for name, values in row.values.items()}
            for n, row in sorted(measured.by_n_seeds[regime].items())
        }
    return figures


def _of_row(row: Row, playlists: NDArray[np.int64], n_candidates: int, seed: int) -> dict[str, Any]:
    values: dict[str, list[float]] = {
        **row.values,
        "artists@20": row.artists,
        "popularity@20": row.popularity,
    }
    result: dict[str, Any] = {name: float(np.mean(column)) for name, column in values.items()}
    result["coverage"] = len(row.shown) / n_candidates
    result["interval"] = {
        name: bootstrap_interval(np.array(column, np.float64), playlists, seed) for name, column in values.items()
    }
    return result


def _paired(ours: Row, other: Row, playlists: NDArray[np.int64], seed: int) -> dict[str, dict[str, float]]:
    result = {}
    for name in ACCURACY:
        gain = np.array(ours.values[name], np.float64) - np.array(other.values[name], np.float64)
        low, high = bootstrap_interval(gain, playlists, seed)
        result[name] = {"mean": float(gain.mean()), "low": low, "high": high}
    return result


def markdown(figures: dict[str, Any]) -> str:
    """The tables that go to the terminal and to MLflow."""
    lines = []
    for regime in REGIMES:
        queries = figures["queries"][regime]
        lines += [
            f"\n**{regime}**: {queries['n']} queries of {N_SEEDS} seeds from {queries['playlists']} test playlists, "
            f"{queries['candidates']} candidates each; {queries['left_out']} queries left out\n",
            "| | " + " | ".join(COLUMNS) + " |",
            "|---|" + "---|" * len(COLUMNS),
        ]
        for name, row in figures[regime].items():
            cells = " | ".join(_cell(row, column) for column in COLUMNS)
            lines.append(f"| {name.replace('_', ' ')} | {cells} |")
        by_n = figures["by_n_seeds"][regime]
        for n, row in by_n.items():
            cells = " | ".join(f"{row[column]:.3f}" if column in row else "" for column in COLUMNS)
            lines.append(f"| challenger, {n} seed{'s' if n != '1' else ''} | {cells} |")
    return "\n".join(lines) + "\n"


def _cell(row: dict[str, Any], column: str) -> str:
    text = f"{row[column]:.3f}"
    if column in row["interval"]:
        low, high = row["interval"][column]
        text += f" ({low:.3f}–{high:.3f})"
    return text


def plot(figures: dict[str, Any]) -> Figure:
    """R-precision and NDCG@500 of every row with their intervals, a panel a regime and metric."""
    figure = Figure(figsize=(11, 7), layout="constrained")
    axes = figure.subplots(2, 2, squeeze=False)
    for down, regime in enumerate(REGIMES):
        names = list(figures[regime])
        for across, metric in enumerate(("r_precision", "ndcg@500")):
            axis = axes[down][across]
            means = np.array([figures[regime][name][metric] for name in names])
            bounds = np.array([figures[regime][name]["interval"][metric] for name in names]).reshape(-1, 2)
            errors = np.abs(bounds.T - means)
            axis.errorbar(means, np.arange(len(names)), xerr=errors if len(names) else None, fmt="o", capsize=3)
            axis.set_yticks(np.arange(len(names)), [name.replace("_", " ") for name in names])
            axis.invert_yaxis()
            axis.set_title(f"{regime}: {metric}")
            axis.grid(axis="x", alpha=0.3)
    return figure
