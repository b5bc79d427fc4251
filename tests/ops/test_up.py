import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.settings import StackSettings, export_dotenv
from scripts.up import CannotStart, only_one, refuse_taken_ports
from tests.ops.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_is_named_with_the_setting_that_moves_it(address: str) -> None:
    model, gateway = free_ports(2)
    with socket.create_server((address, gateway)):
        with pytest.raises(CannotStart, match=rf"^port {gateway} is taken; .* make up GATEWAY_PORT=\d+$"):
            refuse_taken_ports({"MODEL_PORT": model, "GATEWAY_PORT": gateway})
    refuse_taken_ports({"MODEL_PORT": model, "GATEWAY_PORT": gateway})


def test_every_taken_port_is_named_not_only_the_first() -> None:
    model, gateway = free_ports(2)
    with socket.create_server(("127.0.0.1", gateway)), socket.create_server(("127.0.0.1", model)):
        with pytest.raises(CannotStart, match=r"(?s)MODEL_PORT=.*GATEWAY_PORT="):
            refuse_taken_ports({"MODEL_PORT": model, "GATEWAY_PORT": gateway})


def test_one_port_for_two_servers_is_refused() -> None:
    (port,) = free_ports(1)
    with pytest.raises(CannotStart, match=f"PAGE_PORT and GATEWAY_PORT are both {port}"):
        refuse_taken_ports({"GATEWAY_PORT": port, "PAGE_PORT": port})


def test_a_second_run_in_the_same_place_is_refused_and_names_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "var" / "up.lock"
    with only_one(lock):
        with pytest.raises(CannotStart, match=f"already running here \\(process {os.getpid()}\\)"):
            with only_one(lock):
                raise AssertionError("the lock was given twice")
    with only_one(lock):
        pass


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MODEL_PORT", "PAGE_PORT", "GATEWAY_PORT", "DATA_SOURCE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text("MODEL_PORT=9001\nPAGE_PORT=9002\nGATEWAY_PORT=\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODEL_PORT", "9101")
    settings = StackSettings()
    assert (settings.model_port, settings.page_port, settings.gateway_port) == (9101, 9002, 8000)


def test_children_inherit_what_stands_in_dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("FROM_FILE=file\nFROM_BOTH=file\nLEFT_EMPTY=\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FROM_BOTH", "shell")
    monkeypatch.setenv("FROM_FILE", "")
    export_dotenv()
    assert (os.environ["FROM_FILE"], os.environ["FROM_BOTH"]) == ("file", "shell")
    assert "LEFT_EMPTY" not in os.environ


def test_a_wrong_setting_is_named_before_anything_starts(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MODEL_PORT": "eighty"}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.up"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "MODEL_PORT: Input should be a valid integer" in done.stderr
    assert "Traceback" not in done.stderr
