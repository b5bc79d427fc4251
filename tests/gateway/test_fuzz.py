"""Requests made up from the served OpenAPI: no undocumented status, no server error, no trace, always valid JSON.

A short run for every change; `FUZZ_CASES=1000 pytest tests/gateway/test_fuzz.py` is the long one, for each operation.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.app import create_app
from tests.gateway.running import isolated, running_gateway
from tests.gateway.stub_model import StubModel

CASES = int(os.environ.get("FUZZ_CASES", "10"))
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

sent: Counter[str] = Counter()


schema = schemathesis.openapi.from_dict(create_app(isolated(Path("unused"))).openapi())


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    # A deadline that no load can break: whatever 5xx comes is a bug.
    with StubModel() as stub, running_gateway(model_urls=(stub.url,), model_deadline_s=60) as gateway:
        served = gateway.get("/openapi.json").json()
        assert served == schema.raw_schema
        yield str(gateway.base_url)
    for operation, n in sorted(sent.items()):
        print(f"{n:>6} cases  {operation}")


@schema.parametrize()
@settings(max_examples=CASES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_whatever_comes_in_what_goes_out_is_documented(case: schemathesis.Case[Any], base_url: str) -> None:
    response = case.call(base_url=base_url)
    case.validate_response(response, checks=CHECKS)
    assert "Traceback" not in response.text
    if response.headers.get("content-type", [""])[0].startswith("application/json"):
        json.loads(response.text, parse_constant=lambda name: pytest.fail(f"{name} in the answer"))
    sent[f"{case.operation.method.upper()} {case.operation.path}"] += 1
