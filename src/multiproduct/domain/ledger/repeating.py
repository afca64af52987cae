"""Whether an item asks for what was written under its key before."""

from multiproduct.domain.ledger.instructions import (
    AnyInstruction,
    NewHold,
    NewReversal,
    NewTransaction,
    SettleHold,
    VoidHold,
)
from multiproduct.domain.ledger.transaction import Effect, Side, Transaction, TransactionKind


def has_same_content(item: AnyInstruction, known: Transaction, hold: Transaction | None) -> bool:
    """Whether the item would write what `known` is, but for its id, its moment and who asked; `hold` is the
    one that the item would post. An item without `effective_at` is the same as one that took effect when it
    was posted."""
    if (item.description, item.reference) != (known.description, known.reference):
        return False
    effective_at = known.posted_at if item.effective_at is None else item.effective_at
    return effective_at == known.effective_at and _has_same_substance(item, known, hold)


def _has_same_substance(item: AnyInstruction, known: Transaction, hold: Transaction | None) -> bool:
    match item:
        case NewTransaction():
            wanted = [(each.account, each.side, each.minor, each.currency) for each in item.entries]
            return known.kind is TransactionKind.POSTING and wanted == _rows(known)
        case NewHold():
            minor, currency = item.amount.minor, item.amount.currency.code
            both = [
                (item.debit_account, Side.DEBIT, minor, currency),
                (item.credit_account, Side.CREDIT, minor, currency),
            ]
            is_hold = known.kind is TransactionKind.HOLD and known.expires_at == item.expires_at
            return is_hold and both == _rows(known)
        case SettleHold():
            return _settles(item, known, hold)
        case VoidHold():
            kind = TransactionKind.TIMEOUT if item.is_timeout else TransactionKind.VOID
            return (known.kind, known.hold_id) == (kind, item.hold_id)
        case NewReversal():
            return (known.kind, known.reverses_id) == (TransactionKind.REVERSAL, item.transaction_id)


def _settles(item: SettleHold, known: Transaction, hold: Transaction | None) -> bool:
    if (known.kind, known.hold_id) != (TransactionKind.SETTLEMENT, item.hold_id) or hold is None:
        return False
    if item.currency is not None and item.currency != hold.entries[0].currency:
        return False
    wanted = hold.entries[0].minor if item.minor is None else item.minor
    return all(each.minor == wanted for each in known.entries if each.effect is Effect.POST)


def _rows(known: Transaction) -> list[tuple[str, Side, int, str]]:
    return [(each.account, each.side, each.minor, each.currency) for each in known.entries]
