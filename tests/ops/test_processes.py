import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.processes import ChildFailed, Interrupted, Processes, Service, answers, last_lines
from tests.eventually import eventually
from tests.ops.checkout import alive
from tests.ops.ports import free_ports

HEALTHY_SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()
        self.wfile.write(b'{"scheduler":{"status":"healthy"}}')
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SLEEPS = "import time; time.sleep(60)"
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
time.sleep(30)
"""
STUBBORN_FAMILY = f"""
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", {STUBBORN!r}])
time.sleep(30)
"""
DRAINS = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), print("drained"), sys.exit()))
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with Processes(tmp_path / "log", grace_s=1.0) as processes:
        yield processes


def python(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", code, *map(str, arguments)]


def service(name: str, path: str = "/health") -> Service:
    (port,) = free_ports(1)
    return Service(name, python(HEALTHY_SERVER, port), f"http://127.0.0.1:{port}{path}", f"http://127.0.0.1:{port}")


def test_a_server_is_reported_once_it_answers_and_is_gone_after_the_block(tmp_path: Path) -> None:
    server, reported = service("server"), list[Service]()
    with Processes(tmp_path) as processes:
        processes.start("server", server.command)
        processes.wait_healthy([server], 20, reported.append)
        assert answers(server.health_url)
    assert reported == [server]
    assert not answers(server.health_url)


def test_an_answer_without_the_text_that_tells_health_is_not_healthy(processes: Processes) -> None:
    server = service("server")
    processes.start("server", server.command)
    processes.wait_healthy([replace(server, health_text='"scheduler":{"status":"healthy"')], 20, lambda _: None)
    with pytest.raises(ChildFailed, match="no healthy answer"):
        processes.wait_healthy([replace(server, health_text='"dag_processor"')], 1, lambda _: None)


def test_one_child_may_be_stopped_before_the_others(processes: Processes) -> None:
    first, second = service("first"), service("second")
    for server in (first, second):
        processes.start(server.name, server.command)
    processes.wait_healthy([first, second], 20, lambda _: None)
    processes.stop("first")
    assert not answers(first.health_url) and answers(second.health_url)
    processes.stop()
    assert not answers(second.health_url)


def test_a_silent_server_fails_with_the_url_that_was_asked(processes: Processes) -> None:
    silent = service("silent", path="/never")
    processes.start("silent", silent.command)
    with pytest.raises(ChildFailed, match=r"silent gave no healthy answer at http://127\.0\.0\.1:\d+/never within 1 s"):
        processes.wait_healthy([silent], 1, lambda _: None)


def test_a_server_that_dies_while_others_start_ends_the_wait_with_its_last_words(processes: Processes) -> None:
    processes.start("dies", python("raise SystemExit('no such model')"))
    with pytest.raises(ChildFailed, match=r"(?s)dies ended with status 1; .*no such model"):
        processes.wait_healthy([service("never_started")], 20, lambda _: None)


def test_a_child_that_dies_later_ends_the_watch_with_its_last_words(processes: Processes) -> None:
    processes.start("stays", python(SLEEPS))
    processes.start("dies", python("print('out of memory'); raise SystemExit(3)"))
    with pytest.raises(ChildFailed, match=r"(?s)dies ended with status 3; .*dies\.log:\nout of memory"):
        processes.watch()


def test_a_step_that_fails_says_so_and_one_that_succeeds_does_not(processes: Processes) -> None:
    ticks: list[int] = []
    processes.run("good", python("print('done')"), lambda: ticks.append(1))
    assert ticks
    assert last_lines(processes.log("good")) == "done"
    with pytest.raises(ChildFailed, match=r"(?s)bad ended with status 2; .*lacks a column"):
        processes.run("bad", python("print('lacks a column'); raise SystemExit(2)"))


def test_stopping_leaves_no_grandchild_even_of_a_family_that_ignores_sigterm(processes: Processes) -> None:
    processes.start("family", python(STUBBORN_FAMILY))
    assert eventually(lambda: processes.log("family").read_text().strip(), timeout_s=10)
    grandchild = int(processes.log("family").read_text())
    assert alive(grandchild)
    started = time.monotonic()
    processes.stop()
    assert eventually(lambda: not alive(grandchild), timeout_s=10)
    assert time.monotonic() - started < 15  # and not because it had nothing left to do


def test_a_grandchild_whose_parent_is_gone_is_stopped_too(processes: Processes) -> None:
    processes.start(
        "family", python(f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]).pid)")
    )
    with pytest.raises(ChildFailed, match="family ended with status 0"):
        processes.watch()
    grandchild = int(processes.log("family").read_text())
    assert alive(grandchild)
    processes.stop()
    assert eventually(lambda: not alive(grandchild), timeout_s=10)


def test_a_child_may_use_the_grace_time_to_finish(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("drains", python(DRAINS))
        assert eventually(lambda: processes.log("drains").read_text(), timeout_s=10)
    assert (tmp_path / "drains.log").read_text() == "up\ndrained\n"


@pytest.mark.parametrize("wait", ["run", "wait_healthy", "watch"])
def test_a_signal_ends_every_kind_of_waiting(processes: Processes, wait: str) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    processes.interrupt_on(signal.SIGUSR1)
    timer = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGUSR1])
    timer.start()
    try:
        if wait == "watch":
            processes.start("stays", python(SLEEPS))
            processes.watch()
        else:
            with pytest.raises(Interrupted):
                if wait == "run":
                    processes.run("stays", python(SLEEPS))
                else:
                    processes.start("stays", python(SLEEPS))
                    processes.wait_healthy([service("never_started")], 20, lambda _: None)
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)


def test_the_last_lines_show_a_progress_bar_as_a_terminal_would(tmp_path: Path) -> None:
    log = tmp_path / "train.log"
    log.write_bytes(b"first\nsecond\n\n10%\r50%\r100% done\nlast\n")
    assert last_lines(log, 2) == "100% done\nlast"
