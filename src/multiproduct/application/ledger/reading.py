"""Reading commands as what the ledger is asked to write."""

import hashlib
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.ledger.commands import (
    BatchItem,
    PostHoldItem,
    PostTransaction,
    ReserveHold,
    ReversalItem,
    VoidHoldItem,
)
from multiproduct.domain.ledger import (
    MAX_NAME,
    AnyInstruction,
    NewEntry,
    NewHold,
    NewReversal,
    NewTransaction,
    SettleHold,
    VoidHold,
)

# Keys in a command are apart from those that the program uses itself: a payment's is known beforehand to
# whoever knows the payment, and a key that was refused once is used up for everybody.
_ASKED_FOR = "api/"


def named_key(key: str | None) -> str | None:
    """The ledger's key for one that stands in a command: the same for whoever gives it."""
    return None if key is None else _short(f"{_ASKED_FOR}{key}")


def callers_key(caller: Caller, idempotency_key: str | None) -> str | None:
    """The ledger's key for the idempotency key of a request: the caller's own."""
    if idempotency_key is None:
        return None
    return _short(f"{caller.principal.user_id or 'system'}/{idempotency_key}")


def shown_key(key: str | None) -> str | None:
    """The key as it was given in a command."""
    return None if key is None else key.removeprefix(_ASKED_FOR)


def _short(key: str) -> str:
    """As it is, or its digest where the ledger takes no key so long."""
    if len(key) <= MAX_NAME:
        return key
    space, _, _ = key.partition("/")
    return f"{space}/sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def posting_of(
    command: PostTransaction, *, actor_id: UUID | None, key: str | None, at: str = ""
) -> NewTransaction:
    """`at` is where the command stands in a larger one. Raises InvalidInput."""
    entries = []
    for index, entry in enumerate(command.entries):
        money = entry.amount.money(field=f"{at}entries.{index}.amount")
        entries.append(NewEntry(entry.account, entry.side, money.minor, money.currency.code))
    return NewTransaction(
        entries=tuple(entries),
        description=command.description,
        reference=command.reference,
        effective_at=command.effective_at,
        key=key,
        actor_id=actor_id,
        is_linked=command.linked,
    )


def hold_of(command: ReserveHold, *, actor_id: UUID | None, key: str | None, at: str = "") -> NewHold:
    """Raises InvalidInput."""
    return NewHold(
        debit_account=command.debit_account,
        credit_account=command.credit_account,
        amount=command.amount.money(field=f"{at}amount"),
        expires_at=command.expires_at,
        description=command.description,
        reference=command.reference,
        key=key,
        actor_id=actor_id,
        is_linked=command.linked,
    )


def item_of(item: BatchItem, *, actor_id: UUID | None, at: str) -> AnyInstruction:
    """Raises InvalidInput."""
    match item:
        case PostTransaction():
            return posting_of(item, actor_id=actor_id, key=named_key(item.key), at=at)
        case ReserveHold():
            return hold_of(item, actor_id=actor_id, key=named_key(item.key), at=at)
        case PostHoldItem():
            money = None if item.amount is None else item.amount.money(field=f"{at}amount")
            return SettleHold(
                hold_id=item.hold_id,
                minor=None if money is None else money.minor,
                currency=None if money is None else money.currency.code,
                key=named_key(item.key),
                actor_id=actor_id,
                is_linked=item.linked,
            )
        case VoidHoldItem():
            return VoidHold(
                hold_id=item.hold_id, key=named_key(item.key), actor_id=actor_id, is_linked=item.linked
            )
        case ReversalItem():
            return NewReversal(
                transaction_id=item.transaction_id,
                description=item.description,
                key=named_key(item.key),
                actor_id=actor_id,
                is_linked=item.linked,
            )
