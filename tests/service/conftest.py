from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.conftest import matrix_row as matrix_row
from tests.model.conftest import mlflow_store as mlflow_store
from tests.service.running import RunningService, ToyRegistry, running_service


@pytest.fixture
def registry(tmp_path: Path) -> ToyRegistry:
    return ToyRegistry(tmp_path)


@pytest.fixture
def service(registry: ToyRegistry) -> Iterator[RunningService]:
    """A service with version 1 in service."""
    registry.alias = "1"
    with running_service(registry) as service:
        service.promote("1")
        yield service
