"""The triggers of the ledger's tables on SQLite, as migration 0008 makes them. SQLite keeps anything
anywhere, a connection may leave CHECKs and references unenforced, and what a statement does where a row
conflicts holds for the triggers too: so whatever matters is asked here, and refused by RAISE."""
# ruff: noqa: S608 - statements are put together from the constants of this file

from multiproduct.adapters.sql.migrations.ledger_0008 import (
    FROZEN,
    REFERENCE_FAULTS,
    STANDS,
    SUMS,
    is_changed,
)

_MOVED = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in SUMS)
# Microseconds since 1970: the years 1 to 9999.
FIRST_MOMENT, LAST_MOMENT = -62_135_596_800_000_000, 253_402_300_799_999_999


def _is_moment(name: str) -> str:
    return f"(typeof({name}) = 'integer' AND {name} BETWEEN {FIRST_MOMENT} AND {LAST_MOMENT})"


def _is_id(name: str) -> str:
    return f"(typeof({name}) = 'text' AND length({name}) = 32 AND {name} NOT GLOB '*[^0-9a-f]*')"


def _or_null(name: str, condition: str) -> str:
    return f"({name} IS NULL OR {condition})"


def _refusing(name: str, when: str, condition: str, words: str) -> str:
    return (
        f"CREATE TRIGGER {name} {when} FOR EACH ROW {condition}"
        f" BEGIN SELECT RAISE(ABORT, 'ledger: {words}'); END"
    )


_OWN = "(SELECT * FROM ledger_entries WHERE transaction_id = NEW.id)"


def _sum(condition: str, value: str = "minor") -> str:
    return f"coalesce(sum(CASE WHEN {condition} THEN {value} END), 0)"


# A sum on the way to a smaller one may need more than 64 bits, where SQLite gives up: amounts are summed up
# in halves. What reverses has the same amounts as what it reverses, so that the sums of their halves are the
# same.
_HALF = 2**32


def _halves(sign: str) -> tuple[str, str]:
    return f"sum({sign}(e.minor / {_HALF}))", f"sum({sign}(e.minor % {_HALF}))"


_HIGH, _LOW = _halves("CASE e.side WHEN 'debit' THEN 1 ELSE -1 END * ")
_SUMMED = {
    "net": f"{_HIGH} || ':' || {_LOW}",
    "opposite": " || ':' || ".join(_halves("CASE e.side WHEN 'debit' THEN -1 ELSE 1 END * ")),
    "gross": "coalesce({} || ':' || {}, '')".format(*_halves("")),
}
_IS_ZERO = f"({_LOW} % {_HALF} = 0 AND {_HIGH} + {_LOW} / {_HALF} = 0)"
_PENDING = "CASE effect WHEN 'reserve' THEN minor ELSE -minor END"

# SQLite has no triggers of statements. All of it happens with the transaction's row, so that entries without
# one move nothing, even where a connection does not enforce foreign keys. A REPLACE removes rows without
# running a trigger of theirs, so it is refused before.
_IS_TRANSACTION = " AND ".join((
    _is_id("NEW.id"),
    _or_null("NEW.actor_id", _is_id("NEW.actor_id")),
    *(_is_moment(f"NEW.{name}") for name in ("effective_at", "posted_at")),
    _or_null("NEW.expires_at", _is_moment("NEW.expires_at")),
    "typeof(NEW.description) = 'text'",
    *(f"typeof(NEW.{name}) IN ('text', 'null')" for name in ('"key"', "reference")),
    "typeof(NEW.entry_count) = 'integer' AND NEW.entry_count >= 2",
    "NEW.kind IN ('posting', 'reversal', 'hold', 'settlement', 'void', 'timeout')",
    "(NEW.hold_id IS NOT NULL) = (NEW.kind IN ('settlement', 'void', 'timeout'))",
    "(NEW.reverses_id IS NOT NULL) = (NEW.kind = 'reversal')",
    "(NEW.expires_at IS NULL OR NEW.kind = 'hold')",
))  # fmt: skip
_CHECK_TRANSACTION = f"""
CREATE TRIGGER ledger_transactions_check BEFORE INSERT ON ledger_transactions FOR EACH ROW BEGIN
  SELECT RAISE(ABORT, 'ledger: this is no transaction') WHERE ({_IS_TRANSACTION}) IS NOT 1;
  SELECT RAISE(ABORT, 'ledger: what is written in ledger_transactions stays as it is') WHERE EXISTS (
    SELECT 1 FROM ledger_transactions WHERE id = NEW.id
    UNION ALL SELECT 1 FROM ledger_transactions WHERE "key" = NEW."key"
    UNION ALL SELECT 1 FROM ledger_transactions WHERE hold_id = NEW.hold_id
    UNION ALL SELECT 1 FROM ledger_transactions WHERE reverses_id = NEW.reverses_id);
  SELECT RAISE(ABORT, 'ledger: a key is used up') WHERE EXISTS (
    SELECT 1 FROM ledger_burned_keys WHERE "key" = NEW."key");
  SELECT RAISE(ABORT, 'ledger: the period is closed') WHERE NEW.effective_at < (
    SELECT closed_until FROM ledger_periods ORDER BY position DESC LIMIT 1);
  SELECT RAISE(ABORT, 'ledger: an account is missing, closed, or of another currency') WHERE EXISTS (
    SELECT 1 FROM {_OWN} e LEFT JOIN ledger_accounts a ON a.id = e.account_id
    WHERE a.id IS NULL OR a.currency <> e.currency OR a.closed_at IS NOT NULL);
  SELECT RAISE(ABORT, 'ledger: entries are missing, do not sum to zero or do not fit') WHERE
    (SELECT count(*) FROM {_OWN}) <> NEW.entry_count
    OR EXISTS (SELECT 1 FROM {_OWN} e GROUP BY currency, effect HAVING {_IS_ZERO} IS NOT 1)
    OR EXISTS (SELECT 1 FROM {_OWN} WHERE effective_at <> NEW.effective_at OR posted_at <> NEW.posted_at
      OR entry_count <> NEW.entry_count OR effect NOT IN (CASE NEW.kind WHEN 'hold' THEN 'reserve'
        WHEN 'void' THEN 'release' WHEN 'timeout' THEN 'release' ELSE 'post' END,
        CASE NEW.kind WHEN 'settlement' THEN 'release' ELSE '' END))
    OR (NEW.kind = 'settlement' AND (SELECT count(DISTINCT effect) FROM {_OWN}) <> 2);
  SELECT RAISE(ABORT, 'ledger: it does not fit what it ends or reverses')
    WHERE (NEW.hold_id IS NOT NULL OR NEW.reverses_id IS NOT NULL) AND EXISTS (
    {REFERENCE_FAULTS.format(id="NEW.id", hold="NEW.hold_id", reversed="NEW.reverses_id", **_SUMMED)});
END
"""

_ADDED = f"""(SELECT account_id, count(*) AS entries,
      {_sum("effect = 'post' AND side = 'debit'")} AS posted_debits,
      {_sum("effect = 'post' AND side = 'credit'")} AS posted_credits,
      {_sum("effect <> 'post' AND side = 'debit'", _PENDING)} AS pending_debits,
      {_sum("effect <> 'post' AND side = 'credit'", _PENDING)} AS pending_credits
    FROM {_OWN} GROUP BY account_id) AS s"""
# The row of `ledger_drafts` is there while accounts move, and can be put there only for a transaction that is
# in the journal and not yet in line to be sealed: there is none once this is done.
_WRITE = f"""
CREATE TRIGGER ledger_transactions_write AFTER INSERT ON ledger_transactions FOR EACH ROW BEGIN
  SELECT RAISE(ABORT, 'ledger: an account would exceed its limit, or 64 bits') WHERE EXISTS (
    SELECT 1 FROM (
      SELECT a.limit_rule AS rule,
        a.pending_debits + s.pending_debits AS held_debits,
        a.pending_credits + s.pending_credits AS held_credits,
        a.pending_debits + s.pending_debits + a.posted_debits + s.posted_debits AS debits,
        a.pending_credits + s.pending_credits + a.posted_credits + s.posted_credits AS credits
      FROM {_ADDED} JOIN ledger_accounts a ON a.id = s.account_id)
    WHERE (typeof(debits) = 'integer' AND typeof(credits) = 'integer' AND held_debits >= 0
      AND held_credits >= 0 AND CASE rule WHEN 'none' THEN 1
        WHEN 'debits_never_exceed_credits' THEN debits <= credits - held_credits
        WHEN 'credits_never_exceed_debits' THEN credits <= debits - held_debits END) IS NOT 1);
  INSERT INTO ledger_drafts (writer, entries) VALUES (NEW.rowid, NEW.entry_count);
  UPDATE ledger_accounts SET
    version = version + s.entries,
    posted_debits = ledger_accounts.posted_debits + s.posted_debits,
    posted_credits = ledger_accounts.posted_credits + s.posted_credits,
    pending_debits = ledger_accounts.pending_debits + s.pending_debits,
    pending_credits = ledger_accounts.pending_credits + s.pending_credits
  FROM {_ADDED}
  WHERE ledger_accounts.id = s.account_id;
  DELETE FROM ledger_drafts WHERE writer = NEW.rowid;
  INSERT INTO ledger_open_holds (hold_id, expires_at) SELECT NEW.id, NEW.expires_at WHERE NEW.kind = 'hold';
  DELETE FROM ledger_open_holds WHERE hold_id = NEW.hold_id;
  INSERT INTO ledger_unsealed (transaction_id) VALUES (NEW.id);
END
"""
_IS_ENTRY = " AND ".join((
    *(_is_id(f"NEW.{name}") for name in ("transaction_id", "account_id")),
    *(f"typeof(NEW.{name}) = 'integer'" for name in ("position", "entry_count", "minor")),
    "NEW.position >= 0 AND NEW.position < NEW.entry_count AND NEW.minor > 0",
    "NEW.side IN ('debit', 'credit') AND NEW.effect IN ('post', 'reserve', 'release')",
    *(_is_moment(f"NEW.{name}") for name in ("effective_at", "posted_at")),
))  # fmt: skip
_IS_ACCOUNT = " AND ".join((
    _is_id("NEW.id"),
    _or_null("NEW.owner_id", _is_id("NEW.owner_id")),
    "typeof(NEW.code) = 'text' AND length(NEW.code) BETWEEN 1 AND 120",
    "NEW.code GLOB '[A-Za-z0-9]*' AND NEW.code NOT GLOB '*[^A-Za-z0-9_.:@/+-]*'",
    "typeof(NEW.currency) = 'text' AND length(NEW.currency) = 3 AND NEW.currency NOT GLOB '*[^A-Z]*'",
    "NEW.kind IN ('asset', 'liability', 'equity', 'revenue', 'expense')",
    "NEW.limit_rule IN ('none', 'debits_never_exceed_credits', 'credits_never_exceed_debits')",
    *(f"typeof(NEW.{name}) = 'integer'" for name in SUMS),
    f"NOT ({STANDS}) AND NEW.closed_at IS NULL",
    _is_moment("NEW.created_at"),
    "NOT EXISTS (SELECT 1 FROM ledger_accounts WHERE id = NEW.id OR code = NEW.code)",
))  # fmt: skip
_IS_PERIOD = " AND ".join((
    "NEW.position = (SELECT coalesce(max(position), 0) + 1 FROM ledger_periods)",
    "typeof(NEW.position) = 'integer'",
    _or_null("NEW.closed_until", _is_moment("NEW.closed_until")),
    _is_moment("NEW.changed_at"),
    _or_null("NEW.actor_id", _is_id("NEW.actor_id")),
    "typeof(NEW.reason) = 'text'",
))  # fmt: skip
_IS_SEAL = (
    "typeof(NEW.sequence) = 'integer' AND NEW.sequence >= 1"
    " AND NEW.sequence <= (SELECT sequence FROM ledger_chain WHERE id = 1)"
    " AND typeof(NEW.hash) = 'blob' AND typeof(NEW.seal_version) = 'integer'"
    " AND EXISTS (SELECT 1 FROM ledger_unsealed WHERE transaction_id = NEW.transaction_id)"
    " AND NOT EXISTS (SELECT 1 FROM ledger_seals WHERE sequence = NEW.sequence"
    " OR transaction_id = NEW.transaction_id)"
)
_IS_BURNED = " AND ".join((
    """typeof(NEW."key") = 'text' AND typeof(NEW.code) = 'text'""",
    _is_moment("NEW.burned_at"),
    'NOT EXISTS (SELECT 1 FROM ledger_transactions WHERE "key" = NEW."key")',
))  # fmt: skip
_WAITS = (
    "EXISTS (SELECT 1 FROM ledger_transactions WHERE id = NEW.transaction_id)"
    " AND NOT EXISTS (SELECT 1 FROM ledger_seals WHERE transaction_id = NEW.transaction_id)"
    " AND NOT EXISTS (SELECT 1 FROM ledger_unsealed WHERE transaction_id = NEW.transaction_id"
    ")"
)
_IS_OPEN_HOLD = (
    "EXISTS (SELECT 1 FROM ledger_transactions WHERE id = NEW.hold_id AND kind = 'hold'"
    " AND expires_at IS NEW.expires_at)"
    " AND NOT EXISTS (SELECT 1 FROM ledger_transactions WHERE hold_id = NEW.hold_id)"
    " AND NOT EXISTS (SELECT 1 FROM ledger_open_holds WHERE hold_id = NEW.hold_id)"
)
_IS_BEING_WRITTEN = (
    "EXISTS (SELECT 1 FROM ledger_transactions t WHERE t.rowid = NEW.writer"
    " AND NOT EXISTS (SELECT 1 FROM ledger_unsealed WHERE transaction_id = t.id)"
    " AND NOT EXISTS (SELECT 1 FROM ledger_seals WHERE transaction_id = t.id))"
)


def _requiring(name: str, when: str, condition: str, words: str) -> str:
    return _refusing(name, when, f"WHEN ({condition}) IS NOT 1", words)


_TABLES = (*FROZEN, "ledger_accounts", "ledger_unsealed", "ledger_open_holds")

ON_SQLITE = (
    _CHECK_TRANSACTION,
    _WRITE,
    # A REPLACE may also name the number of a row. Before a row is there its number is -1 where none was
    # named, so that no row may have that.
    *(
        _refusing(
            f"{table}_place",
            f"BEFORE INSERT ON {table}",
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid)",
            f"what is written in {table} stays",
        )
        for table in _TABLES
    ),
    *(
        _refusing(f"{table}_placed", f"AFTER INSERT ON {table}", "WHEN NEW.rowid < 1", "rows count from 1")
        for table in _TABLES
    ),
    *(
        _requiring(f"{table}_{name}", f"BEFORE INSERT ON {table}", condition, words)
        for table, name, condition, words in (
            ("ledger_entries", "check", _IS_ENTRY, "this is no entry"),
            ("ledger_accounts", "begin", _IS_ACCOUNT, "an account begins empty, is well formed and stays"),
            ("ledger_periods", "follow", _IS_PERIOD, "a period follows on the last one, and stays"),
            ("ledger_seals", "check", _IS_SEAL, "a seal is up to the head, of what waits, and stays"),
            ("ledger_burned_keys", "check", _IS_BURNED, "a key was posted"),
            ("ledger_unsealed", "check", _WAITS, "what waits is in the journal, and not sealed"),
            ("ledger_open_holds", "check", _IS_OPEN_HOLD, "an open hold is in the journal"),
            ("ledger_drafts", "check", _IS_BEING_WRITTEN, "only transactions move accounts"),
        )
    ),
    (
        "CREATE TRIGGER ledger_entries_early BEFORE INSERT ON ledger_entries FOR EACH ROW BEGIN"
        " SELECT RAISE(ABORT, 'ledger: what is written in ledger_entries stays as it is') WHERE EXISTS ("
        "SELECT 1 FROM ledger_transactions WHERE id = NEW.transaction_id"
        " UNION ALL SELECT 1 FROM ledger_entries WHERE transaction_id = NEW.transaction_id"
        " AND position = NEW.position); END"
    ),
    *(
        _refusing(
            f"{name}_{verb.lower()}", f"BEFORE {verb} ON {name}", "", f"what is written in {name} stays"
        )
        for name, verbs in (
            *((name, ("UPDATE", "DELETE")) for name in FROZEN),
            ("ledger_accounts", ("DELETE",)),
            ("ledger_chain", ("DELETE",)),
            ("ledger_unsealed", ("UPDATE",)),
            ("ledger_open_holds", ("UPDATE",)),
            ("ledger_drafts", ("UPDATE",)),
        )
        for verb in verbs
    ),
    _refusing(
        "ledger_accounts_move",
        "BEFORE UPDATE ON ledger_accounts",
        f"WHEN ({_MOVED}) AND NOT EXISTS (SELECT 1 FROM ledger_drafts)",
        "only transactions move accounts",
    ),
    _refusing(
        "ledger_accounts_keep",
        "BEFORE UPDATE ON ledger_accounts",
        f"WHEN {is_changed(differs='IS NOT', first=FIRST_MOMENT, end=LAST_MOMENT + 1)}"
        " OR typeof(NEW.closed_at) NOT IN ('integer', 'null')"
        " OR (NEW.closed_at IS NOT NULL AND (NEW.posted_debits <> NEW.posted_credits"
        " OR NEW.pending_debits <> 0 OR NEW.pending_credits <> 0))",
        "what an account is stays",
    ),
    _refusing(
        "ledger_unsealed_delete",
        "BEFORE DELETE ON ledger_unsealed",
        "WHEN NOT EXISTS (SELECT 1 FROM ledger_seals WHERE transaction_id = OLD.transaction_id)",
        "what is not sealed waits for it",
    ),
    _refusing(
        "ledger_open_holds_delete",
        "BEFORE DELETE ON ledger_open_holds",
        "WHEN NOT EXISTS (SELECT 1 FROM ledger_transactions WHERE hold_id = OLD.hold_id)",
        "an open hold stays",
    ),
    # A rival's first head is left out, as ON CONFLICT does, and so is one that would replace it.
    (
        "CREATE TRIGGER ledger_chain_once BEFORE INSERT ON ledger_chain FOR EACH ROW"
        " BEGIN SELECT RAISE(IGNORE) WHERE EXISTS (SELECT 1 FROM ledger_chain); END"
    ),
    _refusing(
        "ledger_chain_advance",
        "BEFORE UPDATE ON ledger_chain",
        "WHEN NEW.id IS NOT OLD.id OR typeof(NEW.sequence) <> 'integer' OR NEW.sequence < OLD.sequence",
        "the head goes on",
    ),
)
