"""The triggers of the ledger's tables, as migration 0008 makes them: they hold for every statement, also for
those that are written around the API."""
# ruff: noqa: S608 - statements are put together from the constants of this file

from collections.abc import Mapping

_FROZEN = ("ledger_entries", "ledger_transactions", "ledger_seals", "ledger_periods", "ledger_burned_keys")
_SUMS = ("posted_debits", "posted_credits", "pending_debits", "pending_credits", "version")

# Any number that no other program is likely to use with this database.
PERIOD_LOCK = 7_206_415_593_018_262_914

_OF_RESERVED = "sum(CASE effect WHEN 'reserve' THEN minor WHEN 'release' THEN -minor END)"
_POSTED = {
    "posted_debits": "sum(minor) FILTER (WHERE effect = 'post' AND side = 'debit')",
    "posted_credits": "sum(minor) FILTER (WHERE effect = 'post' AND side = 'credit')",
}
_PENDING_SUMS = {
    "pending_debits": f"{_OF_RESERVED} FILTER (WHERE side = 'debit')",
    "pending_credits": f"{_OF_RESERVED} FILTER (WHERE side = 'credit')",
}


def _move(sums: Mapping[str, str]) -> str:
    """Moves the accounts of the fresh entries, in the order of their ids, the same for everybody, so that no
    two wait for each other; `moved` then counts the entries whose accounts are there."""
    moved = ", ".join(f"{name} = a.{name} + s.{name}" for name in sums)
    summed = ", ".join(f"coalesce({value}, 0)::bigint AS {name}" for name, value in sums.items())
    return f"""
    WITH changed AS (
      UPDATE ledger_accounts a SET version = a.version + s.entries, {moved}
      FROM (
        SELECT account_id, currency, count(*) AS entries, {summed}
        FROM fresh GROUP BY account_id, currency ORDER BY account_id
      ) s
      WHERE a.id = s.account_id AND a.currency = s.currency AND a.closed_at IS NULL
      RETURNING s.entries
    )
    SELECT coalesce(sum(entries), 0) INTO moved FROM changed;"""


# The plans of a trigger are made once for a connection, and are used for batches of every size on tables that
# were perhaps empty then: so rows are found by their keys, whatever the planner believes.
_APPLY_ENTRIES = f"""
CREATE FUNCTION ledger_apply_entries() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE written bigint; moved bigint; posts bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'ledger: entries are written in READ COMMITTED' USING ERRCODE = 'LG001';
  END IF;
  SELECT count(*), count(*) FILTER (WHERE effect = 'post') INTO written, posts FROM fresh;
  IF posts = written THEN {_move(_POSTED)}
  ELSE {_move(_POSTED | _PENDING_SUMS)}
  END IF;
  IF written <> moved THEN
    RAISE EXCEPTION 'ledger: an account is missing, closed, or of another currency' USING ERRCODE = 'LG004';
  END IF;
  INSERT INTO ledger_drafts AS d (writer, entries)
    SELECT pg_current_xact_id()::text::bigint, written WHERE written > 0
    ON CONFLICT (writer) DO UPDATE SET entries = d.entries + excluded.entries;
  RETURN NULL;
END $$
"""

# An entry has the number of its transaction's entries and a position below it, no two the same: so where as
# many fit as all the transactions want, each transaction has all of its own.
_CHECK_TRANSACTIONS = f"""
CREATE FUNCTION ledger_check_transactions() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE closed timestamptz; wanted bigint; posts boolean; fitting bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'ledger: transactions are written in READ COMMITTED' USING ERRCODE = 'LG001';
  END IF;
  PERFORM pg_advisory_xact_lock_shared({PERIOD_LOCK});
  SELECT closed_until INTO closed FROM ledger_periods ORDER BY position DESC LIMIT 1;
  IF EXISTS (SELECT FROM fresh WHERE effective_at < closed) THEN
    RAISE EXCEPTION 'ledger: the period is closed' USING ERRCODE = 'LG002';
  END IF;
  SELECT coalesce(sum(entry_count), 0), coalesce(bool_and(kind = 'posting'), true) INTO wanted, posts
    FROM fresh;
  SELECT coalesce(sum(entries), 0) INTO fitting FROM (
    SELECT count(*) AS entries FROM fresh t JOIN ledger_entries e ON e.transaction_id = t.id
    GROUP BY e.transaction_id, e.effect, e.currency
    HAVING sum(CASE e.side WHEN 'debit' THEN e.minor ELSE -e.minor END) = 0
      AND bool_and(e.effective_at = t.effective_at AND e.posted_at = t.posted_at
        AND e.entry_count = t.entry_count AND CASE t.kind
          WHEN 'posting' THEN e.effect = 'post'
          WHEN 'reversal' THEN e.effect = 'post'
          WHEN 'hold' THEN e.effect = 'reserve'
          WHEN 'settlement' THEN e.effect <> 'reserve'
          ELSE e.effect = 'release' END)
  ) good;
  IF wanted <> fitting OR (NOT posts AND EXISTS (
    SELECT FROM fresh t WHERE t.kind = 'settlement' AND (
      SELECT count(DISTINCT effect) FROM ledger_entries e WHERE e.transaction_id = t.id) <> 2
  )) THEN
    RAISE EXCEPTION 'ledger: entries are missing, do not sum to zero or do not fit' USING ERRCODE = 'LG001';
  END IF;
  INSERT INTO ledger_drafts AS d (writer, entries)
    SELECT pg_current_xact_id()::text::bigint, -wanted WHERE wanted > 0
    ON CONFLICT (writer) DO UPDATE SET entries = d.entries + excluded.entries;
  INSERT INTO ledger_unsealed (transaction_id) SELECT id FROM fresh;
  IF NOT posts THEN
    PERFORM ledger_check_reference(t.id, t.hold_id, t.reverses_id) FROM fresh t
      WHERE t.hold_id IS NOT NULL OR t.reverses_id IS NOT NULL;
    INSERT INTO ledger_open_holds (hold_id, expires_at) SELECT id, expires_at FROM fresh WHERE kind = 'hold';
    DELETE FROM ledger_open_holds o USING fresh t WHERE o.hold_id = t.hold_id;
  END IF;
  RETURN NULL;
END $$
"""

_REFERENCE_FAULTS = """
    SELECT 1 FROM ledger_entries e WHERE e.transaction_id = {id} AND {hold} IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM ledger_entries h WHERE h.transaction_id = {hold} AND h.effect = 'reserve'
        AND h.account_id = e.account_id AND h.side = e.side
        AND (e.minor = h.minor OR (e.effect = 'post' AND e.minor < h.minor)))
    UNION ALL
    SELECT 1 FROM (
      SELECT e.account_id, sum(CASE e.side WHEN 'debit' THEN e.minor ELSE -e.minor END) AS net,
        sum(e.minor) AS gross FROM ledger_entries e
      WHERE e.transaction_id = {id} AND {reversed} IS NOT NULL GROUP BY e.account_id
      EXCEPT
      SELECT e.account_id, -sum(CASE e.side WHEN 'debit' THEN e.minor ELSE -e.minor END), sum(e.minor)
      FROM ledger_entries e WHERE e.transaction_id = {reversed} AND e.effect = 'post' GROUP BY e.account_id
    ) x
    UNION ALL
    SELECT 1 WHERE {reversed} IS NOT NULL AND (
      SELECT sum(minor) FROM ledger_entries WHERE transaction_id = {id})
      <> (SELECT coalesce(sum(minor), 0) FROM ledger_entries
        WHERE transaction_id = {reversed} AND effect = 'post')
    UNION ALL
    SELECT 1 WHERE {reversed} IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM ledger_transactions r WHERE r.id = {reversed} AND r.kind IN ('posting', 'settlement'))
"""

_CHECK_REFERENCE = f"""
CREATE FUNCTION ledger_check_reference(of_id uuid, of_hold uuid, of_reversed uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS ({_REFERENCE_FAULTS.format(id="of_id", hold="of_hold", reversed="of_reversed")}) THEN
    RAISE EXCEPTION 'ledger: it does not fit what it ends or reverses' USING ERRCODE = 'LG001';
  END IF;
END $$
"""

# What a reference from each entry to its transaction would say, for the price of one row for each database
# transaction: it has written just as many entries as its ledger transactions have. Each of these was checked
# to have all of its own; so none is left, none belongs to somebody else's transaction, and none comes later.
_CHECK_DRAFT = """
CREATE FUNCTION ledger_check_draft() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger_drafts WHERE writer = NEW.writer AND entries <> 0) THEN
    RAISE EXCEPTION 'ledger: entries are left that belong to no new transaction' USING ERRCODE = 'LG001';
  END IF;
  DELETE FROM ledger_drafts WHERE writer = NEW.writer;
  RETURN NULL;
END $$
"""

_REFUSE = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger: what is written in % stays as it is', TG_TABLE_NAME USING ERRCODE = 'LG003';
END $$
"""
_TAKE_TURN = f"""
CREATE FUNCTION ledger_take_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Waits for those who post: they have looked up to when the books are closed, and are not done.
  PERFORM pg_advisory_xact_lock({PERIOD_LOCK});
  RETURN NULL;
END $$
"""
_STANDS = " OR ".join(f"NEW.{name} <> 0" for name in _SUMS)
_MOVED = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in _SUMS)
_RENAMED = (
    "NEW.id <> OLD.id OR NEW.code <> OLD.code"
    " OR (OLD.version > 0 AND (NEW.kind <> OLD.kind OR NEW.currency <> OLD.currency))"
    " OR (OLD.closed_at IS NOT NULL AND (NEW.closed_at IS NULL OR NEW.closed_at <> OLD.closed_at))"
)

ON_POSTGRESQL = (
    _APPLY_ENTRIES,
    _CHECK_REFERENCE,
    _CHECK_TRANSACTIONS,
    _CHECK_DRAFT,
    _REFUSE,
    _TAKE_TURN,
    (
        "CREATE TRIGGER ledger_entries_apply AFTER INSERT ON ledger_entries REFERENCING NEW TABLE AS fresh"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_apply_entries()"
    ),
    (
        "CREATE TRIGGER ledger_transactions_check AFTER INSERT ON ledger_transactions"
        " REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_transactions()"
    ),
    *(
        f"CREATE TRIGGER {name}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
        for name in _FROZEN
    ),
    (
        "CREATE TRIGGER ledger_accounts_stay BEFORE DELETE OR TRUNCATE ON ledger_accounts"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
    ),
    (
        "CREATE TRIGGER ledger_accounts_begin_empty BEFORE INSERT ON ledger_accounts FOR EACH ROW"
        f" WHEN ({_STANDS}) EXECUTE FUNCTION ledger_refuse()"
    ),
    # Only the triggers above may move an account or count entries. They are told apart by the statement, as
    # a trigger for each row would take more time than to move it.
    (
        f"CREATE TRIGGER ledger_accounts_move BEFORE UPDATE OF {', '.join(_SUMS)} ON ledger_accounts"
        " FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse()"
    ),
    (
        "CREATE TRIGGER ledger_accounts_keep BEFORE UPDATE OF id, code, kind, currency, closed_at"
        f" ON ledger_accounts FOR EACH ROW WHEN ({_RENAMED}) EXECUTE FUNCTION ledger_refuse()"
    ),
    (
        "CREATE TRIGGER ledger_drafts_stay BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ledger_drafts"
        " FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ledger_refuse()"
    ),
    (
        "CREATE CONSTRAINT TRIGGER ledger_drafts_done AFTER INSERT OR UPDATE ON ledger_drafts DEFERRABLE"
        " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_draft()"
    ),
    (
        "CREATE TRIGGER ledger_periods_turn BEFORE INSERT ON ledger_periods"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_take_turn()"
    ),
)


def _refusing(name: str, when: str, condition: str, words: str) -> str:
    return (
        f"CREATE TRIGGER {name} {when} FOR EACH ROW {condition}"
        f" BEGIN SELECT RAISE(ABORT, 'ledger: {words}'); END"
    )


_OWN = "(SELECT * FROM ledger_entries WHERE transaction_id = NEW.id)"


def _sum(condition: str, value: str = "minor") -> str:
    return f"coalesce(sum(CASE WHEN {condition} THEN {value} END), 0)"


_PENDING = "CASE effect WHEN 'reserve' THEN minor ELSE -minor END"

# SQLite has no triggers of statements. All of it happens with the transaction's row, so that entries without
# one move nothing, even where a connection does not enforce foreign keys. A REPLACE removes rows without
# running a trigger of theirs, so it is refused before.
_WRITE_ON_SQLITE = f"""
CREATE TRIGGER ledger_transactions_write BEFORE INSERT ON ledger_transactions FOR EACH ROW BEGIN
  SELECT RAISE(ABORT, 'ledger: what is written in ledger_transactions stays as it is') WHERE EXISTS (
    SELECT 1 FROM ledger_transactions WHERE id = NEW.id
    UNION ALL SELECT 1 FROM ledger_transactions WHERE "key" = NEW."key"
    UNION ALL SELECT 1 FROM ledger_transactions WHERE hold_id = NEW.hold_id
    UNION ALL SELECT 1 FROM ledger_transactions WHERE reverses_id = NEW.reverses_id);
  SELECT RAISE(ABORT, 'ledger: the period is closed') WHERE NEW.effective_at < (
    SELECT closed_until FROM ledger_periods ORDER BY position DESC LIMIT 1);
  SELECT RAISE(ABORT, 'ledger: an account is missing, closed, or of another currency') WHERE EXISTS (
    SELECT 1 FROM {_OWN} e LEFT JOIN ledger_accounts a ON a.id = e.account_id
    WHERE a.id IS NULL OR a.currency <> e.currency OR a.closed_at IS NOT NULL);
  SELECT RAISE(ABORT, 'ledger: entries are missing, do not sum to zero or do not fit') WHERE
    (SELECT count(*) FROM {_OWN}) <> NEW.entry_count
    OR EXISTS (SELECT 1 FROM {_OWN} GROUP BY currency, effect
      HAVING sum(CASE side WHEN 'debit' THEN minor ELSE -minor END) <> 0)
    OR EXISTS (SELECT 1 FROM {_OWN} WHERE effective_at <> NEW.effective_at OR posted_at <> NEW.posted_at
      OR entry_count <> NEW.entry_count OR effect NOT IN (CASE NEW.kind WHEN 'hold' THEN 'reserve'
        WHEN 'void' THEN 'release' WHEN 'timeout' THEN 'release' ELSE 'post' END,
        CASE NEW.kind WHEN 'settlement' THEN 'release' ELSE '' END))
    OR (NEW.kind = 'settlement' AND (SELECT count(DISTINCT effect) FROM {_OWN}) <> 2);
  SELECT RAISE(ABORT, 'ledger: it does not fit what it ends or reverses')
    WHERE (NEW.hold_id IS NOT NULL OR NEW.reverses_id IS NOT NULL) AND EXISTS (
    {_REFERENCE_FAULTS.format(id="NEW.id", hold="NEW.hold_id", reversed="NEW.reverses_id")});
  INSERT INTO ledger_unsealed (transaction_id) VALUES (NEW.id);
  UPDATE ledger_accounts SET
    version = version + s.entries,
    posted_debits = ledger_accounts.posted_debits + s.posted_debits,
    posted_credits = ledger_accounts.posted_credits + s.posted_credits,
    pending_debits = ledger_accounts.pending_debits + s.pending_debits,
    pending_credits = ledger_accounts.pending_credits + s.pending_credits
  FROM (SELECT account_id, count(*) AS entries,
      {_sum("effect = 'post' AND side = 'debit'")} AS posted_debits,
      {_sum("effect = 'post' AND side = 'credit'")} AS posted_credits,
      {_sum("effect <> 'post' AND side = 'debit'", _PENDING)} AS pending_debits,
      {_sum("effect <> 'post' AND side = 'credit'", _PENDING)} AS pending_credits
    FROM {_OWN} GROUP BY account_id) AS s
  WHERE ledger_accounts.id = s.account_id;
  INSERT INTO ledger_open_holds (hold_id, expires_at) SELECT NEW.id, NEW.expires_at WHERE NEW.kind = 'hold';
  DELETE FROM ledger_open_holds WHERE hold_id = NEW.hold_id;
END
"""

# Accounts move only while a transaction is being written: then the newest of those that wait to be sealed has
# no row yet.
_NOT_WRITING = (
    "NOT EXISTS (SELECT 1 FROM ledger_unsealed WHERE rowid = (SELECT max(rowid) FROM ledger_unsealed)"
    " AND NOT EXISTS (SELECT 1 FROM ledger_transactions WHERE id = transaction_id))"
)

ON_SQLITE = (
    _WRITE_ON_SQLITE,
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
        for name in (*_FROZEN, "ledger_accounts")
        for verb in ("UPDATE", "DELETE")
        if (name, verb) != ("ledger_accounts", "UPDATE")
    ),
    _refusing(
        "ledger_accounts_begin_empty",
        "BEFORE INSERT ON ledger_accounts",
        f"WHEN {_STANDS} OR EXISTS (SELECT 1 FROM ledger_accounts WHERE id = NEW.id OR code = NEW.code)",
        "an account begins empty and stays",
    ),
    (
        "CREATE TRIGGER ledger_accounts_move BEFORE UPDATE ON ledger_accounts FOR EACH ROW"
        f" WHEN {_MOVED} BEGIN SELECT RAISE(ABORT, 'ledger: only transactions move accounts')"
        f" WHERE {_NOT_WRITING}; END"
    ),
    _refusing(
        "ledger_accounts_keep",
        "BEFORE UPDATE ON ledger_accounts",
        f"WHEN {_RENAMED}",
        "what an account is stays",
    ),
    _refusing(
        "ledger_periods_again",
        "BEFORE INSERT ON ledger_periods",
        "WHEN EXISTS (SELECT 1 FROM ledger_periods WHERE position = NEW.position)",
        "what is written in ledger_periods stays",
    ),
    _refusing(
        "ledger_seals_again",
        "BEFORE INSERT ON ledger_seals",
        "WHEN EXISTS (SELECT 1 FROM ledger_seals WHERE sequence = NEW.sequence"
        " OR transaction_id = NEW.transaction_id)",
        "what is written in ledger_seals stays",
    ),
)
