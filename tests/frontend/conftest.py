"""A stub gateway, and the page in front of it, run without a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.frontend.stub_gateway import StubGateway, running_stub

APP = Path(__file__).parents[2] / "frontend" / "app.py"


@pytest.fixture
def gateway() -> Iterator[StubGateway]:
    with running_stub() as stub:
        yield stub


@pytest.fixture
def page(gateway: StubGateway, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("GATEWAY_URL", gateway.url)
    st.cache_resource.clear()
    st.cache_data.clear()
    return AppTest.from_file(str(APP), default_timeout=20)
