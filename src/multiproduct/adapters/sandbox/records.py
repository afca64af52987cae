"""What the sandbox writes down of a charge, and what it answers by it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from multiproduct.adapters.sandbox.scripts import Script
from multiproduct.application.payments.gateways import ChargeOrder, money
from multiproduct.application.payments.sandbox_books import SandboxRecord
from multiproduct.domain.payments import (
    Authorised,
    CalledOff,
    Declined,
    Lapsed,
    Outcome,
    Pending,
    Settled,
    Unknown,
)

WAITS_FOR = timedelta(days=3)
WAITING, TAKEN, HELD, DECLINED = "waiting", "taken", "held", "declined"
CANCELLED, LAPSED, NOBODY_KNOWS = "cancelled", "lapsed", "nobody knows"

_STATES: Mapping[Script, str] = MappingProxyType(
    {
        Script.INSUFFICIENT_FUNDS: DECLINED,
        Script.STOLEN_CARD: DECLINED,
        Script.UNKNOWN_THEN_DECLINED: DECLINED,
        Script.REQUIRES_ACTION: WAITING,
        Script.PENDING: WAITING,
        Script.AUTHENTICATION_REQUIRED: WAITING,
        Script.NEVER_KNOWN: NOBODY_KNOWS,
    }
)
"""Where a charge begins; with every other script it is taken, or held."""
_CODES: Mapping[Script, str] = MappingProxyType(
    {
        Script.INSUFFICIENT_FUNDS: "insufficient_funds",
        Script.STOLEN_CARD: "stolen_card",
        Script.AUTHENTICATION_REQUIRED: "authentication_required",
    }
)


def first_document(order: ChargeOrder, script: Script, *, is_hold: bool, now: datetime) -> dict[str, Any]:
    """What is written of a charge when it is first heard of."""
    state = _STATES.get(script, HELD if is_hold else TAKEN)
    if script is Script.AUTHENTICATION_REQUIRED and order.is_off_session:
        state = DECLINED
    return {
        "script": script.value,
        "state": state,
        "code": _CODES.get(script, "do_not_honour"),
        "payer_id": str(order.payer_id),
        "captures": {},
        "refunds": {},
        "deadline": (now + WAITS_FOR).isoformat(),
    }


def reference_of(key: str) -> str:
    """What the sandbox calls a charge."""
    return f"sbx_{key}"


def state_of(record: SandboxRecord, *, now: datetime) -> str:
    """Where a charge stands: what waits has a deadline."""
    state: str = record.document["state"]
    if state == WAITING and now >= datetime.fromisoformat(record.document["deadline"]):
        return LAPSED
    return state


def answer_of(record: SandboxRecord, *, now: datetime) -> Outcome:
    """What the sandbox says of a charge or a hold."""
    return _ANSWERS[state_of(record, now=now)](record)


def part_of(whole: SandboxRecord | None, parts: str, key: str) -> Outcome:
    """What it says of a capture or a refund, by the record of what it is a part of."""
    if whole is None or key not in whole.document[parts]:
        return Declined(code="processing_error")
    return Settled(reference=reference_of(key), amount=money(whole.document[parts][key], whole.currency))


def _waiting(record: SandboxRecord) -> Outcome:
    is_transfer = record.document["script"] == Script.PENDING.value
    account = {"bank_code": "999", "account": record.key.replace("-", "")[:14]}
    return Pending(
        reference=reference_of(record.key),
        instructions=account if is_transfer else {"approve": record.key},
        deadline=datetime.fromisoformat(record.document["deadline"]),
    )


def _taken(record: SandboxRecord) -> Outcome:
    return Settled(reference=reference_of(record.key), amount=money(record.minor, record.currency))


def _held(record: SandboxRecord) -> Outcome:
    return Authorised(reference=reference_of(record.key), amount=money(record.minor, record.currency))


_ANSWERS: Mapping[str, Callable[[SandboxRecord], Outcome]] = MappingProxyType(
    {
        WAITING: _waiting,
        TAKEN: _taken,
        HELD: _held,
        DECLINED: lambda record: Declined(code=record.document["code"], reference=reference_of(record.key)),
        CANCELLED: lambda record: CalledOff(reference=reference_of(record.key)),
        LAPSED: lambda record: Lapsed(reference=reference_of(record.key)),
        NOBODY_KNOWS: lambda record: Unknown(
            reason="the script has it so", reference=reference_of(record.key)
        ),
    }
)
