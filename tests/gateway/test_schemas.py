"""The gateway's public shapes mirror the model's contract, and its settings refuse nonsense."""

from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from gateway import schemas
from model import contract
from model.schemas import AUDIO_FEATURES, FILTERS
from tests.gateway.running import isolated


def shape(model: type[BaseModel]) -> dict[str, Any]:
    """Fields, types and defaults as JSON schema has them, without the gateway's limits and everybody's prose."""
    return {name: strip(field) for name, field in model.model_json_schema(ref_template="{model}")["properties"].items()}


def strip(schema: Any) -> Any:
    limits = {"title", "enum", "description", "maxLength", "minLength", "pattern", "minItems", "maxItems",
              "maxProperties", "minimum", "maximum", "exclusiveMaximum", "propertyNames"}  # fmt: skip
    if isinstance(schema, dict):
        for pattern in schema.pop("patternProperties", {}).values():
            schema["additionalProperties"] = pattern
        return {key: strip(value) for key, value in schema.items() if key not in limits}
    return [strip(value) for value in schema] if isinstance(schema, list) else schema


def test_requests_have_the_contracts_fields_types_and_defaults() -> None:
    assert shape(schemas.RecommendRequest) == shape(contract.Request)


@pytest.mark.parametrize("name", ["Seed", "Contribution", "Why", "RankedTrack", "Pool", "ModelVersion", "Answer"])
def test_answers_have_the_contracts_fields_and_types(name: str) -> None:
    assert shape(getattr(schemas, name)) == shape(getattr(contract, name))


def test_the_public_answer_is_the_models_answer_and_a_request_id() -> None:
    assert schemas.RecommendAnswer.model_fields.keys() - schemas.Answer.model_fields.keys() == {"request_id"}


def test_attributes_are_those_of_the_tables() -> None:
    assert get_args(schemas.Attribute) == FILTERS
    assert get_args(schemas.AudioFeature) == AUDIO_FEATURES


@pytest.mark.parametrize(
    ("name", "value"),
    [("api_key", "changeme"), ("model_urls", "ftp://x"), ("model_urls", "model:8001"), ("model_deadline_s", "0"),
     ("gateway_port", "http"), ("gateway_port", "70000")],
)  # fmt: skip
def test_a_setting_that_makes_no_sense_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        isolated(tmp_path, **{name: value})


def test_several_model_servers_are_given_with_commas(tmp_path: Path) -> None:
    assert isolated(tmp_path, model_urls="http://a:1/, http://b:2").servers == ("http://a:1", "http://b:2")
    assert isolated(tmp_path, model_port=8009).servers == ("http://127.0.0.1:8009",)
