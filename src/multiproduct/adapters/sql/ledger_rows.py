"""Rows of the ledger's tables, and what they stand for."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row

from multiproduct.domain.ledger import (
    Account,
    AccountKind,
    Effect,
    Entry,
    Limit,
    SealedTransaction,
    Side,
    Transaction,
    TransactionKind,
)

_KINDS = {kind.value: kind for kind in AccountKind}
_LIMITS = {limit.value: limit for limit in Limit}
_SIDES = {side.value: side for side in Side}
_EFFECTS = {effect.value: effect for effect in Effect}


def account_of(row: Row[Any]) -> Account:
    """The account in a row, whose first columns are those of the table in their order."""
    (
        id_, version, code, kind, currency, owner_id, limit, posted_debits, posted_credits, pending_debits,
        pending_credits, created_at, closed_at, *_,
    ) = cast("tuple[Any, ...]", row)  # fmt: skip
    return Account(
        id=id_,
        version=version,
        code=code,
        kind=_KINDS[kind],
        currency=currency,
        owner_id=owner_id,
        limit=_LIMITS[limit],
        posted_debits=posted_debits,
        posted_credits=posted_credits,
        pending_debits=pending_debits,
        pending_credits=pending_credits,
        created_at=created_at,
        closed_at=closed_at,
    )


def account_row(account: Account) -> dict[str, Any]:
    """A new account's row."""
    return {
        "id": account.id,
        "version": 0,
        "code": account.code,
        "kind": account.kind.value,
        "currency": account.currency,
        "owner_id": account.owner_id,
        "limit_rule": account.limit.value,
        "posted_debits": 0,
        "posted_credits": 0,
        "pending_debits": 0,
        "pending_credits": 0,
        "created_at": account.created_at,
        "closed_at": None,
    }


TRANSACTION_COLUMNS = (
    "id", "kind", "key", "description", "reference", "effective_at", "posted_at", "actor_id", "hold_id",
    "reverses_id", "expires_at", "entry_count",
)  # fmt: skip
ENTRY_COLUMNS = (
    "transaction_id", "position", "entry_count", "account_id", "side", "effect", "minor", "currency",
    "effective_at", "posted_at",
)  # fmt: skip


def transaction_values(one: Transaction) -> tuple[Any, ...]:
    """A transaction's row, in the order of its columns."""
    return (
        one.id, one.kind, one.key, one.description, one.reference, one.effective_at, one.posted_at,
        one.actor_id, one.hold_id, one.reverses_id, one.expires_at, len(one.entries),
    )  # fmt: skip


def entry_values(one: Transaction) -> list[tuple[Any, ...]]:
    """The rows of a transaction's entries, in the order of their columns. Words are members of their
    enumerations, which are text: to ask each for its value would take longer than all the rest."""
    id_, entries, effective_at, posted_at = one.id, one.entries, one.effective_at, one.posted_at
    count = len(entries)
    return [
        (id_, place, count, account_id, side, effect, minor, currency, effective_at, posted_at)
        for place, (account_id, _, side, effect, minor, currency) in enumerate(entries)
    ]


def entry_of(row: Row[Any]) -> Entry:
    """The entry in a row that has the code of its account as `account`."""
    return Entry(row.account_id, row.account, _SIDES[row.side], _EFFECTS[row.effect], row.minor, row.currency)


def transactions_of(rows: Iterable[Row[Any]]) -> list[Transaction]:
    """The transactions in rows that have one entry each, sorted by transaction and position."""
    return [_transaction(together) for together in _together(rows)]


def sealable_of(rows: Iterable[Row[Any]]) -> dict[UUID, SealedTransaction]:
    """Likewise, with the kinds of the accounts. Left out is what no trigger would have let be written: what
    entries repeat of their transaction or of their account must be the same there. Raises ValueError and
    others for values that are of no use at all."""
    found: dict[UUID, SealedTransaction] = {}
    for together in _together(rows):
        if all(_is_as_written(row, together, place) for place, row in enumerate(together)):
            kinds = [_KINDS[row.account_kind] for row in together]
            found[together[0].id] = SealedTransaction(_transaction(together), kinds)
    return found


def _is_as_written(row: Row[Any], together: Sequence[Row[Any]], place: int) -> bool:
    return (
        row.position == place
        and row.count_of_entry == row.entry_count == len(together)
        and row.effective_of_entry == row.effective_at
        and row.posted_of_entry == row.posted_at
        and row.account_currency == row.currency
        and row.account_kind in _KINDS
        and row.side in _SIDES
        and row.effect in _EFFECTS
    )


def _together(rows: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    """Rows of one transaction after the other."""
    together: list[Row[Any]] = []
    for row in rows:
        if together and together[0].id != row.id:
            yield together
            together = []
        together.append(row)
    if together:
        yield together


def _transaction(rows: Sequence[Row[Any]]) -> Transaction:
    first = rows[0]
    return Transaction(
        id=first.id,
        kind=TransactionKind(first.kind),
        posted_at=first.posted_at,
        effective_at=first.effective_at,
        entries=tuple([entry_of(row) for row in rows]),
        description=first.description,
        reference=first.reference,
        key=first.key,
        actor_id=first.actor_id,
        hold_id=first.hold_id,
        reverses_id=first.reverses_id,
        expires_at=first.expires_at,
    )
