"""A transaction as it stands in the journal: written once, never changed, never removed."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

MAX_ENTRIES = 1_000
"""Of one transaction."""
MAX_TEXT = 500
"""Characters of a description."""
MAX_NAME = 255
"""Characters of a key or a reference."""


class Side(StrEnum):
    """The side of an account on which an amount stands."""

    DEBIT = "debit"
    CREDIT = "credit"

    @property
    def other(self) -> "Side":
        """The opposite side."""
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT


class Effect(StrEnum):
    """What an entry does to its account: adds to what is posted, or to what is pending, or takes what was
    pending away."""

    POST = "post"
    RESERVE = "reserve"
    RELEASE = "release"


class TransactionKind(StrEnum):
    """Why the entries stand together."""

    POSTING = "posting"
    HOLD = "hold"
    SETTLEMENT = "settlement"
    """Posts a hold, wholly or in part, and releases what it reserved."""
    VOID = "void"
    TIMEOUT = "timeout"
    REVERSAL = "reversal"


ENDS_HOLD = frozenset({TransactionKind.SETTLEMENT, TransactionKind.VOID, TransactionKind.TIMEOUT})


class Entry(NamedTuple):
    """One amount, in minor units and above zero, on one side of one account."""

    account_id: UUID
    account: str
    side: Side
    effect: Effect
    minor: int
    currency: str


class Transaction(NamedTuple):
    """Entries that sum to zero in each currency, and in each effect. `posted_at` is when it was written,
    `effective_at` when it counts.

    `key` is the one by which a client repeats it. `hold_id` is the hold that it ends, `reverses_id` the
    transaction that it undoes; `expires_at` is when a hold is released by itself. `actor_id` is the person
    who asked for it, None where it was the system.
    """

    id: UUID
    kind: TransactionKind
    posted_at: datetime
    effective_at: datetime
    entries: tuple[Entry, ...]
    description: str = ""
    reference: str | None = None
    key: str | None = None
    actor_id: UUID | None = None
    hold_id: UUID | None = None
    reverses_id: UUID | None = None
    expires_at: datetime | None = None
