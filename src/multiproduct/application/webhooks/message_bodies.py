"""What is sent: the JSON of a message, as bytes that are kept, signed and sent alike."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def body_of(event_type: str, occurred_at: datetime, data: Mapping[str, Any], *, sequence: int | None) -> str:
    """The payload that the Standard Webhooks specification recommends, as ASCII. `sequence` grows with every
    later event about the same thing; it counts everybody's events, so only the installation is told it."""
    payload: dict[str, Any] = {
        "type": event_type,
        "timestamp": occurred_at.isoformat().replace("+00:00", "Z"),
        "data": dict(data),
    }
    if sequence is not None:
        payload["sequence"] = sequence
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=True)


def payload_of(body: str) -> dict[str, Any]:
    """The payload back."""
    payload: dict[str, Any] = json.loads(body)
    return payload
