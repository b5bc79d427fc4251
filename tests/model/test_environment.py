"""The model's environment is the tested one."""

import re
from pathlib import Path

import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def locked() -> dict[str, str]:
    """Package -> version, of the lines in locks/dev.txt that hold for this Python."""
    lines = re.findall(r"^(\S+==[^\\\n]+?)\s*\\?$", (ROOT / "locks/dev.txt").read_text(), re.MULTILINE)
    environment = {name: str(value) for name, value in default_environment().items()}
    requirements = [Requirement(line) for line in lines]
    return {
        requirement.name: str(requirement.specifier).removeprefix("==")
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate(environment)
    }


def test_every_pin_in_conda_yaml_is_the_locked_version() -> None:
    pins = yaml.safe_load((ROOT / "conda.yaml").read_text())["dependencies"][-1]["pip"]
    versions = locked()
    assert len(versions) > 100
    assert {pin: f"{pin.split('==')[0]}=={versions.get(pin.split('==')[0])}" for pin in pins} == {
        pin: pin for pin in pins
    }
