"""A real browser, and what it looks at."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.frontend.browser.listener import SCREENSHOTS
from tests.frontend.browser.servers import Server, gateway_server, page_server
from tests.frontend.stub_gateway import StubGateway, running_stub
from tests.ops.checkout import RunningStack

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def stub() -> Iterator[StubGateway]:
    with running_stub() as gateway:
        yield gateway


@pytest.fixture(scope="module")
def stub_page(stub: StubGateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with page_server(stub.url, tmp_path_factory.mktemp("page")) as server:
        yield server.url


@dataclass
class Stack:
    """Demo data, a trained model on a model server, a gateway, the page."""

    page: str
    gateway: Server


@pytest.fixture(scope="session")
def model(request: pytest.FixtureRequest) -> tuple[Path, int]:
    """A checkout with prepared demo data, and the port of a model server that was trained on them.

    WALK_CHECKOUT and WALK_MODEL_PORT name ones that are there already, which saves minutes while designing.
    """
    if "WALK_CHECKOUT" in os.environ:
        return Path(os.environ["WALK_CHECKOUT"]), int(os.environ["WALK_MODEL_PORT"])
    running: RunningStack = request.getfixturevalue("demo_stack")
    return running.checkout, running.ports["MODEL_PORT"]


@pytest.fixture(scope="module")
def stack(model: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    checkout, model_port = model
    catalog = checkout / "data" / "processed" / "catalog.db"
    with (
        gateway_server(model_port, catalog, tmp_path_factory.mktemp("gateway")) as gateway,
        page_server(gateway.url, tmp_path_factory.mktemp("page")) as page,
    ):
        yield Stack(page.url, gateway)
