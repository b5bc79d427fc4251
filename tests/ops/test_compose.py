"""docker-compose.yml, docker/ and locks/, as far as can be told without an engine; `make compose-test` has one."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values

from gateway.settings import PLACEHOLDERS
from tests.test_docs import COMPOSE_SECRETS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"check-secrets", "databases", "bootstrap", "airflow-migrate"}
COMPOSE_DECIDES = {
    *("MODEL_HOST", "MODEL_PORT", "MODEL_URLS", "GATEWAY_HOST", "GATEWAY_URL"),
    *("CATALOG_PATH", "EVALUATION_PATH", "FEEDBACK_DATABASE_URL", "FEEDBACK_UNSENT_DIR", "QUINTET_HOME", "QUINTET_BIN"),
}
"""Settings that inside the containers have one right value."""


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # node and hadolint are in .venv
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PATH": path, **environment}, capture_output=True, text=True, check=False
    )


def test_the_compose_file_is_valid_and_clean() -> None:
    done = run("tests/clients/node_modules/.bin/dclint", "--max-warnings", "0", "docker-compose.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_is_clean() -> None:
    done = run("hadolint", "--failure-threshold", "info", "docker/Dockerfile")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_setting_reaches_a_container_or_is_decided_by_compose() -> None:
    used = set(re.findall(r"\$\{(\w+)", TEXT))
    assert used == set(dotenv_values(ROOT / ".env.template")) - COMPOSE_DECIDES


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_is_walled_in(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service and "cap_add" not in service
    assert all(service[limit] for limit in ("mem_limit", "cpus", "pids_limit"))
    assert service.get("user", "10001:10001") in ("10001:10001", "999:999")
    assert ("user" in service) == service["image"].startswith("postgres")


def test_every_image_ends_as_a_user_without_rights() -> None:
    targets = re.split(r"^FROM ", (ROOT / "docker/Dockerfile").read_text(), flags=re.MULTILINE)[1:]
    parents = {found[2]: (found[1], stage) for stage in targets if (found := re.match(r"(\S+) AS (\S+)", stage))}
    for name in ("gateway", "page", "mlflow", "model", "airflow"):
        users: list[str] = []
        stage = name
        while stage in parents and not users:
            stage, text = parents[stage]
            users = re.findall(r"^USER (\S+)", text, re.MULTILINE)
        assert users[-1:] == ["10001:10001"], name


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_server_has_a_health_check_and_comes_back_and_a_step_runs_once(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    assert ("healthcheck" in service) == (name not in ONCE)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_waits_until_what_it_needs_is_ready(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        assert wait == {"condition": "service_completed_successfully" if other in ONCE else "service_healthy"}


def test_ports_are_published_on_the_loopback_address_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("page", "model"), ("page", "postgres"), ("page", "mlflow"), ("model", "postgres"), ("page", "airflow-api")],
)
def test_what_need_not_talk_shares_no_network(one: str, other: str) -> None:
    assert set(SERVICES[one]["networks"]) & set(SERVICES[other]["networks"]) == set()


def test_the_model_and_the_databases_have_no_way_out() -> None:
    inside = {name for name, network in COMPOSE["networks"].items() if network and network.get("internal")}
    for name in ("postgres", "databases", "model", "bootstrap"):
        assert set(SERVICES[name]["networks"]) <= inside


def test_data_and_environments_never_enter_a_build() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert allowed & {"var", "mlartifacts", "mlruns", "reports", "mlflow.db", ".env", ".venv", ".git", "tests"} == set()
    assert {"data/raw", "data/processed"} <= set(rules[rules.index("!data") :])


GOOD = {
    name: f"{name.lower().replace('password', 'pw').replace('secret', 'key')}-0123456789" for name in COMPOSE_SECRETS
}


def check_secrets(**environment: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "docker/check_secrets", *sorted(COMPOSE_SECRETS), **environment)


def test_demo_data_need_no_secrets() -> None:
    assert check_secrets(DATA_SOURCE="demo").returncode == 0
    assert check_secrets(DATA_SOURCE="", POSTGRES_PASSWORD="changeme").returncode == 0


def test_real_data_with_secrets_of_their_own_start() -> None:
    done = check_secrets(DATA_SOURCE="/srv/songs.csv", **GOOD)
    assert (done.returncode, done.stdout) == (0, "secrets: fine\n"), done.stderr


def test_real_data_without_secrets_are_refused_and_every_missing_one_is_named() -> None:
    done = check_secrets(DATA_SOURCE="/srv/songs.csv", **dict.fromkeys(COMPOSE_SECRETS, ""))
    assert done.returncode == 1
    assert [name for name in COMPOSE_SECRETS if f"{name} is not set" not in done.stderr] == []


@pytest.mark.parametrize(
    "value", [*PLACEHOLDERS, "ChangeMe-please-1234", "short", "with/slash-0123456789", GOOD["POSTGRES_PASSWORD"]]
)
def test_real_data_with_a_placeholder_or_a_weak_secret_are_refused(value: str) -> None:
    done = check_secrets(DATA_SOURCE="/srv/songs.csv", **(GOOD | {"MLFLOW_DB_PASSWORD": value}))
    assert done.returncode == 1
    assert "MLFLOW_DB_PASSWORD" in done.stderr or "the same as MLFLOW_DB_PASSWORD" in done.stderr


def test_compose_checks_every_secret_and_its_demo_secrets_do_not_pass() -> None:
    assert (
        set(SERVICES["check-secrets"]["command"][1:])
        == COMPOSE_SECRETS
        == set(SERVICES["check-secrets"]["environment"]) - {"DATA_SOURCE"}
    )
    for name, default in set(re.findall(r"\$\{(\w+):-(quintet-demo[^}]*)\}", TEXT)):
        done = check_secrets(DATA_SOURCE="/srv/songs.csv", **(GOOD | {name: default}))
        assert f"{name} is not set, or still a placeholder" in done.stderr


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)(?:\[.*?\])?==([^ ;\\\n]+)", (ROOT / "locks" / lock).read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", ["uv.txt", "gateway.txt", "frontend.txt", "mlflow.txt", "project.txt"])
def test_an_image_has_the_versions_that_the_tests_ran_with(lock: str) -> None:
    tested, shipped = pins("dev.txt"), pins(lock)
    assert shipped
    assert {name: version for name, version in shipped.items() if tested.get(name, version) != version} == {}
    assert {name for name in shipped if name not in tested} <= {"psycopg2-binary"}


def test_without_an_engine_the_compose_test_says_so_and_does_not_pass() -> None:
    for environment in ({"PATH": "/nowhere"}, {"DOCKER_HOST": "unix:///nowhere.sock"}):
        done = subprocess.run(
            [sys.executable, "-m", "scripts.compose_test"],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert "needs a container engine" in done.stderr
