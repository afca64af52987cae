"""Reading commands as what the ledger is asked to write."""

from uuid import UUID

from multiproduct.application.ledger.commands import (
    BatchItem,
    PostHoldItem,
    PostTransaction,
    ReserveHold,
    ReversalItem,
    VoidHoldItem,
)
from multiproduct.domain.ledger import (
    AnyInstruction,
    NewEntry,
    NewHold,
    NewReversal,
    NewTransaction,
    SettleHold,
    VoidHold,
)


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
            return posting_of(item, actor_id=actor_id, key=item.key, at=at)
        case ReserveHold():
            return hold_of(item, actor_id=actor_id, key=item.key, at=at)
        case PostHoldItem():
            minor = None if item.amount is None else item.amount.money(field=f"{at}amount").minor
            return SettleHold(
                hold_id=item.hold_id, minor=minor, key=item.key, actor_id=actor_id, is_linked=item.linked
            )
        case VoidHoldItem():
            return VoidHold(hold_id=item.hold_id, key=item.key, actor_id=actor_id, is_linked=item.linked)
        case ReversalItem():
            return NewReversal(
                transaction_id=item.transaction_id,
                description=item.description,
                key=item.key,
                actor_id=actor_id,
                is_linked=item.linked,
            )
