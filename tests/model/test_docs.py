"""The model's page knows every field and every parameter."""

from pathlib import Path

import pytest

from model.contract import Answer, Request, Why

PAGE = (Path(__file__).resolve().parents[2] / "docs/model.md").read_text()


@pytest.mark.parametrize("field", [*Request.model_fields, *Answer.model_fields, *Why.model_fields])
def test_every_field_of_the_contract_is_described(field: str) -> None:
    assert f"`{field}`" in PAGE


@pytest.mark.parametrize("name", ["k", "max_per_artist", "popularity", "diversity", "temperature", "random_seed"])
def test_the_defaults_are_the_described_ones(name: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    assert float(row.split("|")[2]) == Request.model_fields[name].default
