"""Promotion moves alias and stage together, on a real registry."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from pytest import CaptureFixture

from model import promote, registry
from tests.model.test_gate import figures


@pytest.fixture
def store(mlflow_store: MlflowClient) -> Iterator[MlflowClient]:
    mlflow_store.create_registered_model(registry.NAME)
    yield mlflow_store
    mlflow_store.delete_registered_model(registry.NAME)


def new_challenger(store: MlflowClient, over_champion: float | None = None) -> str:
    """A challenger that was evaluated against whoever is champion; without `over_champion`, not evaluated."""
    experiment = store.get_experiment_by_name("quintet")
    assert experiment is not None
    run = store.create_run(experiment.experiment_id)
    version = store.create_model_version(registry.NAME, f"{run.info.artifact_uri}/model", run.info.run_id)
    registry.give_alias(registry.CHALLENGER, version.version)
    if over_champion is not None:
        evaluate(version, over_champion)
    return str(version.version)


def evaluate(version: ModelVersion, over_champion: float) -> None:
    champion = registry.version_at(registry.CHAMPION)
    found = figures(over_champion=over_champion if champion else None)
    if champion:
        found["champion"]["version"] = str(champion.version)
    registry.write_evaluation(version, found)


def state(store: MlflowClient) -> dict[str, str]:
    """Version -> stage, and alias -> version."""
    versions = store.search_model_versions(f"name = '{registry.NAME}'")
    stages = {str(version.version): str(version.current_stage) for version in versions}
    aliases = store.get_registered_model(registry.NAME).aliases
    return {**stages, **{alias: str(version) for alias, version in aliases.items()}}


def test_a_new_challenger_stands_in_staging(store: MlflowClient) -> None:
    new_challenger(store)
    assert state(store) == {"1": "Staging", "challenger": "1"}


def test_the_first_version_becomes_champion(store: MlflowClient) -> None:
    new_challenger(store, 0.0)
    promote.promote()
    assert state(store) == {"1": "Production", "challenger": "1", "champion": "1"}


def test_a_better_challenger_replaces_the_champion_which_is_archived(store: MlflowClient) -> None:
    for _ in range(2):
        new_challenger(store, 0.05)
        promote.promote()
    assert state(store) == {"1": "Archived", "2": "Production", "challenger": "2", "champion": "2"}


def test_the_reason_and_the_figures_stand_on_the_version(store: MlflowClient) -> None:
    for _ in range(2):
        new_challenger(store, 0.05)
        promote.promote()
    version = store.get_model_version(registry.NAME, "2")
    assert version.tags["gate"] == "passed" and version.tags["replaced_version"] == "1"
    assert "| warm ndcg@500 | 0.3000 | 0.3500 | 0.4000 |" in str(version.description)


def test_a_worse_challenger_stays_where_it_is_and_its_version_says_why(store: MlflowClient) -> None:
    new_challenger(store, 0.0)
    promote.promote()
    new_challenger(store, -0.2)
    with pytest.raises(promote.NotPromoted, match="warm ndcg@500 is worse"):
        promote.promote()
    assert state(store) == {"1": "Production", "2": "Staging", "challenger": "2", "champion": "1"}
    assert "warm ndcg@500 is worse" in store.get_model_version(registry.NAME, "2").tags["gate_reasons"]


def test_promoting_twice_changes_nothing(store: MlflowClient) -> None:
    new_challenger(store, 0.0)
    promote.promote()
    before = state(store), store.get_registered_model(registry.NAME).tags
    promote.promote()
    assert (state(store), store.get_registered_model(registry.NAME).tags) == before


def test_a_promotion_that_died_before_the_stage_moved_is_completed(store: MlflowClient) -> None:
    new_challenger(store, 0.0)
    promote.promote()
    new_challenger(store, 0.1)
    store.set_registered_model_alias(registry.NAME, registry.CHAMPION, "2")
    promote.promote()
    assert state(store) == {"1": "Archived", "2": "Production", "challenger": "2", "champion": "2"}


def test_a_challenger_that_was_not_evaluated_is_refused_unless_forced(store: MlflowClient) -> None:
    new_challenger(store)
    with pytest.raises(promote.NotPromoted, match="not evaluated"):
        promote.promote()
    promote.promote(force=True)
    assert store.get_model_version(registry.NAME, "1").tags["gate"] == "forced"


def test_figures_against_an_earlier_champion_do_not_count(store: MlflowClient) -> None:
    new_challenger(store, 0.0)
    promote.promote()
    new_challenger(store, 0.1)
    store.set_registered_model_alias(registry.NAME, registry.CHAMPION, new_challenger(store))
    store.set_registered_model_alias(registry.NAME, registry.CHALLENGER, "2")
    with pytest.raises(promote.NotPromoted, match="evaluate again"):
        promote.promote()


def test_rollback_brings_the_previous_champion_back_and_keeps_it(store: MlflowClient) -> None:
    for _ in range(2):
        new_challenger(store, 0.05)
        promote.promote()
    promote.rollback()
    assert state(store) == {"1": "Production", "2": "Archived", "challenger": "2", "champion": "1"}
    with pytest.raises(promote.NotPromoted, match="rolled back"):
        promote.promote()


def test_rollback_without_a_previous_champion_is_refused(store: MlflowClient) -> None:
    new_challenger(store, 0.0)
    promote.promote()
    with pytest.raises(promote.NotPromoted, match="no previous champion"):
        promote.rollback()


def test_every_change_of_champion_is_a_line_in_the_audit_log(store: MlflowClient) -> None:
    for _ in range(2):
        new_challenger(store, 0.05)
        promote.promote()
    promote.rollback()
    tags = store.get_registered_model(registry.NAME).tags
    lines = [tags[name] for name in sorted(tags) if name.startswith("audit.")]
    assert lines == [
        "promoted version 1",
        "promoted version 2 in place of version 1",
        "rolled back from version 2 to version 1",
    ]


WRITES = (
    "set_model_version_tag", "update_model_version", "set_registered_model_tag", "set_registered_model_alias",
    "transition_model_version_stage", "delete_registered_model_tag",
)  # fmt: skip


def dies_at(monkeypatch: pytest.MonkeyPatch, n_writes: int) -> None:
    """Let the registry take so many writes, and fail at each one after them."""
    left = iter(range(n_writes))

    def failing(name: str) -> Any:
        real = getattr(MlflowClient, name)

        def write(*arguments: Any, **more: Any) -> Any:
            if next(left, None) is None:
                raise MlflowException("the registry is gone")
            return real(*arguments, **more)

        return write

    for name in WRITES:
        monkeypatch.setattr(MlflowClient, name, failing(name))


def audit_lines(store: MlflowClient) -> list[str]:
    tags = store.get_registered_model(registry.NAME).tags
    return [tags[name] for name in sorted(tags) if name.startswith("audit.")]


def until_it_lives(monkeypatch: pytest.MonkeyPatch, store: MlflowClient, change: Callable[[], object]) -> list[str]:
    """Try the change with a registry that dies ever later; the champion after each death, at last after success."""
    champions = []
    for n_writes in range(20):
        with monkeypatch.context() as patch:
            dies_at(patch, n_writes)
            try:
                change()
            except MlflowException:
                champions.append(state(store)["champion"])
                continue
        return [*champions, state(store)["champion"]]
    raise AssertionError("it never came through")


def test_a_promotion_whose_registry_dies_leaves_the_old_champion_and_is_completed_by_the_next(
    store: MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_challenger(store, 0.0)
    promote.promote()
    new_challenger(store, 0.1)
    champions = until_it_lives(monkeypatch, store, promote.promote)
    assert champions[:7] == ["1"] * 7 and champions[-1] == "2" and champions == sorted(champions)
    assert state(store) == {"1": "Archived", "2": "Production", "challenger": "2", "champion": "2"}
    assert audit_lines(store) == ["promoted version 1", "promoted version 2 in place of version 1"]
    assert registry.UNDER_WAY not in store.get_registered_model(registry.NAME).tags


def test_a_rollback_whose_registry_dies_is_completed_by_the_next_and_goes_no_further_back(
    store: MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        new_challenger(store, 0.05)
        promote.promote()
    champions = until_it_lives(monkeypatch, store, promote.rollback)
    assert champions[:2] == ["3", "3"] and champions[-1] == "2" and set(champions) == {"3", "2"}
    assert state(store)["2"] == "Production" and state(store)["3"] == "Archived"
    assert audit_lines(store)[3:] == ["rolled back from version 3 to version 2"]


def test_a_refused_version_carries_the_figures_too(store: MlflowClient) -> None:
    new_challenger(store, 0.0)
    promote.promote()
    new_challenger(store, -0.2)
    with pytest.raises(promote.NotPromoted):
        promote.promote()
    description = str(store.get_model_version(registry.NAME, "2").description)
    assert description.startswith("Refused, ") and "| warm ndcg@500 |" in description


def test_rollback_is_a_switch_on_the_command_line(store: MlflowClient, capsys: CaptureFixture[str]) -> None:
    for _ in range(2):
        new_challenger(store, 0.05)
        promote.promote()
    assert promote.main(["--rollback"]) == 0
    assert capsys.readouterr().out == "champion: version 1\n"


def test_the_champion_trained_again_keeps_its_stage(store: MlflowClient) -> None:
    new_challenger(store, 0.0)
    promote.promote()
    registry.give_alias(registry.CHALLENGER, "1")
    assert state(store) == {"1": "Production", "challenger": "1", "champion": "1"}


def test_a_refusal_ends_well_and_is_the_last_line(store: MlflowClient, capsys: CaptureFixture[str]) -> None:
    assert promote.main([]) == 0
    assert capsys.readouterr().out == "not promoted: there is no challenger; make one with `mlflow run . -e train`\n"


def test_figures_survive_the_round_trip(store: MlflowClient) -> None:
    new_challenger(store, 0.0)
    challenger = registry.version_at(registry.CHALLENGER)
    assert challenger is not None
    assert registry.read_evaluation(challenger) == json.loads(json.dumps(figures(over_champion=None)))
