"""The chain over the ledger's journal in tables. Its rows are read with care: somebody may have changed
them."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    RowMapping,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.types import NullType

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.ledger_accounts import SUMS
from multiproduct.adapters.sql.ledger_rows import sealable_of
from multiproduct.adapters.sql.tables.ledger import (
    ledger_accounts,
    ledger_chain,
    ledger_entries,
    ledger_open_holds,
    ledger_seals,
    ledger_transactions,
    ledger_unsealed,
)
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.audit.ports import UnsealedTail
from multiproduct.domain.audit import ChainHead, Mark, Seal, SealedRow
from multiproduct.domain.ledger import SEAL_VERSION, SealedTransaction, TransactionKind, canonical_form

_a, _t, _e, _s, _u, _h, _o = (
    ledger_accounts.c,
    ledger_transactions.c,
    ledger_entries.c,
    ledger_seals.c,
    ledger_unsealed.c,
    ledger_chain.c,
    ledger_open_holds.c,
)
_BEFORE_ALL = -(2**63)
_ANY = NullType()


def _raw(*columns: Column[Any]) -> list[Any]:
    """Columns as the driver gives them: SQLite keeps anything anywhere."""
    return [type_coerce(column, _ANY).label(column.name) for column in columns]


_HEAD = select(ledger_chain).where(_h.id == 1)  # pk_ledger_chain
_HAS_SEALED = select(_s.sequence).limit(1)
_WAITING = select(_u.transaction_id).order_by(_u.transaction_id).limit(bindparam("of_limit"))
_WAITING_AFTER = _WAITING.where(_u.transaction_id > bindparam("after"))
_SEALABLE = (  # pk_ledger_transactions, pk_ledger_entries, pk_ledger_accounts
    select(
        ledger_transactions,
        _e.position,
        _e.entry_count.label("count_of_entry"),
        _e.effective_at.label("effective_of_entry"),
        _e.posted_at.label("posted_of_entry"),
        _e.account_id,
        _e.side,
        _e.effect,
        _e.minor,
        _e.currency,
        _a.code.label("account"),
        _a.kind.label("account_kind"),
        _a.currency.label("account_currency"),
    )
    .join_from(ledger_transactions, ledger_entries, _e.transaction_id == _t.id, isouter=True)
    .join(ledger_accounts, _a.id == _e.account_id, isouter=True)
    .where(_t.id.in_(bindparam("ids", expanding=True)))
    .order_by(_t.id, _e.position)
)
_PAGE = (  # pk_ledger_seals
    select(*_raw(*ledger_seals.columns))
    .where(
        type_coerce(_s.sequence, _ANY) >= bindparam("last"),
        or_(
            type_coerce(_s.sequence, _ANY) > bindparam("last"),
            type_coerce(_s.transaction_id, _ANY) > bindparam("last_id"),
        ),
        _s.sequence <= bindparam("until"),
    )
    .order_by(_s.sequence, _s.transaction_id)
    .limit(bindparam("of_limit"))
)
_BEYOND = (  # pk_ledger_seals
    select(*_raw(*ledger_seals.columns))
    .where(_s.sequence > func.coalesce(select(_h.sequence).where(_h.id == 1).scalar_subquery(), 0))
    .order_by(_s.sequence)
    .limit(bindparam("of_limit"))
)
_TAIL = select(func.count().label("number"), func.min(_t.posted_at).label("oldest")).join_from(
    ledger_unsealed, ledger_transactions, _t.id == _u.transaction_id, isouter=True
)
_BEGIN = in_each_dialect(
    lambda inserting: inserting(ledger_chain).on_conflict_do_nothing(index_elements=[_h.id]).returning(_h.id)
)
_MOVE = (  # pk_ledger_chain
    update(ledger_chain)
    .where(
        _h.id == 1,
        _h.sequence == bindparam("from_sequence"),
        _h.hash == bindparam("from_hash"),
        _h.mac == bindparam("from_mac"),
    )
    .returning(_h.id)
)
_SEAL_ON_POSTGRESQL = text(  # by one statement, which its trigger looks at once
    "INSERT INTO ledger_seals (sequence, transaction_id, hash, seal_version) SELECT * FROM unnest("
    "CAST(:sequences AS bigint[]), CAST(:ids AS uuid[]), CAST(:hashes AS bytea[]), CAST(:versions AS int[]))"
)
_SEALED = delete(ledger_unsealed).where(_u.transaction_id.in_(bindparam("ids", expanding=True)))
# These look at everything, and are asked by the verification alone.
_OUT_OF_LINE = (
    select(_t.id)
    .where(~select(1).where(_s.transaction_id == _t.id).exists())
    .where(~select(1).where(_u.transaction_id == _t.id).exists())
    .limit(bindparam("of_limit"))
)
_ORPHANS = (
    select(_e.transaction_id)
    .distinct()
    .where(~select(1).where(_t.id == _e.transaction_id).exists())
    .limit(bindparam("of_limit"))
)
_ended = ledger_transactions.alias()
_IS_ENDED = select(1).where(_ended.c.hold_id == _t.id).exists()
_MISHELD = union_all(
    select(_t.id)
    .join_from(ledger_transactions, ledger_open_holds, _o.hold_id == _t.id, isouter=True)
    .where(
        _t.kind == TransactionKind.HOLD.value,
        ~_IS_ENDED,
        or_(_o.hold_id.is_(None), _o.expires_at.is_distinct_from(_t.expires_at)),
    ),
    select(_o.hold_id).where(
        ~select(1).where(_t.id == _o.hold_id, _t.kind == TransactionKind.HOLD.value, ~_IS_ENDED).exists()
    ),
).limit(bindparam("of_limit"))
_by_entries = select(_e.account_id, *SUMS).group_by(_e.account_id).subquery()
_UNSUPPORTED = (
    select(_a.code)
    .join_from(ledger_accounts, _by_entries, _by_entries.c.account_id == _a.id, isouter=True)
    .where(
        or_(
            *(
                func.coalesce(_by_entries.c[name], 0) != _a[name]
                for name in ("posted_debits", "posted_credits", "pending_debits", "pending_credits")
            )
        )
    )
    .order_by(_a.code)
    .limit(bindparam("of_limit"))
)


class SqlLedgerChain:
    """The `LedgerChain` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def head(self) -> ChainHead | None:
        """Where the chain ends."""
        row = (await self._lane.run(_HEAD)).first()
        if row is None:
            return None
        mark = Mark(row.sequence, row.hash)
        return ChainHead(mark=mark, sealed_at=row.sealed_at, key_id=row.key_id, mac=row.mac)

    async def has_sealed(self) -> bool:
        """Whether any transaction has a number."""
        return (await self._lane.run(_HAS_SEALED)).first() is not None

    async def unsealed(self, *, limit: int) -> Sequence[SealedTransaction]:
        """Committed transactions without a number, in the order of their ids."""
        waiting: list[SealedTransaction] = []
        ids = list((await self._lane.run(_WAITING, {"of_limit": limit})).scalars())
        while True:
            found = await self._read(ids)
            waiting += [found[each] for each in ids if each in found]
            if len(ids) < limit or len(waiting) >= limit:
                return waiting[:limit]
            # Some cannot be read. They must not keep those behind them from being sealed.
            values = {"of_limit": limit, "after": ids[-1]}
            ids = list((await self._lane.run(_WAITING_AFTER, values)).scalars())

    async def extend(self, before: ChainHead | None, after: ChainHead, seals: Sequence[Seal]) -> bool:
        """Moves the head, then seals the transactions."""
        values = {
            "sequence": after.mark.sequence,
            "hash": after.mark.hash,
            "sealed_at": after.sealed_at,
            "key_id": after.key_id,
            "mac": after.mac,
        }
        if before is None:
            moved = await self._lane.run(_BEGIN[self._lane.dialect], {"id": 1, **values})
        else:
            place = {"from_sequence": before.mark.sequence, "from_hash": before.mark.hash}
            moved = await self._lane.run(_MOVE.values(**values), {**place, "from_mac": before.mac})
        if moved.first() is None:
            return False
        if seals:
            await self._write(seals)
            await self._lane.run(_SEALED, {"ids": [seal.id for seal in seals]})
        return True

    async def _write(self, seals: Sequence[Seal]) -> None:
        if self._lane.dialect == "sqlite":
            await self._lane.run(insert(ledger_seals), [_seal_row(seal) for seal in seals])
            return
        values = {
            "sequences": [seal.sequence for seal in seals],
            "ids": [seal.id for seal in seals],
            "hashes": [seal.hash for seal in seals],
            "versions": [seal.version for seal in seals],
        }
        await self._lane.run(_SEAL_ON_POSTGRESQL, values)

    async def sealed(self, *, until: int, page: int) -> AsyncIterator[Sequence[SealedRow]]:
        """Every seal with a number of at most `until`."""
        last: Any = _BEFORE_ALL
        last_id: Any = None
        while True:
            values = {"last": last, "last_id": last_id, "until": until, "of_limit": page}
            found = (await self._lane.run(_PAGE, values)).mappings().all()
            if found:
                yield await self._rows(found)
            if len(found) < page:
                return
            last, last_id = found[-1]["sequence"], found[-1]["transaction_id"]

    async def beyond_head(self, *, limit: int) -> Sequence[SealedRow]:
        """Seals that have a number above the head's."""
        return await self._rows((await self._lane.run(_BEYOND, {"of_limit": limit})).mappings().all())

    async def tail(self) -> UnsealedTail:
        """How much is not sealed yet."""
        row = (await self._lane.run(_TAIL)).one()
        return UnsealedTail(row.number, row.oldest)

    async def forgotten(self, *, limit: int) -> Sequence[UUID]:
        """Transactions that were taken out of the line, and those of which only entries are left."""
        out = list((await self._lane.run(_OUT_OF_LINE, {"of_limit": limit})).scalars())
        orphans = list((await self._lane.run(_ORPHANS, {"of_limit": limit})).scalars())
        return [*out, *orphans][:limit]

    async def misheld(self, *, limit: int) -> Sequence[UUID]:
        """Holds that the list of open ones has otherwise than the journal."""
        return list((await self._lane.run(_MISHELD, {"of_limit": limit})).scalars())

    async def unsupported(self, *, limit: int) -> Sequence[str]:
        """The codes of accounts whose sums are not those of their entries."""
        return list((await self._lane.run(_UNSUPPORTED, {"of_limit": limit})).scalars())

    async def _rows(self, seals: Sequence[RowMapping]) -> list[SealedRow]:
        ids = [(_uuid(seal["transaction_id"]), seal) for seal in seals]
        found = await self._read([each for each, _ in ids if each is not None])
        return [
            SealedRow(
                id=str(each or seal["transaction_id"])[:100],
                sequence=seal["sequence"] if isinstance(seal["sequence"], int) else None,
                hash=seal["hash"] if isinstance(seal["hash"], bytes) else None,
                form=_form(found.get(each), seal["seal_version"]) if each else None,
            )
            for each, seal in ids
        ]

    async def _read(self, ids: Sequence[UUID]) -> dict[UUID, SealedTransaction]:
        """Those that can be read. Where one cannot, it alone is missing."""
        if not ids:
            return {}
        rows = await self._lane.run(_SEALABLE, {"ids": list(ids)})
        try:
            return sealable_of(rows)
        except (ValueError, TypeError, AttributeError, OverflowError):
            if len(ids) == 1:
                return {}
        found: dict[UUID, SealedTransaction] = {}
        for each in ids:
            found |= await self._read([each])
        return found


def _form(sealed: SealedTransaction | None, version: Any) -> bytes | None:
    if sealed is None or version != SEAL_VERSION:
        return None
    try:
        return canonical_form(sealed)
    except (ValueError, TypeError, AttributeError):
        return None


def _uuid(raw: Any) -> UUID | None:
    if isinstance(raw, UUID):
        return raw
    try:
        return UUID(raw)
    except (ValueError, TypeError, AttributeError):
        return None


def _seal_row(seal: Seal) -> dict[str, Any]:
    return {
        "sequence": seal.sequence,
        "transaction_id": seal.id,
        "hash": seal.hash,
        "seal_version": seal.version,
    }
