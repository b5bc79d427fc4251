"""The docs keep up with the code: settings, entry points, commands, routes, ranking features."""

import re
from pathlib import Path

import pytest
import yaml
from dotenv import dotenv_values
from pydantic_settings import BaseSettings

from frontend.settings import from_environment
from gateway.app import create_app
from gateway.settings import GatewaySettings
from scripts.settings import StackSettings
from service.settings import ServiceSettings

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / ".env.template"
README = (ROOT / "README.md").read_text()
PAGES = sorted(page for folder in (".", "data", "docs") for page in (ROOT / folder).glob("*.md"))
DOCS = "\n".join(page.read_text() for page in PAGES)
PAGE_SETTINGS = {"GATEWAY_URL", "API_KEY", "SPOTIFY_COVERS", "SPOTIPY_REDIRECT_URI", "SPOTIFY_ACCOUNTS_URL"}
DAG_SETTINGS = {"QUINTET_HOME", "QUINTET_BIN"}
COMPOSE_SECRETS = {
    *("POSTGRES_PASSWORD", "MLFLOW_DB_PASSWORD", "AIRFLOW_DB_PASSWORD", "FEEDBACK_DB_PASSWORD"),
    *("AIRFLOW_SECRET", "AIRFLOW_ADMIN_PASSWORD"),
}
KINDS = (StackSettings, GatewaySettings, ServiceSettings)
SETTINGS = (
    {name.upper() for kind in KINDS for name in kind.model_fields} | PAGE_SETTINGS | DAG_SETTINGS | COMPOSE_SECRETS
)
ENTRY_POINTS = yaml.safe_load((ROOT / "MLproject").read_text())["entry_points"]
TARGETS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_template_names_every_setting_and_no_other() -> None:
    assert set(dotenv_values(TEMPLATE)) == SETTINGS


@pytest.mark.parametrize("kind", KINDS)
def test_the_template_shows_the_defaults(kind: type[BaseSettings], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    assert kind(_env_file=TEMPLATE) == kind(_env_file=None)


def test_the_page_reads_the_template_as_its_defaults() -> None:
    template = {name: value or "" for name, value in dotenv_values(TEMPLATE).items()}
    assert from_environment(template) == from_environment({})


def test_every_setting_in_the_template_is_explained() -> None:
    explained = False
    for line in TEMPLATE.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            assert explained, f"no sentence above {line}"
        else:
            explained = line.startswith("# ") and not line.startswith("# ---")


@pytest.mark.parametrize("setting", sorted(SETTINGS))
def test_the_readme_names_every_setting(setting: str) -> None:
    assert f"`{setting}`" in README


@pytest.mark.parametrize("name", sorted(ENTRY_POINTS))
def test_the_readme_explains_every_entry_point_and_its_parameters(name: str) -> None:
    row = next((line for line in README.splitlines() if line.startswith(f"| `{name}`")), "")
    assert row, f"no row for the entry point {name}"
    missing = [parameter for parameter in ENTRY_POINTS[name].get("parameters", {}) if f"`{parameter}" not in row]
    assert missing == []


@pytest.mark.parametrize("target", TARGETS)
def test_the_readme_names_every_make_target(target: str) -> None:
    assert f"`make {target}" in README


def test_every_make_command_in_the_docs_exists() -> None:
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", DOCS, re.MULTILINE)) - set(TARGETS) == set()


def test_every_entry_point_that_the_docs_run_exists() -> None:
    assert set(re.findall(r"mlflow run \S+ -e ([\w]+)", DOCS)) - set(ENTRY_POINTS) == set()


@pytest.mark.parametrize("path", sorted(create_app(GatewaySettings()).openapi()["paths"]))
def test_the_docs_name_every_route(path: str) -> None:
    assert re.search(rf"(GET|POST|PUT|DELETE) {re.escape(path)}(?![\w/])", DOCS), f"{path} is not in README.md or docs/"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_the_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []
