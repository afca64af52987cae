"""The ledger: accounts, journal, entries, holds, periods, and the triggers that hold them together."""

import sqlalchemy as sa
from alembic import op

from multiproduct.adapters.sql.migrations.granting import grant
from multiproduct.adapters.sql.migrations.ledger_0008 import END_OF_MOMENTS, FIRST_MOMENT, on_postgresql
from multiproduct.adapters.sql.migrations.ledger_sqlite_0008 import ON_SQLITE

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()
_FOR_ADMINS = (
    "ledger.account.close",
    "ledger.account.open",
    "ledger.account.read",
    "ledger.period.close",
    "ledger.period.read",
    "ledger.period.reopen",
    "ledger.transaction.post",
    "ledger.transaction.read",
)
_KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes the tables and their triggers."""
    _create_accounts()
    _create_journal()
    _create_lists()
    _create_chain()
    grant("admin", _FOR_ADMINS)
    for statement in on_postgresql(_schema()) if _is_postgresql() else ON_SQLITE:
        op.get_bind().exec_driver_sql(statement)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _schema() -> str:
    """Where the tables were made, quoted."""
    schema: str = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    return schema


def _moments(table: str, *names: str) -> list[sa.CheckConstraint]:
    """Within the years that everybody who reads them knows. On SQLite triggers say so."""
    if not _is_postgresql():
        return []
    bounds = [f"{name} >= {FIRST_MOMENT} AND {name} < {END_OF_MOMENTS}" for name in names]
    return [sa.CheckConstraint(" AND ".join(bounds), name=op.f(f"ck_{table}_moments"))]


def _create_accounts() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("code", _KEY_TEXT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("owner_id", _ID),
        sa.Column("limit_rule", sa.Text(), nullable=False),
        sa.Column("posted_debits", sa.BigInteger(), nullable=False),
        sa.Column("posted_credits", sa.BigInteger(), nullable=False),
        sa.Column("pending_debits", sa.BigInteger(), nullable=False),
        sa.Column("pending_credits", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("closed_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_accounts"),
        sa.CheckConstraint(
            "kind IN ('asset', 'liability', 'equity', 'revenue', 'expense')",
            name=op.f("ck_ledger_accounts_kind"),
        ),
        sa.CheckConstraint(
            "posted_debits >= 0 AND posted_credits >= 0 AND pending_debits >= 0 AND pending_credits >= 0"
            " AND posted_debits + pending_debits >= 0 AND posted_credits + pending_credits >= 0",
            name=op.f("ck_ledger_accounts_sums"),
        ),
        sa.CheckConstraint(
            "limit_rule = 'none' OR (limit_rule = 'debits_never_exceed_credits'"
            " AND posted_debits + pending_debits <= posted_credits)"
            " OR (limit_rule = 'credits_never_exceed_debits'"
            " AND posted_credits + pending_credits <= posted_debits)",
            name=op.f("ck_ledger_accounts_limit_rule"),
        ),
        sa.CheckConstraint(
            "closed_at IS NULL"
            " OR (posted_debits = posted_credits AND pending_debits = 0 AND pending_credits = 0)",
            name=op.f("ck_ledger_accounts_closed"),
        ),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index("uq_ledger_accounts_code", "ledger_accounts", ["code"], unique=True)
    op.create_index("ix_ledger_accounts_owner_id_code", "ledger_accounts", ["owner_id", "code"])


def _create_journal() -> None:
    op.create_table(
        "ledger_transactions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", _KEY_TEXT),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("reference", _KEY_TEXT),
        sa.Column("effective_at", _MOMENT, nullable=False),
        sa.Column("posted_at", _MOMENT, nullable=False),
        sa.Column("actor_id", _ID),
        sa.Column("hold_id", _ID),
        sa.Column("reverses_id", _ID),
        sa.Column("expires_at", _MOMENT),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_transactions"),
        *_moments("ledger_transactions", "effective_at", "posted_at", "expires_at"),
        *_referred_on_sqlite(),
        sa.CheckConstraint(
            "entry_count >= 2 AND entry_count = CASE kind WHEN 'posting' THEN entry_count"
            " WHEN 'reversal' THEN entry_count WHEN 'settlement' THEN 4 WHEN 'hold' THEN 2"
            " WHEN 'void' THEN 2 WHEN 'timeout' THEN 2 ELSE 0 END",
            name=op.f("ck_ledger_transactions_kind"),
        ),
        sa.CheckConstraint(
            "(hold_id IS NOT NULL) = (kind IN ('settlement', 'void', 'timeout'))"
            " AND (reverses_id IS NOT NULL) = (kind = 'reversal')"
            " AND (expires_at IS NULL OR kind = 'hold')",
            name=op.f("ck_ledger_transactions_references"),
        ),
    )
    for name in ("key", "hold_id", "reverses_id"):
        _index_given(f"uq_ledger_transactions_{name}", [name], name, unique=True)
    _index_given("ix_ledger_transactions_reference_id", ["reference", "id"], "reference", unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("transaction_id", _ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("effective_at", _MOMENT, nullable=False),
        sa.Column("posted_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", "position", name="pk_ledger_entries"),
        sa.CheckConstraint(
            "position >= 0 AND position < entry_count", name=op.f("ck_ledger_entries_position")
        ),
        sa.CheckConstraint("side IN ('debit', 'credit')", name=op.f("ck_ledger_entries_side")),
        sa.CheckConstraint("effect IN ('post', 'reserve', 'release')", name=op.f("ck_ledger_entries_effect")),
        sa.CheckConstraint("minor > 0", name=op.f("ck_ledger_entries_minor")),
        *_reference_on_sqlite(),
    )
    op.create_index(
        "ix_ledger_entries_account_id_effective_at",
        "ledger_entries",
        ["account_id", "effective_at", "transaction_id"],
    )


def _referred_on_sqlite() -> list[sa.UniqueConstraint]:
    """What the reference of entries needs."""
    if _is_postgresql():
        return []
    return [sa.UniqueConstraint("id", "entry_count", name="uq_ledger_transactions_id_entry_count")]


def _reference_on_sqlite() -> list[sa.ForeignKeyConstraint]:
    """On PostgreSQL entries are counted instead."""
    if _is_postgresql():
        return []
    reference = sa.ForeignKeyConstraint(
        ["transaction_id", "entry_count"],
        ["ledger_transactions.id", "ledger_transactions.entry_count"],
        name="fk_ledger_entries_transaction_id_ledger_transactions",
        deferrable=True,
        initially="DEFERRED",
    )
    return [reference]


def _index_given(name: str, columns: list[str], given: str, *, unique: bool) -> None:
    condition = sa.column(given).is_not(None)
    op.create_index(
        name,
        "ledger_transactions",
        columns,
        unique=unique,
        postgresql_where=condition,
        sqlite_where=condition,
    )


def _create_lists() -> None:
    op.create_table(
        "ledger_unsealed",
        sa.Column("transaction_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", name="pk_ledger_unsealed"),
    )
    op.create_table(
        "ledger_drafts",
        sa.Column("writer", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("writer", name="pk_ledger_drafts"),
        prefixes=["UNLOGGED"] if _is_postgresql() else [],
    )
    op.create_table(
        "ledger_open_holds",
        sa.Column("hold_id", _ID, nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.PrimaryKeyConstraint("hold_id", name="pk_ledger_open_holds"),
    )
    op.create_index("ix_ledger_open_holds_expires_at", "ledger_open_holds", ["expires_at"])
    op.create_table(
        "ledger_burned_keys",
        sa.Column("key", _KEY_TEXT, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("burned_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_ledger_burned_keys"),
        *_moments("ledger_burned_keys", "burned_at"),
    )
    op.create_table(
        "ledger_periods",
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("closed_until", _MOMENT),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("actor_id", _ID),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_ledger_periods"),
        *_moments("ledger_periods", "closed_until", "changed_at"),
    )


def _create_chain() -> None:
    op.create_table(
        "ledger_seals",
        sa.Column("sequence", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("transaction_id", _ID, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("seal_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_ledger_seals"),
    )
    op.create_index("uq_ledger_seals_transaction_id", "ledger_seals", ["transaction_id"], unique=True)
    op.create_table(
        "ledger_chain",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", _MOMENT, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_chain"),
        *_moments("ledger_chain", "sealed_at"),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_chain_one_row")),
    )
