"""The ledger: accounts, the journal with its entries, the chain over it, holds that wait, closed periods.

Triggers belong to these tables (`migrations/ledger_0008.py`, `ledger_sqlite_0008.py`): they check what is
written, move the accounts, and refuse every change of what was written."""

from typing import Any

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import ID, KEY_TEXT, Moment

_SQLITE = {"dialect": "sqlite"}


def _moments(*names: str) -> Any:
    """Within the years that everybody who reads them knows. On SQLite triggers say so."""
    bounds = (f"{name} >= '0001-01-01 00:00:00+00' AND {name} < '10000-01-01 00:00:00+00'" for name in names)
    return CheckConstraint(" AND ".join(bounds), name="moments").ddl_if(dialect="postgresql")


ledger_accounts = Table(
    "ledger_accounts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("code", KEY_TEXT, nullable=False),
    Column("kind", Text, nullable=False),
    Column("currency", CHAR(3), nullable=False),
    Column("owner_id", ID),
    Column("limit_rule", Text, nullable=False),
    Column("posted_debits", BigInteger, nullable=False),
    Column("posted_credits", BigInteger, nullable=False),
    Column("pending_debits", BigInteger, nullable=False),
    Column("pending_credits", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("closed_at", Moment),
    CheckConstraint("kind IN ('asset', 'liability', 'equity', 'revenue', 'expense')", name="kind"),
    # The sums of both are out of range on PostgreSQL, before they are compared, where they need over 64 bits.
    CheckConstraint(
        "posted_debits >= 0 AND posted_credits >= 0 AND pending_debits >= 0 AND pending_credits >= 0"
        " AND posted_debits + pending_debits >= 0 AND posted_credits + pending_credits >= 0",
        name="sums",
    ),
    CheckConstraint(
        "limit_rule = 'none'"
        " OR (limit_rule = 'debits_never_exceed_credits'"
        " AND posted_debits + pending_debits <= posted_credits)"
        " OR (limit_rule = 'credits_never_exceed_debits'"
        " AND posted_credits + pending_credits <= posted_debits)",
        name="limit_rule",
    ),
    CheckConstraint(
        "closed_at IS NULL"
        " OR (posted_debits = posted_credits AND pending_debits = 0 AND pending_credits = 0)",
        name="closed",
    ),
    Index("uq_ledger_accounts_code", "code", unique=True),
    Index("ix_ledger_accounts_owner_id_code", "owner_id", "code"),
    # Sums are in no index, so that with room on its page a row moves without touching one. There has to be
    # room for all the batches that are written while one is: what they leave cannot go before it is done.
    postgresql_with={"fillfactor": "25"},
)

ledger_transactions = Table(
    "ledger_transactions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("key", KEY_TEXT),
    Column("description", Text, nullable=False),
    Column("reference", KEY_TEXT),
    Column("effective_at", Moment, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Column("actor_id", ID),
    Column("hold_id", ID),
    Column("reverses_id", ID),
    Column("expires_at", Moment),
    Column("entry_count", Integer, nullable=False),
    _moments("effective_at", "posted_at", "expires_at"),
    CheckConstraint(
        "entry_count >= 2 AND entry_count = CASE kind WHEN 'posting' THEN entry_count"
        " WHEN 'reversal' THEN entry_count WHEN 'settlement' THEN 4 WHEN 'hold' THEN 2 WHEN 'void' THEN 2"
        " WHEN 'timeout' THEN 2 ELSE 0 END",
        name="kind",
    ),
    CheckConstraint(
        "(hold_id IS NOT NULL) = (kind IN ('settlement', 'void', 'timeout'))"
        " AND (reverses_id IS NOT NULL) = (kind = 'reversal')"
        " AND (expires_at IS NULL OR kind = 'hold')",
        name="references",
    ),
    # What entries refer to: with their number in the reference, and each position taken by the primary key of
    # entries, none can be added later. On PostgreSQL they are counted instead (`ledger_drafts`).
    UniqueConstraint("id", "entry_count", name="uq_ledger_transactions_id_entry_count", info=_SQLITE).ddl_if(
        dialect="sqlite"
    ),
)
for _name in ("key", "hold_id", "reverses_id"):
    _given = ledger_transactions.c[_name].is_not(None)
    Index(
        f"uq_ledger_transactions_{_name}",
        ledger_transactions.c[_name],
        unique=True,
        postgresql_where=_given,
        sqlite_where=_given,
    )
_referring = ledger_transactions.c.reference.is_not(None)
Index(
    "ix_ledger_transactions_reference_id",
    ledger_transactions.c.reference,
    ledger_transactions.c.id,
    postgresql_where=_referring,
    sqlite_where=_referring,
)

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("transaction_id", ID, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("entry_count", Integer, nullable=False),
    Column("account_id", ID, nullable=False),
    Column("side", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("currency", CHAR(3), nullable=False),
    Column("effective_at", Moment, nullable=False),
    Column("posted_at", Moment, nullable=False),
    CheckConstraint("position >= 0 AND position < entry_count", name="position"),
    CheckConstraint("side IN ('debit', 'credit')", name="side"),
    CheckConstraint("effect IN ('post', 'reserve', 'release')", name="effect"),
    CheckConstraint("minor > 0", name="minor"),
    ForeignKeyConstraint(
        ["transaction_id", "entry_count"],
        ["ledger_transactions.id", "ledger_transactions.entry_count"],
        name="fk_ledger_entries_transaction_id_ledger_transactions",
        deferrable=True,
        initially="DEFERRED",
        info=_SQLITE,
    ).ddl_if(dialect="sqlite"),
    Index("ix_ledger_entries_account_id_effective_at", "account_id", "effective_at", "transaction_id"),
)

ledger_unsealed = Table(
    "ledger_unsealed",
    metadata,
    Column("transaction_id", ID, primary_key=True),
)

# How many entries a database transaction of PostgreSQL has written that are not in a ledger transaction yet;
# none when it commits. No row outlives that, so that it need not be logged. On SQLite a row is there while a
# transaction, whose `rowid` is the writer, moves its accounts.
ledger_drafts = Table(
    "ledger_drafts",
    metadata,
    Column("writer", BigInteger, primary_key=True, autoincrement=False),
    Column("entries", BigInteger, nullable=False),
)

ledger_open_holds = Table(
    "ledger_open_holds",
    metadata,
    Column("hold_id", ID, primary_key=True),
    Column("expires_at", Moment),
    Index("ix_ledger_open_holds_expires_at", "expires_at"),
)

ledger_burned_keys = Table(
    "ledger_burned_keys",
    metadata,
    Column("key", KEY_TEXT, primary_key=True),
    Column("code", Text, nullable=False),
    Column("burned_at", Moment, nullable=False),
    _moments("burned_at"),
)

ledger_periods = Table(
    "ledger_periods",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("closed_until", Moment),
    Column("changed_at", Moment, nullable=False),
    Column("actor_id", ID),
    Column("reason", Text, nullable=False),
    _moments("closed_until", "changed_at"),
)

ledger_seals = Table(
    "ledger_seals",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("transaction_id", ID, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("seal_version", Integer, nullable=False),
    Index("uq_ledger_seals_transaction_id", "transaction_id", unique=True),
)

ledger_chain = Table(
    "ledger_chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("sealed_at", Moment, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    _moments("sealed_at"),
    CheckConstraint("id = 1", name="one_row"),
)
