"""The states of payments, attempts and refunds: a table of what may follow what, which also draws itself."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from multiproduct.domain.payments.errors import ImpossibleTransition


class Status(StrEnum):
    """Where a payment, an attempt at it or a refund stands."""

    REQUESTED = "requested"
    PROCESSING = "processing"
    REQUIRES_ACTION = "requires_action"
    AUTHORISED = "authorised"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Shown(StrEnum):
    """What a succeeded payment is called, by what was given back of it."""

    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class Strategy(StrEnum):
    """How the money is taken: at once, held and taken in parts, or off-session with a stored method."""

    DIRECT = "direct"
    ESCROW = "escrow"
    SUBSCRIPTION = "subscription"


Transitions = Mapping[Status, frozenset[Status]]

MEANINGS: Mapping[Status, str] = MappingProxyType(
    {
        Status.REQUESTED: "Written down; the gateway has not been told.",
        Status.PROCESSING: "The gateway is being told, or was being told when the process died.",
        Status.REQUIRES_ACTION: "The payer has to do something: approve, transfer, pay at a machine.",
        Status.AUTHORISED: "The amount is held, and can be captured in parts or released.",
        Status.UNKNOWN: "Nobody here knows what the gateway did; it is asked on a schedule.",
        Status.SUCCEEDED: "The money was taken.",
        Status.FAILED: "Declined. Another attempt may follow unless the decline was final.",
        Status.CANCELLED: "Called off, or released with nothing captured.",
        Status.EXPIRED: "The payer let the deadline pass.",
    }
)
"""What each state means."""

_FIRST_ANSWERS = frozenset(
    {
        Status.REQUIRES_ACTION,
        Status.AUTHORISED,
        Status.UNKNOWN,
        Status.SUCCEEDED,
        Status.FAILED,
        Status.CANCELLED,
        Status.EXPIRED,
    }
)
PAYMENT_TRANSITIONS: Transitions = MappingProxyType(
    {
        Status.REQUESTED: frozenset({Status.PROCESSING, Status.CANCELLED}),
        Status.PROCESSING: _FIRST_ANSWERS,
        Status.REQUIRES_ACTION: _FIRST_ANSWERS - {Status.REQUIRES_ACTION},
        Status.AUTHORISED: frozenset({Status.SUCCEEDED, Status.CANCELLED, Status.EXPIRED}),
        Status.UNKNOWN: _FIRST_ANSWERS - {Status.UNKNOWN},
        # What a gateway took is taken, however late it tells: the money has to be booked.
        Status.FAILED: frozenset({Status.REQUESTED, Status.AUTHORISED, Status.SUCCEEDED, Status.UNKNOWN}),
        Status.CANCELLED: frozenset({Status.AUTHORISED, Status.SUCCEEDED, Status.UNKNOWN}),
        Status.EXPIRED: frozenset({Status.REQUESTED, Status.AUTHORISED, Status.SUCCEEDED, Status.UNKNOWN}),
        Status.SUCCEEDED: frozenset(),
    }
)
"""What may follow what for a payment."""
ATTEMPT_TRANSITIONS: Transitions = MappingProxyType(
    {
        status: followers - {Status.REQUESTED} | ({Status.FAILED} if status is Status.REQUESTED else set())
        for status, followers in PAYMENT_TRANSITIONS.items()
    }
)
"""For one attempt: another one is a row of its own, so that none begins anew."""
REFUND_TRANSITIONS: Transitions = MappingProxyType(
    {
        Status.REQUESTED: frozenset({Status.PROCESSING, Status.FAILED}),
        Status.PROCESSING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.UNKNOWN}),
        Status.UNKNOWN: frozenset({Status.SUCCEEDED, Status.FAILED}),
        Status.FAILED: frozenset(),
        Status.SUCCEEDED: frozenset(),
    }
)
"""For a refund."""


def followed(transitions: Transitions, status: Status, by: Status) -> Status:
    """`by`, where it may follow. Raises ImpossibleTransition."""
    if by not in transitions[status]:
        raise ImpossibleTransition(status=status.value, asked=by.value)
    return by


def drawn(transitions: Transitions) -> str:
    """The table in Markdown, as the guide shows it."""
    lines = ["| state | means | may become |", "|---|---|---|"]
    for status in Status:
        if status in transitions:
            followers = ", ".join(f"`{each.value}`" for each in Status if each in transitions[status])
            lines.append(f"| `{status.value}` | {MEANINGS[status]} | {followers or 'nothing else'} |")
    return "\n".join(lines)
