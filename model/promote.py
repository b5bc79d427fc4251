"""Entry point: the challenger becomes champion if its figures allow it, or the previous champion comes back."""

import argparse
import logging
import sys
from typing import Any

from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion

from model import registry
from model.gate import gate, table

log = logging.getLogger(__name__)

ROLLED_BACK = "rolled back"


class NotPromoted(Exception):
    """The champion stays; the message says why."""


def promote(*, force: bool = False) -> ModelVersion:
    """Make the challenger the champion, if the gate lets it through, and return it.

    Done again, it changes nothing, but completes a change that was cut short. The alias moves in one step, after
    everything that can fail before it: whatever dies on the way, there is a champion. Raises NotPromoted, with the
    reasons, which also go onto the version.
    """
    registry.finish()
    challenger, champion = registry.version_at(registry.CHALLENGER), registry.version_at(registry.CHAMPION)
    if challenger is None:
        raise NotPromoted("there is no challenger; make one with `mlflow run . -e train`")
    if champion is not None and champion.version == challenger.version:
        registry.give_alias(registry.CHAMPION, champion.version)
        log.info("version %s is champion already", champion.version)
        return champion
    figures = registry.read_evaluation(challenger)
    refusals = _refusals(challenger, champion, figures)
    if refusals and not force:
        _tag(challenger, gate="refused", gate_reasons="; ".join(refusals))
        _describe(challenger, f"Refused, {registry.now()}: {'; '.join(refusals)}.", figures)
        raise NotPromoted(f"version {challenger.version} stays challenger: {'; '.join(refusals)}")
    _tag(challenger, gate="forced" if refusals else "passed", gate_reasons="; ".join(refusals) or "all figures hold")
    after = f"after version {champion.version}" if champion else "as the first one"
    _describe(challenger, f"Champion {after}, {registry.now()}.", figures)
    _tag(challenger, promoted_at=registry.now(), replaced_version=champion.version if champion else "")
    replaced = f" in place of version {champion.version}" if champion else ""
    how = "promoted, by force" if refusals else "promoted"
    registry.crown(challenger.version, f"{how} version {challenger.version}{replaced}")
    log.info("champion is version %s%s", challenger.version, replaced)
    return challenger


def rollback() -> ModelVersion:
    """Make the previous champion the champion again, and return it. Raises NotPromoted if there was none.

    The version that it replaces is marked, so that `promote` does not bring it back by itself. A rollback that was
    cut short is completed, and goes no further back.
    """
    completed = registry.finish()
    champion = registry.version_at(registry.CHAMPION)
    if champion is not None and completed is not None and completed.startswith(ROLLED_BACK):
        return champion
    previous = champion.tags.get("replaced_version") if champion else None
    if champion is None or not previous:
        raise NotPromoted("there is no previous champion to go back to")
    _tag(champion, rolled_back_at=registry.now())
    registry.crown(previous, f"{ROLLED_BACK} from version {champion.version} to version {previous}")
    return MlflowClient().get_model_version(registry.NAME, previous)


def _refusals(challenger: ModelVersion, champion: ModelVersion | None, figures: dict[str, Any] | None) -> list[str]:
    refusals = []
    if "rolled_back_at" in challenger.tags:
        refusals.append(f"it was rolled back at {challenger.tags['rolled_back_at']}")
    if figures is None:
        return [*refusals, "it was not evaluated; run `mlflow run . -e evaluate`"]
    measured = figures["champion"]["version"] if figures["champion"] else None
    current = champion.version if champion else None
    if str(measured) != str(current):
        return [*refusals, f"it was compared with champion {measured}, but now it is {current}; evaluate again"]
    return refusals + gate(figures)


def _describe(version: ModelVersion, what: str, figures: dict[str, Any] | None) -> None:
    text = f"{what}\n\n{table(figures) if figures else 'Never evaluated.'}"
    MlflowClient().update_model_version(registry.NAME, version.version, description=text)


def _tag(version: ModelVersion, **tags: str) -> None:
    for name, value in tags.items():
        MlflowClient().set_model_version_tag(registry.NAME, version.version, name, value)


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line. A refusal is an outcome and no failure: it ends with 0 and says so last."""
    parser = argparse.ArgumentParser(description=__doc__)
    switch: dict[str, Any] = {"nargs": "?", "const": "true", "default": "false", "choices": ["true", "false"]}
    parser.add_argument("--force", **switch, help="promote whatever the gate says")
    parser.add_argument("--rollback", **switch, help="back to the previous champion")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        version = rollback() if options.rollback == "true" else promote(force=options.force == "true")
    except NotPromoted as refusal:
        print(f"not promoted: {refusal}")
    else:
        print(f"champion: version {version.version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
