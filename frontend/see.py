"""See: the playlist in charts, each with the same in words."""

import streamlit as st

from frontend import charts, session
from frontend.answers import Playlist
from frontend.gateway_client import GatewayProblem
from frontend.texts import Words

CONFIG = {"displayModeBar": False, "scrollZoom": False}


def area(playlist: Playlist, words: Words) -> None:
    """All charts, for a playlist that has tracks and a profile."""
    if not playlist.tracks or not playlist.profile:
        st.markdown(words("charts.empty"))
        return
    names = {feature: words(f"feature.{feature}") for feature in charts.RADAR_FEATURES}
    left, right = st.columns(2, gap="large")
    with left:
        _radar(playlist, names, words)
    with right:
        _neighbourhood(playlist, words)
    _spread(playlist, names, words)


def _radar(playlist: Playlist, names: dict[str, str], words: Words) -> None:
    st.markdown(f"## {words('charts.radar')}")
    by_id = {track.track_id: track for track in playlist.tracks}
    chosen = st.selectbox(
        words("charts.compare"),
        list(by_id),
        format_func=lambda track_id: f"{by_id[track_id].title} – {by_id[track_id].artist}",
        key="compare",
    )
    track = by_id[chosen]
    outlines = {words("charts.profile"): playlist.profile, track.title: track.features}
    alt = words("charts.radar_alt", title=track.title, values=charts.spoken(outlines, names))
    st.plotly_chart(charts.radar(outlines, names), config=CONFIG, alt=alt, key="radar")
    with st.expander(words("charts.as_table"), key="radar-table"):
        shares = [[_percent(features, name) for name in names] for features in outlines.values()]
        st.table({words("charts.feature"): list(names.values()), **dict(zip(outlines, shares, strict=True))})


def _percent(features: charts.Features, name: str) -> str:
    value = features.get(name)
    if value is None:
        return "–"
    return f"{value:.0f} BPM" if name == "tempo" else f"{100 * value:.0f} %"


def _neighbourhood(playlist: Playlist, words: Words) -> None:
    st.markdown(f"## {words('charts.map')}")
    st.caption(words("charts.map_help"))
    seeds = session.taste().seeds
    try:
        features = session.audio_features(tuple(seed.track_id for seed in seeds))
    except GatewayProblem:
        features = {}
    groups: dict[str, dict[str, charts.Features]] = {
        words("charts.seeds"): {seed.title: features[seed.track_id] for seed in seeds if seed.track_id in features},
        words("charts.recommended"): {track.title: track.features for track in playlist.tracks},
        words("charts.middle"): {words("charts.profile"): playlist.profile},
    }
    nearest = max(playlist.tracks, key=lambda track: track.similarity or -1)
    farthest = min(playlist.tracks, key=lambda track: track.similarity if track.similarity is not None else 1)
    alt = words("charts.map_alt", n=len(playlist.tracks), nearest=nearest.title, farthest=farthest.title)
    st.plotly_chart(charts.neighbourhood(groups), config=CONFIG, alt=alt, key="map")
    st.caption(alt)


def _spread(playlist: Playlist, names: dict[str, str], words: Words) -> None:
    st.markdown(f"## {words('charts.spread')}")
    tracks = [track.features for track in playlist.tracks]
    labels = (words("charts.recommended"), words("charts.profile"))
    rows = []
    for feature, name in names.items():
        values = sorted(value for track in tracks if (value := track.get(feature)) is not None)
        if values:
            low, middle, high = ({feature: value} for value in (values[0], values[len(values) // 2], values[-1]))
            rows.append([name, *(_percent(one, feature) for one in (low, middle, high, playlist.profile))])
    alt = words("charts.spread_alt", values="; ".join(f"{row[0]} {row[1]}–{row[3]}" for row in rows))
    st.plotly_chart(charts.spread(tracks, playlist.profile, names, labels), config=CONFIG, alt=alt, key="spread")
    with st.expander(words("charts.as_table"), key="spread-table"):
        heads = [words(f"charts.{head}") for head in ("feature", "lowest", "median", "highest", "profile")]
        st.table({head: [row[i] for row in rows] for i, head in enumerate(heads)})
