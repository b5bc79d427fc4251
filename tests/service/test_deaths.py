"""Model servers that end by themselves, and connections that break."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.eventually import eventually
from tests.gateway.conftest import MatrixRow
from tests.ops.checkout import ROOT, group
from tests.service.running import RunningService, ToyRegistry, running_service


def kill(pid: int) -> None:
    os.killpg(pid, signal.SIGKILL)


def test_a_live_server_that_dies_is_started_again_and_meanwhile_requests_get_a_503(
    service: RunningService, matrix_row: MatrixRow
) -> None:
    first = service.pid()
    service.registry.behaviours["1"] = "late"
    kill(first)
    assert eventually(lambda: service.status()["live"] is None)
    answer = service.ask()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json()["error"] == "model_unavailable"
    assert eventually(lambda: service.live() == "1")
    assert service.pid() != first
    assert service.ask().status_code == 200
    assert service.metric("quintet_service_deaths_total") == 1
    matrix_row("the live version's server is killed", "503 with Retry-After until it is back by itself", "yes")


def test_a_live_server_that_dies_during_a_roll_out_is_not_taken_for_healthy(service: RunningService) -> None:
    service.registry.behaviours["2"] = "late"
    service.registry.alias = "2"
    assert eventually(lambda: service.status()["rollout"] == "starting 2")
    kill(service.pid())
    assert eventually(lambda: service.client.get("/ping").status_code == 503)
    assert service.ask().status_code == 503
    assert eventually(lambda: service.live() == "2")
    assert service.metric("quintet_service_deaths_total") == 1
    assert service.registry.starts == ["1", "2"]


def test_what_a_dead_server_has_started_does_not_outlive_it(registry: ToyRegistry) -> None:
    registry.alias, registry.behaviours["1"] = "1", "stubborn"
    with running_service(registry) as service:
        service.promote("1")
        first = service.pid()
        assert eventually(lambda: len(group(first)) == 2)
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: not group(first))
        assert eventually(lambda: service.live() == "1")


def test_a_server_that_cannot_start_again_is_tried_with_growing_pauses_and_is_not_refused(
    service: RunningService,
) -> None:
    service.registry.behaviours["1"] = "dies at start"
    kill(service.pid())
    assert eventually(lambda: len(service.registry.starts) == 3)
    looks = service.registry.looks
    assert eventually(lambda: service.registry.looks > looks + 5)
    assert len(service.registry.starts) <= 4  # after 0, 1, 2 … seconds, not at every look
    assert service.status()["last_refusal"] is None
    service.registry.behaviours["1"] = "well"
    assert eventually(lambda: service.live() == "1")


def test_a_new_champion_does_not_wait_for_the_pause_of_the_dead_one(service: RunningService) -> None:
    service.registry.behaviours["1"] = "dies at start"
    kill(service.pid())
    assert eventually(lambda: len(service.registry.starts) == 4)  # the next pause is four seconds
    service.promote("2")
    assert len(service.registry.starts) == 5


def test_a_connection_that_breaks_is_a_request_that_is_sent_again(registry: ToyRegistry, matrix_row: MatrixRow) -> None:
    registry.alias, registry.behaviours["1"] = "1", "drops"
    with running_service(registry) as service:
        service.promote("1")
        assert [service.ask().status_code for _ in range(12)] == [200] * 12
    matrix_row("the version underneath drops a connection", "the request is sent again", "0 of 12 failed")


def test_a_server_that_says_more_than_anybody_reads_is_not_held_up(registry: ToyRegistry) -> None:
    registry.alias, registry.behaviours["1"] = "1", "chatty"
    with running_service(registry) as service:
        service.promote("1")
        assert service.ask().status_code == 200


def test_a_body_beyond_the_limit_is_refused(service: RunningService) -> None:
    answer = service.client.post("/invocations", content=b" " * (16 * 1024 * 1024 + 1))
    assert answer.status_code == 413


FOLLOWS_NO_MORE = """
import os, sys
from pathlib import Path
from aiohttp import web
import uvloop
from service.__main__ import application
from tests.service.running import IsolatedSettings, ToyRegistry

class Buggy(ToyRegistry):
    def champion(self):
        if self.looks == 3:
            raise ZeroDivisionError
        return super().champion()

registry = Buggy(Path(sys.argv[1]))
registry.alias = "1"
app = application(IsolatedSettings(model_poll_s=0.1), registry, registry.command, os.environ)
web.run_app(app, host="127.0.0.1", port=0, loop=uvloop.new_event_loop(), print=None)
"""


def test_a_service_that_cannot_follow_any_more_ends_and_does_not_look_healthy(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FOLLOWS_NO_MORE, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert serving(tmp_path) == []


def serving(folder: Path) -> list[int]:
    """Stand-ins that still answer from the folder."""
    commands = {int(file.parent.name): file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline")}
    return [pid for pid, command in commands.items() if str(folder).encode() in command]


def test_mlflows_version_is_that_of_the_server_underneath(service: RunningService) -> None:
    assert service.client.get("/version").text == "3.17.2"
