"""Exporting the ledger piece by piece: a page of it is in memory at a time, and a name and a sum for each
account."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.ledger.journal_formats import FORMATS, CommaSeparated
from multiproduct.application.ledger.ports import LedgerUnit
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.audit import SealedRow
from multiproduct.domain.ledger import SEAL_VERSION, Account, Transaction

CHAIN = "chain"
_PAGE = 1_000
_MOST_UNSEALED = 100_000
_EVERY_NUMBER = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Exporting:
    """For operators, by nobody's leave. What is posted while it runs may or may not be in it."""

    def __init__(self, *, units: Units[LedgerUnit]) -> None:
        self._units = units

    async def pieces(self, format_name: str) -> AsyncIterator[str]:
        """The journal in `hledger`, `beancount` or `csv`, or as `chain`: the records that the stand-alone
        verifier reads. Raises ValueError for another format."""
        async with self._units.view(SYSTEM) as view:
            if format_name == CHAIN:
                async for record in _records(view):
                    yield json.dumps(record, separators=(",", ":")) + "\n"
                return
            if format_name not in FORMATS:
                raise ValueError(f"no such format: {format_name}")
            written = FORMATS[format_name]()
            if isinstance(written, CommaSeparated):
                yield written.header()
            async for accounts in _accounts(view):
                for piece in written.begin(accounts):
                    yield piece
            async for page in view.ledger_journal.every(page=_PAGE):
                yield "".join([written.transaction(one) for one in page])
            for piece in written.end():
                yield piece


async def _accounts(view: LedgerUnit) -> AsyncIterator[Sequence[Account]]:
    after: str | None = None
    while True:
        page = await view.ledger_accounts.page(owner_id=None, kind=None, after=after, limit=_PAGE)
        if page:
            yield page
        if len(page) < _PAGE:
            return
        after = page[-1].code


async def _records(view: LedgerUnit) -> AsyncIterator[dict[str, Any]]:
    head = await view.ledger_chain.head()
    if head is not None:
        yield {"record": "head", "sequence": head.mark.sequence, "hash": head.mark.hash.hex()}
    kinds = {account.code: account async for page in _accounts(view) for account in page}
    until = head.mark.sequence if head else _EVERY_NUMBER
    async for seals in view.ledger_chain.sealed(until=until, page=_PAGE):
        found = await view.ledger_journal.originals([UUID(seal.id) for seal in seals])
        for seal in seals:
            one = found.get(UUID(seal.id))
            if one is None:
                yield {"record": "orphan", "id": seal.id, "what": "has a seal and no transaction"}
            else:
                yield _transaction_record(one, kinds, seal)
    for waiting in await view.ledger_chain.unsealed(limit=_MOST_UNSEALED):
        yield _transaction_record(waiting.transaction, kinds, None)
    for account in kinds.values():
        yield {
            "record": "account",
            "id": account.id.hex,
            "code": account.code,
            "posted_debits": account.posted_debits,
            "posted_credits": account.posted_credits,
            "pending_debits": account.pending_debits,
            "pending_credits": account.pending_credits,
        }


def _transaction_record(
    one: Transaction, kinds: dict[str, Account], seal: SealedRow | None
) -> dict[str, Any]:
    shared = {
        "entry_count": len(one.entries),
        "effective_at": _microseconds(one.effective_at),
        "posted_at": _microseconds(one.posted_at),
    }
    return {
        "record": "transaction",
        "sequence": seal.sequence if seal else None,
        "hash": seal.hash.hex() if seal and seal.hash else None,
        "seal_version": SEAL_VERSION if seal else None,
        "waits": seal is None,
        "id": one.id.hex,
        "kind": one.kind.value,
        "key": one.key,
        "description": one.description,
        "reference": one.reference,
        "actor_id": _hex(one.actor_id),
        "hold_id": _hex(one.hold_id),
        "reverses_id": _hex(one.reverses_id),
        "expires_at": None if one.expires_at is None else _microseconds(one.expires_at),
        **shared,
        "entries": [
            {
                "position": position,
                "account_id": entry.account_id.hex,
                "code": entry.account,
                "account_kind": kinds[entry.account].kind.value,
                "account_currency": kinds[entry.account].currency,
                "side": entry.side.value,
                "effect": entry.effect.value,
                "minor": entry.minor,
                "currency": entry.currency,
                **shared,
            }
            for position, entry in enumerate(one.entries)
        ],
    }


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _hex(value: UUID | None) -> str | None:
    return None if value is None else value.hex
