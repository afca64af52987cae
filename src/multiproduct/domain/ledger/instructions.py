"""What the ledger is asked to write: the items of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from multiproduct.domain.ledger.transaction import Side
from multiproduct.domain.shared import Money


class NewEntry(NamedTuple):
    """An amount above zero, in minor units, for one side of the account with that code."""

    account: str
    side: Side
    minor: int
    currency: str


def debit(account: str, amount: Money) -> NewEntry:
    """An entry on the debit side."""
    return NewEntry(account, Side.DEBIT, amount.minor, amount.currency.code)


def credit(account: str, amount: Money) -> NewEntry:
    """An entry on the credit side."""
    return NewEntry(account, Side.CREDIT, amount.minor, amount.currency.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """What all items have. With `is_linked` an item stands or falls with the next one of its batch, and so on
    until one that is not linked. A `key` is good once: the same content again answers what was posted, other
    content is refused."""

    description: str = ""
    reference: str | None = None
    key: str | None = None
    effective_at: datetime | None = None
    actor_id: UUID | None = None
    is_linked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransaction(Instruction):
    """Two or more entries that sum to zero in each currency."""

    entries: Sequence[NewEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHold(Instruction):
    """Reserves an amount on both accounts, until `expires_at` where that is given."""

    debit_account: str
    credit_account: str
    amount: Money
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleHold(Instruction):
    """Posts a hold: `minor` of it, or the whole where that is None. The rest is released. Where `currency`
    says in which `minor` was counted, it must be the hold's."""

    hold_id: UUID
    minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidHold(Instruction):
    """Releases the whole of a hold. `is_timeout` says that its time is over, as the job does that looks for
    such holds."""

    hold_id: UUID
    is_timeout: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReversal(Instruction):
    """Undoes a posting or a settlement by the same amounts on the other sides."""

    transaction_id: UUID


AnyInstruction = NewTransaction | NewHold | SettleHold | VoidHold | NewReversal
