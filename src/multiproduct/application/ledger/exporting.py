"""Exporting the ledger piece by piece: a page of it is in memory at a time, and a name and a sum for each
account."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.ledger.journal_formats import FORMATS, CommaSeparated
from multiproduct.application.ledger.ports import LedgerUnit
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.audit import ChainHead, SealedRow
from multiproduct.domain.ledger import SEAL_VERSION, Account, Transaction

CHAIN = "chain"
_PAGE = 1_000
_MOST_UNSEALED = 100_000
_MOST_STRAY = 1_000
_NOBODY = UUID(int=0)
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
            names = _Names(view)
            async for accounts in _accounts(view):
                names.add(accounts)
                for piece in written.begin(accounts):
                    yield piece
            async for page in view.ledger_journal.every(page=_PAGE):
                for piece in written.begin(await names.opened_since(page)):
                    yield piece
                yield "".join([written.transaction(one) for one in page])
            for piece in written.end():
                yield piece


class _Names:
    """The accounts that the export has told of. Others may be opened and posted to while it runs."""

    def __init__(self, view: LedgerUnit) -> None:
        self._view = view
        self.known: dict[str, Account] = {}

    async def tell_all(self) -> None:
        async for page in _accounts(self._view):
            self.add(page)

    def add(self, accounts: Sequence[Account]) -> None:
        self.known.update({account.code: account for account in accounts})

    async def opened_since(self, transactions: Sequence[Transaction]) -> list[Account]:
        """Those of the transactions' accounts that were not told of yet."""
        codes = {entry.account for one in transactions for entry in one.entries}
        new = sorted(codes - self.known.keys())
        found = await self._view.ledger_accounts.found(new) if new else {}
        self.add(list(found.values()))
        return list(found.values())


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
    names, chain = _Names(view), view.ledger_chain
    await names.tell_all()
    before = dict(names.known)
    # Before the head: what is sealed in between is then found among the sealed, and left out here.
    waiting = {one.transaction.id: one.transaction for one in await chain.unsealed(limit=_MOST_UNSEALED)}
    if len(waiting) == _MOST_UNSEALED:
        before = {}  # more may wait
    head = await chain.head()
    if head is not None:
        yield {"record": "head", "sequence": head.mark.sequence, "hash": head.mark.hash.hex()}
    async for seals in chain.sealed(until=head.mark.sequence if head else _EVERY_NUMBER, page=_PAGE):
        async for record in _sealed_records(view, names, seals):
            yield record
        for seal in seals:
            waiting.pop(_id_of(seal) or _NOBODY, None)
    await names.opened_since(list(waiting.values()))
    for one in waiting.values():
        yield _transaction_record(one, names.known, None)
    async for record in _stray_records(view, head):
        yield record
    async for record in _account_records(view, before):
        yield record


async def _account_records(view: LedgerUnit, before: Mapping[str, Account]) -> AsyncIterator[dict[str, Any]]:
    async for page in _accounts(view):
        for account in page:
            yield _account_record(account, before.get(account.code))


async def _sealed_records(
    view: LedgerUnit, names: _Names, seals: Sequence[SealedRow]
) -> AsyncIterator[dict[str, Any]]:
    """What is sealed. Where the rows of a transaction contradict one another, so that no form of it could be
    made, that is told: its record would have them agree."""
    ids = [each for each in map(_id_of, seals) if each is not None]
    found = await view.ledger_journal.originals(ids)
    await names.opened_since(list(found.values()))
    for seal in seals:
        one = found.get(_id_of(seal) or _NOBODY)
        if one is None:
            yield {"record": "orphan", "id": seal.id, "what": "has a seal and no transaction"}
            continue
        if seal.form is None:
            yield {"record": "orphan", "id": seal.id, "what": "has rows that do not fit one another"}
        yield _transaction_record(one, names.known, seal)


async def _stray_records(view: LedgerUnit, head: ChainHead | None) -> AsyncIterator[dict[str, Any]]:
    """What stands outside of the line: the journal counts it, and nobody will ever seal it."""
    for transaction_id in await view.ledger_chain.forgotten(limit=_MOST_STRAY):
        yield {"record": "orphan", "id": str(transaction_id), "what": "is neither sealed nor waits for it"}
    for hold_id in await view.ledger_chain.misheld(limit=_MOST_STRAY):
        yield {
            "record": "orphan",
            "id": str(hold_id),
            "what": "is not listed among the open holds as it stands",
        }
    # Whatever is sealed meanwhile moves the head, so that this is beyond the head of now.
    for seal in await view.ledger_chain.beyond_head(limit=_MOST_STRAY) if head else ():
        yield {"record": "orphan", "id": seal.id, "what": "has a seal with a number above the head's"}


def _account_record(account: Account, before: Account | None) -> dict[str, Any]:
    """An account that moved while the export ran cannot be compared with its entries."""
    has_moved = before is None or before.version != account.version
    return {
        "record": "moving_account" if has_moved else "account",
        "id": account.id.hex,
        "code": account.code,
        "posted_debits": account.posted_debits,
        "posted_credits": account.posted_credits,
        "pending_debits": account.pending_debits,
        "pending_credits": account.pending_credits,
    }


def _id_of(seal: SealedRow) -> UUID | None:
    try:
        return UUID(seal.id)
    except ValueError:
        return None


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
