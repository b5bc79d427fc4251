"""The charts. Plotly is imported when the first one is drawn: the page must not wait for it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from frontend.projection import plane

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"
"""Okabe and Ito's, which stay apart for colour-blind eyes, on paper and on ink. Shapes and dashes say the same."""

RADAR_FEATURES = (
    "danceability",
    "energy",
    "valence",
    "tempo",
    "acousticness",
    "instrumentalness",
    "liveness",
    "speechiness",
)
GRID = "rgba(128,128,128,0.3)"
TEMPO_RANGE = (40.0, 220.0)
Features = Mapping[str, float | None]


def share(feature: str, value: float) -> float:
    """A feature's value as 0-1: those that are already so as they are, tempo within TEMPO_RANGE."""
    if feature == "tempo":
        value = (value - TEMPO_RANGE[0]) / (TEMPO_RANGE[1] - TEMPO_RANGE[0])
    return min(max(value, 0.0), 1.0)


def radar(outlines: Mapping[str, Features], names: Mapping[str, str]) -> "Figure":
    """One closed outline for each name -> features. names: feature -> what it is called on its axis."""
    from plotly.graph_objects import Figure, Scatterpolar

    figure = Figure()
    for (label, features), colour, dash in zip(outlines.items(), (BLUE, VERMILION), ("solid", "dash"), strict=False):
        shown = [feature for feature in RADAR_FEATURES if features.get(feature) is not None]
        around = [*shown, *shown[:1]]
        figure.add_trace(
            Scatterpolar(
                r=[share(feature, features[feature] or 0.0) for feature in around],
                theta=[names[feature] for feature in around],
                name=_short(label),
                fill="toself",
                fillcolor=_faint(colour),
                line={"color": colour, "width": 2.5, "dash": dash},
                hovertemplate="%{theta}: %{r:.2f}<extra>%{fullData.name}</extra>",
            )
        )
    axis = {
        "range": [0, 1],
        "tickvals": [0.25, 0.5, 0.75, 1],
        "showticklabels": False,
        "gridcolor": GRID,
    }
    figure.update_layout(
        polar={"bgcolor": "rgba(0,0,0,0)", "radialaxis": axis, "angularaxis": {"gridcolor": GRID, "linecolor": GRID}},
        **_layout(430, margin=(70, 70, 30, 20)),
    )
    return figure


def neighbourhood(groups: Mapping[str, Mapping[str, Features]]) -> "Figure":
    """A map: group -> (track's name -> features). What sounds alike lies close together; the axes have no unit."""
    from plotly.graph_objects import Figure, Scatter

    everything = [features for tracks in groups.values() for features in tracks.values()]
    places = iter(plane(everything).tolist())
    figure = Figure()
    marks = zip((VERMILION, BLUE, GREEN), ("diamond", "circle", "star"), (15, 11, 17), strict=True)
    for (group, tracks), (colour, symbol, size) in zip(groups.items(), marks, strict=False):
        spots = [next(places) for _ in tracks]
        figure.add_trace(
            Scatter(
                x=[x for x, _ in spots],
                y=[y for _, y in spots],
                text=[_short(name) for name in tracks],
                name=group,
                mode="markers+text" if symbol == "diamond" else "markers",
                textposition="top center",
                marker={"color": colour, "symbol": symbol, "size": size, "line": {"width": 1, "color": "white"}},
                hovertemplate="%{text}<extra></extra>",
            )
        )
    hidden = {"showticklabels": False, "zeroline": False, "gridcolor": GRID, "title": None}
    figure.update_layout(xaxis=hidden, yaxis=hidden, **_layout(460))
    return figure


def spread(
    tracks: Sequence[Features], profile: Features, names: Mapping[str, str], labels: tuple[str, str]
) -> "Figure":
    """For each feature a row: one dot a track, and a diamond for the profile. labels: of the tracks, of the profile."""
    from plotly.graph_objects import Figure, Scatter

    rows = [name for name in reversed(RADAR_FEATURES) if profile.get(name) is not None]
    dots = [
        (share(row, track[row] or 0.0), names[row]) for row in rows for track in tracks if track.get(row) is not None
    ]
    figure = Figure()
    figure.add_trace(
        Scatter(
            x=[x for x, _ in dots],
            y=[y for _, y in dots],
            name=labels[0],
            mode="markers",
            marker={"color": BLUE, "size": 11, "opacity": 0.45},
            hovertemplate="%{y}: %{x:.2f}<extra></extra>",
        )
    )
    figure.add_trace(
        Scatter(
            x=[share(row, profile[row] or 0.0) for row in rows],
            y=[names[row] for row in rows],
            name=labels[1],
            mode="markers",
            marker={"color": VERMILION, "size": 14, "symbol": "diamond", "line": {"width": 1, "color": "white"}},
            hovertemplate="%{y}: %{x:.2f}<extra></extra>",
        )
    )
    axis = {"range": [-0.02, 1.02], "tickvals": [0, 0.5, 1], "tickformat": ".0%", "gridcolor": GRID}
    figure.update_layout(xaxis=axis, yaxis={"gridcolor": GRID}, **_layout(430))
    return figure


def spoken(outlines: Mapping[str, Features], names: Mapping[str, str]) -> str:
    """The radar in words: "Energy 61, 80" for each feature, in percent, in the outlines' order."""
    parts = []
    for feature in RADAR_FEATURES:
        values = [features.get(feature) for features in outlines.values()]
        shares = ["–" if value is None else str(round(100 * share(feature, value))) for value in values]
        parts.append(f"{names[feature]} {', '.join(shares)}")
    return "; ".join(parts)


def _layout(height: int, margin: tuple[int, int, int, int] = (10, 10, 20, 20)) -> dict[str, object]:
    left, right, top, bottom = margin
    return {
        "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom},
        "legend": {"orientation": "h", "y": -0.1, "x": 0.5, "xanchor": "center"},
        "dragmode": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    }


def _short(name: str) -> str:
    return name if len(name) <= 28 else f"{name[:27]}…"


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.15)"
