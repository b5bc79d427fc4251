"""The registry's webhook, with calls as MLflow makes them."""

import json
import time
from collections.abc import Iterator

import httpx
import pytest
from mlflow.webhooks.delivery import _generate_hmac_signature

from tests.eventually import eventually
from tests.service.running import RunningService, ToyRegistry, running_service

SECRET = "between the two of them"


@pytest.fixture
def service(registry: ToyRegistry) -> Iterator[RunningService]:
    """It looks at the registry once an hour, unless it is told to."""
    registry.alias = "1"
    with running_service(registry, model_poll_s=3600, model_webhook_secret=SECRET) as service:
        service.promote("1")
        has_come_to_rest(registry)
        yield service


def has_come_to_rest(registry: ToyRegistry, services: int = 1) -> None:
    """A service looks when it starts, before a version takes over, and after that."""
    assert eventually(lambda: registry.looks == 3 * services)


def call(
    service: RunningService, secret: str | None = SECRET, age_s: int = 0, alias: str = "champion", tail: str = ""
) -> httpx.Response:
    data = {"name": "quintet", "alias": alias, "version": "2"}
    payload = json.dumps({"entity": "model_version_alias", "action": "created", "timestamp": "…", "data": data})
    headers = {"X-MLflow-Delivery-Id": "7", "X-MLflow-Timestamp": str(int(time.time()) - age_s)}
    if secret is not None:
        signed = _generate_hmac_signature(secret, "7", headers["X-MLflow-Timestamp"], payload)
        headers["X-MLflow-Signature"] = signed
    return service.client.post("/webhooks/mlflow", content=payload + tail, headers=headers)


def test_a_signed_call_about_the_champion_is_a_look_at_once(service: RunningService) -> None:
    service.registry.alias = "2"
    assert call(service).status_code == 204
    assert eventually(lambda: service.live() == "2")


def test_a_call_about_another_alias_is_none(service: RunningService) -> None:
    looks = service.registry.looks
    assert call(service, alias="challenger").status_code == 204
    service.ask()
    assert service.registry.looks == looks


@pytest.mark.parametrize(
    "call_of",
    [{"secret": None}, {"secret": "guessed"}, {"age_s": 600}, {"tail": " "}],
    ids=lambda each: next(iter(each)),
)
def test_a_call_that_mlflow_did_not_sign_just_now_is_refused(
    service: RunningService, call_of: dict[str, object]
) -> None:
    looks = service.registry.looks
    assert call(service, **call_of).status_code == 401  # type: ignore[arg-type]
    service.ask()
    assert service.registry.looks == looks


def test_what_is_no_webhook_call_causes_no_look(service: RunningService) -> None:
    with running_service(service.registry, model_poll_s=3600) as open_service:
        open_service.promote("1")
        has_come_to_rest(service.registry, services=2)
        looks = service.registry.looks
        for body in (b"", b"[]", b"{}", b"\xff", b'{"entity": "model_version_alias", "data": null}'):
            assert open_service.client.post("/webhooks/mlflow", content=body).status_code == 204
        open_service.ask()
        assert service.registry.looks == looks
