from pathlib import Path

import pytest

from tests.dags.airflow_process import Airflow
from tests.ops.checkout import copy_checkout


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """A copy of this checkout and a new Airflow; making its database takes seconds, so the room shares one."""
    folder = tmp_path_factory.mktemp("airflow")
    airflow = Airflow(copy_checkout(folder / "a checkout"), folder / "home")
    airflow.home.mkdir()
    airflow.migrate()
    return airflow


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for a stand-in `mlflow`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder
