"""A version that fails to load, or that does not answer as it should, never gets a request."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.eventually import eventually
from tests.gateway.conftest import MatrixRow
from tests.service.running import RunningService, ToyRegistry, running_service

STAYS = "it gets no request and is tried once; the one before stays"


def is_refused(service: RunningService, reason: str) -> None:
    """Move the alias to version 2: it must be refused for the reason, once, and version 1 must go on serving."""
    registry, old = service.registry, service.pid()
    assert re.search(reason, service.refuse("2")), service.status()["last_refusal"]
    looks = registry.looks
    assert eventually(lambda: registry.looks > looks + 3)
    assert registry.starts == ["1", "2"]
    assert [version for version, _ in registry.notes] == ["1", "2"]
    assert (service.live(), service.pid(), service.ask().headers["X-Model-Version"]) == ("1", old, "1")
    assert service.metric("quintet_service_refusals_total") == 1
    assert service.metric("quintet_service_behind") == 1


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("dies at start", "its server ended with status 3: KeyError: 'boom'"),
        ("trace", "status 400 to its input example"),
        ("no example", "its logged input example cannot be read"),
    ],
)
def test_a_version_that_fails_is_refused(
    service: RunningService, behaviour: str, reason: str, matrix_row: MatrixRow
) -> None:
    service.registry.behaviours["2"] = behaviour
    is_refused(service, reason)
    fault = {"trace": "answers its example with a trace", "no example": "has no example"}.get(behaviour, behaviour)
    matrix_row(f"a new model version: {fault}", STAYS, "0 requests went to it")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda answer: answer["model"].update(version="1"), "it says that it is quintet 1"),
        (lambda answer: answer.update(tracks=[]), "it recommends nothing"),
        (lambda answer: answer["tracks"][1].update(score=float("nan")), "NaN is no number"),
        (lambda answer: answer["tracks"][1].update(rank=1), r"its ranks are \[1, 1, 3, 4, 5\]"),
        (lambda answer: answer["tracks"][1].update(track_id="track1"), "it recommends a track twice"),
        (lambda answer: answer["tracks"][0].update(score="high"), "breaks the contract in 1 places: .*score"),
        (lambda answer: answer.pop("seeds") and None, "breaks the contract in 1 places: .*seeds"),
        (lambda answer: '{"predictions": []}', "0 answers to 1 requests"),
        (lambda answer: "busy", "its answer is no JSON"),
    ],
    ids=[
        "another version's number",
        "no tracks",
        "NaN as a score",
        "a rank twice",
        "a track twice",
        "text as a score",
        "no seeds",
        "no answer",
        "no JSON",
    ],
)
def test_a_version_whose_answer_is_not_sane_is_refused(
    service: RunningService,
    change: Callable[[dict[str, Any]], object],
    reason: str,
    matrix_row: MatrixRow,
    request: pytest.FixtureRequest,
) -> None:
    service.registry.answers["2"] = change
    is_refused(service, reason)
    matrix_row(
        f"a new model version answers its example with: {request.node.callspec.id}", STAYS, "0 requests went to it"
    )


def test_a_version_that_does_not_load_in_time_is_refused(registry: ToyRegistry) -> None:
    registry.alias, registry.behaviours["2"] = "1", "never ready"
    with running_service(registry, startup_timeout_s=2) as service:
        service.promote("1")
        is_refused(service, "did not answer /ping within 2 s")


def test_a_refused_version_is_tried_again_when_the_alias_comes_back_to_it(service: RunningService) -> None:
    service.registry.behaviours["2"] = "trace"
    service.refuse("2")
    service.registry.behaviours["2"] = "well"
    service.promote("3")
    service.promote("2")


def test_where_the_first_version_is_refused_the_next_one_serves(registry: ToyRegistry) -> None:
    registry.behaviours["1"] = "dies at start"
    with running_service(registry) as service:
        service.refuse("1")
        assert service.ask().status_code == 503
        service.promote("2")


def test_after_a_start_on_a_refused_champion_the_version_that_was_live_last_serves(registry: ToyRegistry) -> None:
    registry.alias, registry.was_live, registry.behaviours["2"] = "2", "1", "trace"
    with running_service(registry) as service:
        assert eventually(lambda: service.live() == "1")
        assert service.status()["last_refusal"]["version"] == "2"
        assert registry.starts == ["2", "1"]
