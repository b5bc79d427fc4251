"""`python -m gateway`, as operators run it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.gateway.catalogs import write_catalog
from tests.gateway.stub_model import StubModel
from tests.gateway.stub_spotify import StubSpotify
from tests.ops.ports import free_ports


def test_every_line_it_logs_is_json_and_holds_no_secret_and_no_search(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog.db")
    (port,) = free_ports(1)
    with StubModel() as stub, StubSpotify() as spotify:
        spotify.search = lambda: (500, {}, {"error": {"status": 500, "message": "halo"}})
        wanted = {
            "GATEWAY_PORT": port, "MODEL_URLS": stub.url, "CATALOG_PATH": tmp_path / "catalog.db",
            "API_KEY": "k3y-value",
            "FEEDBACK_DATABASE_URL": f"sqlite:///{tmp_path}/feedback.db", "FEEDBACK_UNSENT_DIR": tmp_path / "unsent",
            "LOG_LEVEL": "debug", **{name.upper(): value for name, value in spotify.settings().items()},
        }  # fmt: skip
        lines = logged_while_serving({name: str(value) for name, value in wanted.items()}, port)
    records = [json.loads(line) for line in lines]
    requests = {record["route"]: record for record in records if record["message"] == "request"}
    assert requests["/recommend_ranked"]["model_version"] == "7"
    assert requests["/recommend_ranked"]["request_id"] == "from-the-caller"
    assert requests["/search"]["status"] == 200
    text = "".join(lines)
    assert not any(secret in text for secret in ("k3y-value", "a-s3cret-value", "token-1", "halo"))


def logged_while_serving(environment: dict[str, str], port: int) -> list[str]:
    """What the gateway logs about one recommendation and one search, from start to a clean stop."""
    headers = {"X-API-Key": environment["API_KEY"], "X-Request-ID": "from-the-caller"}
    command = [sys.executable, "-m", "gateway"]
    with subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=10) as client:
                wait_for(client)
                assert client.post("/recommend_ranked", json={"seed_track_ids": ["a"]}).status_code == 200
                assert client.get("/search", params={"q": "halo"}).json()["source"] == "catalog"
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=30)
    return errors.splitlines()


def wait_for(client: httpx.Client) -> None:
    """Until the gateway is alive; at most a minute."""
    for _ in range(600):
        try:
            client.get("/health").raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the gateway did not start within a minute")
