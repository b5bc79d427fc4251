"""The model server and the gateway, started for a measurement on free ports with what model and tables there are."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.processes import Processes
from scripts.services import ENVIRONMENT, services
from scripts.settings import StackSettings

STARTUP_S = 120.0


@dataclass(frozen=True)
class Stack:
    """Addresses without a path."""

    model: str
    gateway: str


def free_ports(n: int) -> list[int]:
    """Ports that nobody listens on, below those that the system hands out itself."""
    found = []
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == n:
            return found
    raise SystemExit(f"there are no {n} free ports between 20000 and 32000")


@contextmanager
def stack(n_workers: int) -> Iterator[Stack]:
    """Both servers as `make up` starts them, with so many model workers, for the time of the block."""
    model_port, gateway_port = free_ports(2)
    settings = StackSettings(model_port=model_port, gateway_port=gateway_port)
    wanted = [service for service in services(settings) if service.name in ("model", "gateway")]
    with TemporaryDirectory() as folder, Processes(Path("var/log/bench")) as processes:
        environment = {
            **ENVIRONMENT,
            "MODEL_PORT": str(model_port),
            "MODEL_WORKERS": str(n_workers),
            "MODEL_URLS": "",
            "GATEWAY_PORT": str(gateway_port),
            "GATEWAY_HOST": "127.0.0.1",
            "API_KEY": "",
            "FEEDBACK_DATABASE_URL": f"sqlite:///{folder}/feedback.db",
            "FEEDBACK_UNSENT_DIR": folder,
        }
        for service in wanted:
            processes.start(service.name, service.command, {**environment, **service.env})
        processes.wait_healthy(wanted, STARTUP_S, lambda _: None)
        yield Stack(f"http://127.0.0.1:{model_port}", f"http://127.0.0.1:{gateway_port}")
