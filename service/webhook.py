"""MLflow's registry webhook: which calls are MLflow's own, and which of them say that the alias moved.

A call is a hint to look at the registry at once. Nothing else in it is believed, so without a secret a stranger can
cause a look, and no more.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from service.registry import ALIAS, NAME

STALE_S = 300
"""An older call is a replay; clocks may differ by as much."""


def is_signed(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> bool:
    """Whether MLflow signed this body with the secret, not long before now (seconds since 1970).

    The signature is the HMAC-SHA256 of delivery id, timestamp and body, with dots between.
    """
    sent = headers.get("X-MLflow-Timestamp", "")
    if not sent.isdecimal() or abs(now - int(sent)) > STALE_S:
        return False
    content = f"{headers.get('X-MLflow-Delivery-Id', '')}.{sent}.".encode() + body
    signature = base64.b64encode(hmac.new(secret.encode(), content, hashlib.sha256).digest())
    return hmac.compare_digest(b"v1," + signature, headers.get("X-MLflow-Signature", "").encode())


def says_that_the_champion_moved(body: bytes) -> bool:
    """Whether it is about our alias of our model."""
    try:
        event = json.loads(body)
        return event["entity"] == "model_version_alias" and (event["data"]["name"], event["data"]["alias"]) == (
            NAME,
            ALIAS,
        )
    except (ValueError, KeyError, TypeError):
        return False
