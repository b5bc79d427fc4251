"""Alert rules, dashboard and runbook speak of what the gateway and the model service really export."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
import yaml

from gateway.app import create_app
from gateway.errors import ModelBroken, ModelTimeout, ModelUnavailable
from gateway.settings import GatewaySettings
from service.metrics import Metrics as ServiceMetrics
from tests.gateway.running import running_gateway
from tests.gateway.stub_model import StubModel
from tests.ops.checkout import ROOT
from tests.service.running import ToyRegistry, running_service

MONITORING = ROOT / "docs/monitoring"
RULES = [rule for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((MONITORING / "dashboard.json").read_text())
TARGETS = [target for panel in DASHBOARD["panels"] for target in panel["targets"]]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [target["expr"] for target in TARGETS]
SCRAPED = yaml.safe_load((MONITORING / "prometheus.yml").read_text())["scrape_configs"]


def selectors(expression: str) -> list[promql_parser.VectorSelector]:
    """The series that an expression reads. Raises ValueError if it is not PromQL."""
    found: list[promql_parser.VectorSelector] = []

    def visit(node: promql_parser.Expr) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        if isinstance(node, promql_parser.MatrixSelector):
            found.append(node.vector_selector)
        return True

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


def samples(text: str) -> dict[str, set[str]]:
    """Names of the series that a /metrics page holds or announces -> their label names, as far as it shows any."""
    found: dict[str, set[str]] = {}
    for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE):
        for suffix in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            found[name + suffix] = set()
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", text, re.MULTILINE):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return found


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What both pages show after a request of each kind that the rules speak of."""
    registry = ToyRegistry(tmp_path_factory.mktemp("service"))
    registry.alias = "1"
    with running_service(registry) as service:
        service.promote("1")
        service.ask()
        found = samples(service.client.get("/metrics").text)
    with StubModel() as dead:
        dead.die()
        with running_gateway(model_urls=(dead.url,)) as gateway, StubModel() as model:
            _recommend(gateway)
            found |= samples(gateway.get("/metrics").text)
            with running_gateway(model_urls=(model.url,)) as good:
                _recommend(good)
                found["quintet_model_info"] = samples(good.get("/metrics").text)["quintet_model_info"]
    return found


def _recommend(gateway: httpx.Client) -> None:
    gateway.post("/recommend_ranked", json={"seed_track_ids": ["a"]})
    gateway.get("/search?q=a")


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_series_of_rules_and_dashboard_is_exported_with_its_labels(
    expression: str, exported: dict[str, set[str]]
) -> None:
    assert selectors(expression)
    for selector in selectors(expression):
        labels = {matcher.name for matcher in selector.matchers.matchers}
        if selector.name == "up":
            assert labels == {"job"}
        else:
            assert selector.name in exported
            assert labels <= exported[selector.name]


def test_every_metric_of_the_model_service_is_on_the_dashboard() -> None:
    shown = {selector.name for target in TARGETS for selector in selectors(target["expr"])}
    for family in ServiceMetrics().registry.collect():
        assert any(name and name.startswith(family.name) for name in shown) or "rollout_seconds" in family.name


def test_the_labels_that_a_legend_or_a_summary_shows_are_kept_by_its_expression(exported: dict[str, set[str]]) -> None:
    texts = [(rule["expr"], rule["annotations"]["summary"]) for rule in RULES]
    texts += [(target["expr"], target["legendFormat"]) for target in TARGETS]
    for expression, text in texts:
        shown = set(re.findall(r"\{\{ ?(?:\$labels\.)?([a-z_]+) ?\}\}", text))
        (grouped,) = re.findall(r"by \(([^)]*)\)", expression) or [""]
        kept = set(grouped.replace(" ", "").split(",")) if "by (" in expression else exported_by(expression, exported)
        assert shown <= kept, text


def exported_by(expression: str, exported: dict[str, set[str]]) -> set[str]:
    return set().union(*(exported.get(str(selector.name), set()) for selector in selectors(expression)))


def test_the_jobs_that_the_rules_name_are_scraped() -> None:
    jobs = {matcher.value for rule in RULES for each in selectors(rule["expr"]) for matcher in each.matchers.matchers
            if matcher.name == "job"}  # fmt: skip
    assert jobs == {job["job_name"] for job in SCRAPED}


@cache
def runbook() -> str:
    return (ROOT / "docs/runbook.md").read_text()


def test_the_runbook_has_a_section_for_every_alarm_and_for_no_other() -> None:
    assert re.findall(r"^### (\w+)$", runbook(), re.MULTILINE) == [rule["alert"] for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_a_rule_says_how_bad_it_is_and_what_it_sees(rule: dict[str, Any]) -> None:
    assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"].keys() == {"summary"}


def test_the_dashboard_names_only_alarms_that_exist_and_panels_do_not_overlap() -> None:
    named = set()
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        alarms = panel.get("description", "")
        if alarms.startswith("Alarm"):
            named |= set(re.findall(r"[A-Z]\w+", alarms)) - {"Alarm", "Alarms"}
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24
        taken |= cells
    assert named <= {rule["alert"] for rule in RULES}
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_the_files_are_where_the_runbook_says() -> None:
    for name in ("alerts.yml", "dashboard.json", "prometheus.yml"):
        assert f"monitoring/{name}" in runbook()
        assert Path(MONITORING / name).is_file()


def test_the_routes_kinds_and_upstreams_that_rules_pick_out_exist() -> None:
    errors = {kind.code for kind in (ModelBroken, ModelTimeout, ModelUnavailable)}
    known = {"route": set(create_app(GatewaySettings()).openapi()["paths"]), "kind": errors}
    known["upstream"] = {"spotify", "reccobeats"}
    for expression in EXPRESSIONS:
        for selector in selectors(expression):
            for matcher in selector.matchers.matchers:
                assert set(matcher.value.split("|")) <= known.get(matcher.name, {matcher.value}), matcher
