"""The statements by which a batch of transactions is inserted on PostgreSQL, whatever is in it."""

from collections.abc import Collection, Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Executable, text

from multiproduct.domain.ledger import Side, Transaction

_TRANSACTION_TYPES = {
    "id": "uuid", "kind": "text", "key": "text", "description": "text", "reference": "text",
    "effective_at": "timestamptz", "posted_at": "timestamptz", "actor_id": "uuid", "hold_id": "uuid",
    "reverses_id": "uuid", "expires_at": "timestamptz", "entry_count": "integer",
}  # fmt: skip
_ENTRY_COLUMNS = (
    "transaction_id, position, entry_count, account_id, side, effect, minor, currency, effective_at,"
    " posted_at"
)
_WORDS = frozenset({"key", "description", "reference"})
"""What differs between transactions that are alike otherwise, if clients name them."""
# Entries say by their sign on which side they are and by their order whose they are: to send and to read a
# value costs both sides more than to make it.
_ENTRIES_ALIKE = """
  SELECT (CAST(:id AS uuid[]))[(place - 1) / CAST(:entry_count AS integer) + 1],
    ((place - 1) % CAST(:entry_count AS integer))::integer, CAST(:entry_count AS integer), account_id,
    CASE WHEN signed > 0 THEN 'debit' ELSE 'credit' END, CAST(:effect AS text), abs(signed),
    CAST(:currency AS text), CAST(:effective_at AS timestamptz), CAST(:posted_at AS timestamptz)
  FROM unnest(CAST(:accounts AS uuid[]), CAST(:signed AS bigint[])) WITH ORDINALITY
    AS each(account_id, signed, place)"""
_ENTRIES_OF_ANY_KIND = """
  SELECT owner, position, count, account_id, CASE WHEN signed > 0 THEN 'debit' ELSE 'credit' END, effect,
    abs(signed), currency, effective_at, posted_at
  FROM unnest(CAST(:owners AS uuid[]), CAST(:positions AS integer[]), CAST(:counts AS integer[]),
    CAST(:accounts AS uuid[]), CAST(:effects AS text[]), CAST(:signed AS bigint[]),
    CAST(:currencies AS text[]), CAST(:effectives AS timestamptz[]), CAST(:posteds AS timestamptz[]))
    AS each(owner, position, count, account_id, effect, signed, currency, effective_at, posted_at)"""


def journal_insert(transactions: Sequence[Transaction]) -> list[tuple[Executable, dict[str, Any]]]:
    """The statements and their parameters. They have few texts, so that they are prepared but once: columns
    are arrays, and those that are the same in all rows, as mostly, are single values.

    It is one statement, whose accounts are moved once all else is done. Not so where there are keys: whoever
    waits for an account must not have a key that the holder of the account may be about to write.
    """
    columns = _columns(transactions)
    entries = columns.pop("entries")
    accounts, _, sides, effects, minors, currencies = zip(*chain.from_iterable(entries), strict=True)
    debit = Side.DEBIT
    signed = [minor if side is debit else -minor for minor, side in zip(minors, sides, strict=True)]
    differing = {name for name, values in columns.items() if not _is_one(values)}
    if differing <= _WORDS | {"id"} and _is_one(effects) and _is_one(currencies):
        arrays = _WORDS | {"id"} if differing & _WORDS else frozenset({"id"})
        of_entries = {"effect": effects[0], "currency": currencies[0]}
    else:
        arrays = frozenset(columns)
        of_entries = {**_repeated(columns), "effects": list(effects), "currencies": list(currencies)}
    given = {name: list(values) if name in arrays else values[0] for name, values in columns.items()}
    values = given | of_entries | {"accounts": list(accounts), "signed": signed}
    if given["key"] is None:
        return [(_as_text(f"WITH entries AS ({_entries(arrays)})\n{_transactions(arrays)}"), values)]
    return [(_as_text(_entries(arrays)), values), (_as_text(_transactions(arrays)), given)]


def _columns(transactions: Sequence[Transaction]) -> dict[str, Sequence[Any]]:
    columns = dict(zip(Transaction._fields, zip(*transactions, strict=True), strict=True))
    return columns | {"entry_count": list(map(len, columns["entries"]))}


def _repeated(columns: dict[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """What entries repeat of their transactions."""
    counts = columns["entry_count"]
    names = {"owners": "id", "counts": "entry_count", "effectives": "effective_at", "posteds": "posted_at"}
    repeated = {
        name: [value for value, count in zip(columns[of], counts, strict=True) for _ in range(count)]
        for name, of in names.items()
    }
    return repeated | {"positions": [place for count in counts for place in range(count)]}


def _is_one(values: Sequence[Any]) -> bool:
    first = values[0]
    return values[-1] == first and values.count(first) == len(values)


_as_text = cache(text)


@cache
def _entries(arrays: Collection[str]) -> str:
    """Inserts the entries of transactions that have these columns as arrays."""
    rows = _ENTRIES_OF_ANY_KIND if arrays == _TRANSACTION_TYPES.keys() else _ENTRIES_ALIKE
    return f"INSERT INTO ledger_entries ({_ENTRY_COLUMNS}) {rows}"


@cache
def _transactions(arrays: Collection[str]) -> str:
    """Inserts the transactions."""
    names = [f'"{name}"' for name in _TRANSACTION_TYPES]
    values = [
        f'each."{name}"' if name in arrays else f"CAST(:{name} AS {kind})"
        for name, kind in _TRANSACTION_TYPES.items()
    ]
    kept = {name: kind for name, kind in _TRANSACTION_TYPES.items() if name in arrays}
    given = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in kept.items())
    columns = ", ".join(f'"{name}"' for name in kept)
    return (
        f"INSERT INTO ledger_transactions ({', '.join(names)}) SELECT {', '.join(values)}"  # noqa: S608 - names above
        f" FROM unnest({given}) AS each({columns})"
    )
