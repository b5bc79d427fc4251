"""Every entry point's command fits the program it calls."""

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from model.config import TrainConfig

ROOT = Path(__file__).resolve().parents[2]
ENTRY_POINTS: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "MLproject").read_text())["entry_points"]


def options_of(module: str) -> set[str]:
    """Long options that a module gives to argparse; train's further ones come from its configuration."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())
    constants = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    generated = (
        {f"--{field.name.replace('_', '-')}" for field in fields(TrainConfig)} if module == "model.train" else set()
    )
    return {text for text in constants if re.fullmatch(r"--[a-z-]+", text)} | generated


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_every_option_of_the_command_exists(name: str) -> None:
    for call in ENTRY_POINTS[name]["command"].split("&&"):
        module = re.search(r"python -m (\S+)", call)
        assert module is not None
        assert set(re.findall(r"--[a-z-]+", call)) <= options_of(module[1])


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_every_parameter_is_typed_has_a_default_and_is_used(name: str) -> None:
    entry = ENTRY_POINTS[name]
    for parameter, declared in entry.get("parameters", {}).items():
        assert declared.keys() == {"type", "default"}
        assert f"{{{parameter}}}" in entry["command"]


def test_the_five_steps_are_there() -> None:
    assert {"prepare", "train", "evaluate", "promote", "recommend_batch"} <= ENTRY_POINTS.keys()
