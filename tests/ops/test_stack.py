"""The whole stack, from a fresh checkout, as a new user starts it: on the demo data, with real servers."""

import os
import signal
from pathlib import Path

import pandas as pd
import pytest
import requests

from tests.ops.checkout import RunningStack, alive, family

pytestmark = [pytest.mark.serving, pytest.mark.timeout(1200)]


def get(url: str) -> requests.Response:
    response = requests.get(url, timeout=20)
    response.raise_for_status()
    return response


def test_five_searched_seeds_give_a_ranked_playlist(demo_stack: RunningStack) -> None:
    catalog = pd.read_parquet(demo_stack.checkout / "data/processed/catalog.parquet")
    seeds = []
    for track in catalog[catalog["track_id"] == catalog["canonical_id"]].sample(5, random_state=0).itertuples():
        hits = get(demo_stack.url("GATEWAY_PORT", f"/search?q={track.title} {track.artist}&limit=5")).json()["tracks"]
        assert track.track_id in [hit["track_id"] for hit in hits]
        seeds.append(track.track_id)
    answer = requests.post(
        demo_stack.url("GATEWAY_PORT", "/recommend_ranked"), json={"seed_track_ids": seeds, "k": 20}, timeout=20
    )
    assert answer.status_code == 200
    playlist = answer.json()
    assert playlist["model"] == {"name": "quintet", "version": "1"}
    assert [seed["status"] for seed in playlist["seeds"]] == ["used"] * 5
    assert [track["rank"] for track in playlist["tracks"]] == list(range(1, 21))
    assert not {track["track_id"] for track in playlist["tracks"]} & set(seeds)


def test_nobody_can_take_demo_data_for_real_music(demo_stack: RunningStack) -> None:
    assert get(demo_stack.url("GATEWAY_PORT", "/health")).json()["is_demo"] is True
    assert "DEMO" in demo_stack.said()


def test_the_addresses_that_it_prints_answer(demo_stack: RunningStack) -> None:
    for port, path in (("PAGE_PORT", ""), ("GATEWAY_PORT", "/docs"), ("MLFLOW_PORT", ""), ("MODEL_PORT", "/version")):
        assert demo_stack.url(port) in demo_stack.said()
        assert get(demo_stack.url(port, path)).status_code == 200


def test_mlflow_shows_the_champion_that_answers(demo_stack: RunningStack) -> None:
    alias = "/api/2.0/mlflow/registered-models/alias?name=quintet&alias=champion"
    version = get(demo_stack.url("MLFLOW_PORT", alias)).json()["model_version"]
    assert version["version"] == "1"
    assert version["current_stage"] == "Production"


def test_a_second_run_in_the_same_checkout_is_refused(demo_stack: RunningStack, tmp_path: Path) -> None:
    second = RunningStack(demo_stack.checkout, tmp_path / "second.txt", DATA_SOURCE="demo")
    assert second.process.wait(timeout=60) == 1
    assert f"already running here (process {demo_stack.process.pid})" in second.said()


def test_ctrl_c_leaves_no_process_and_the_next_start_trains_nothing_and_notices_a_death(
    demo_stack: RunningStack, tmp_path: Path
) -> None:
    everybody = family(demo_stack.process.pid)
    assert len(everybody) > 4
    assert demo_stack.stop(signal.SIGINT) == 0
    assert [pid for pid in everybody if alive(pid)] == []

    again = RunningStack(demo_stack.checkout, tmp_path / "again.txt", DATA_SOURCE="demo").wait_ready(180)
    everybody = family(again.process.pid)
    assert again.said().count("up to date") == 2
    os.killpg(next(pid for pid in everybody if b"gateway" in Path(f"/proc/{pid}/cmdline").read_bytes()), signal.SIGKILL)
    assert again.process.wait(timeout=60) == 1
    assert "gateway ended with status -9; the end of var/log/gateway.log:" in again.said()
    assert [pid for pid in everybody if alive(pid)] == []
