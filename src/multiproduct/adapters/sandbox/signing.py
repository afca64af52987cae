"""The sandbox's signature on callbacks: HMAC-SHA256 over the raw body."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from multiproduct.application.payments.gateways import CallbackRequest
from multiproduct.domain.payments import CallbackRefused

HEADER = "stark-signature"


def signed(document: Mapping[str, Any], *, secret: bytes) -> CallbackRequest:
    """The document as a callback."""
    body = json.dumps(document, sort_keys=True).encode()
    return CallbackRequest(headers={HEADER: _signature(body, secret)}, body=body)


def read_signed(request: CallbackRequest, *, secret: bytes) -> dict[str, Any]:
    """The document in a callback. Raises CallbackRefused where the signature is not of these very bytes."""
    given = request.headers.get(HEADER, "")
    if not hmac.compare_digest(given.encode(), _signature(request.body, secret).encode()):
        raise CallbackRefused
    document: dict[str, Any] = json.loads(request.body)
    return document


def _signature(body: bytes, secret: bytes) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()
