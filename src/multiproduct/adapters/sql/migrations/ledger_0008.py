"""The triggers of the ledger's tables on PostgreSQL, as migration 0008 makes them: they hold for every
statement, also for those that are written around the API. Those of SQLite are in `ledger_sqlite_0008`."""
# ruff: noqa: S608 - statements are put together from the constants of this file

from collections.abc import Mapping

FROZEN = ("ledger_entries", "ledger_transactions", "ledger_seals", "ledger_periods", "ledger_burned_keys")
SUMS = ("posted_debits", "posted_credits", "pending_debits", "pending_credits", "version")

# Any numbers that no other program is likely to use with this database.
PERIOD_LOCK = 7_206_415_593_018_262_914
KEY_LOCK = 1_720_641_559
# Keys share so many locks, as the server has no room for one for each key of a large batch. One more, the
# last, is the turn to use up a key under such a lock.
_STRIPES = 64
_STRIPES_OF_KEYS = f"""(
      SELECT DISTINCT hashtext("key") & {_STRIPES - 1} AS stripe FROM fresh WHERE {{which}} ORDER BY 1) s"""
# Functions find what they name in the schema of the ledger, whatever the session has put in front of it, and
# work with the rights of their owner: whoever may add entries need not be allowed to move an account.
_PLPGSQL = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, @schema, pg_temp"
FIRST_MOMENT, END_OF_MOMENTS = "'0001-01-01 00:00:00+00'", "'10000-01-01 00:00:00+00'"

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
CREATE FUNCTION ledger_apply_entries() RETURNS trigger {_PLPGSQL}
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE written bigint; moved bigint; posts bigint;
BEGIN
  IF TG_RELID <> 'ledger_entries'::regclass THEN
    RAISE EXCEPTION 'ledger: this is for entries' USING ERRCODE = 'LG003';
  END IF;
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
CREATE FUNCTION ledger_check_transactions() RETURNS trigger {_PLPGSQL}
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE closed timestamptz; wanted bigint; posts boolean; keyed bigint; fitting bigint;
BEGIN
  IF TG_RELID <> 'ledger_transactions'::regclass THEN
    RAISE EXCEPTION 'ledger: this is for transactions' USING ERRCODE = 'LG003';
  END IF;
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'ledger: transactions are written in READ COMMITTED' USING ERRCODE = 'LG001';
  END IF;
  SELECT coalesce(sum(entry_count), 0), coalesce(bool_and(kind = 'posting'), true), count("key")
    INTO wanted, posts, keyed FROM fresh;
  -- Before the lock of the period, as by those who use keys up and post then.
  IF keyed > 0 THEN
    PERFORM pg_advisory_xact_lock_shared({KEY_LOCK}, s.stripe)
      FROM {_STRIPES_OF_KEYS.format(which='"key" IS NOT NULL')};
    IF EXISTS (SELECT FROM fresh t JOIN ledger_burned_keys b ON b."key" = t."key") THEN
      RAISE EXCEPTION 'ledger: a key is used up' USING ERRCODE = 'LG005';
    END IF;
  END IF;
  PERFORM pg_advisory_xact_lock_shared({PERIOD_LOCK});
  SELECT closed_until INTO closed FROM ledger_periods ORDER BY position DESC LIMIT 1;
  IF EXISTS (SELECT FROM fresh WHERE effective_at < closed) THEN
    RAISE EXCEPTION 'ledger: the period is closed' USING ERRCODE = 'LG002';
  END IF;
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

REFERENCE_FAULTS = """
    SELECT 1 FROM ledger_entries e WHERE e.transaction_id = {id} AND {hold} IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM ledger_entries h WHERE h.transaction_id = {hold} AND h.effect = 'reserve'
        AND h.account_id = e.account_id AND h.side = e.side
        AND (e.minor = h.minor OR (e.effect = 'post' AND e.minor < h.minor)))
    UNION ALL
    SELECT 1 FROM (
      SELECT e.account_id, {net} AS net, {gross} AS gross FROM ledger_entries e
      WHERE e.transaction_id = {id} AND {reversed} IS NOT NULL GROUP BY e.account_id
      EXCEPT
      SELECT e.account_id, {opposite}, {gross}
      FROM ledger_entries e WHERE e.transaction_id = {reversed} AND e.effect = 'post' GROUP BY e.account_id
    ) x
    UNION ALL
    SELECT 1 WHERE {reversed} IS NOT NULL AND (
      SELECT {gross} FROM ledger_entries e WHERE e.transaction_id = {id})
      <> (SELECT {gross} FROM ledger_entries e
        WHERE e.transaction_id = {reversed} AND e.effect = 'post')
    UNION ALL
    SELECT 1 WHERE {reversed} IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM ledger_transactions r WHERE r.id = {reversed} AND r.kind IN ('posting', 'settlement'))
"""

# Sums are `numeric` here and have no bounds.
_SUMMED = {
    "net": "sum(CASE e.side WHEN 'debit' THEN e.minor ELSE -e.minor END)",
    "opposite": "sum(CASE e.side WHEN 'debit' THEN -e.minor ELSE e.minor END)",
    "gross": "coalesce(sum(e.minor), 0)",
}

_CHECK_REFERENCE = f"""
CREATE FUNCTION ledger_check_reference(of_id uuid, of_hold uuid, of_reversed uuid) RETURNS void
{_PLPGSQL} AS $$
BEGIN
  IF EXISTS ({REFERENCE_FAULTS.format(id="of_id", hold="of_hold", reversed="of_reversed", **_SUMMED)}) THEN
    RAISE EXCEPTION 'ledger: it does not fit what it ends or reverses' USING ERRCODE = 'LG001';
  END IF;
END $$
"""

# What a reference from each entry to its transaction would say, for the price of one row for each database
# transaction: it has written just as many entries as its ledger transactions have. Each of these was checked
# to have all of its own; so none is left, none belongs to somebody else's transaction, and none comes later.
_CHECK_DRAFT = f"""
CREATE FUNCTION ledger_check_draft() RETURNS trigger {_PLPGSQL} SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger_drafts WHERE writer = NEW.writer AND entries <> 0) THEN
    RAISE EXCEPTION 'ledger: entries are left that belong to no new transaction' USING ERRCODE = 'LG001';
  END IF;
  DELETE FROM ledger_drafts WHERE writer = NEW.writer;
  RETURN NULL;
END $$
"""

_REFUSE = f"""
CREATE FUNCTION ledger_refuse() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  RAISE EXCEPTION 'ledger: what is written in % stays as it is', TG_TABLE_NAME USING ERRCODE = 'LG003';
END $$
"""
_TAKE_TURN = f"""
CREATE FUNCTION ledger_take_turn() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  -- Waits for those who post: they have looked up to when the books are closed, and are not done.
  PERFORM pg_advisory_xact_lock({PERIOD_LOCK});
  RETURN NULL;
END $$
"""

# Whoever is refused for an account holds it, so that a rival who posts the same waits, and finds the key used
# up. Whoever is refused because something is not there holds nothing, and waits here for all that post with
# keys like this one: one after the other, as two could wait for each other's keys.
_HOLDS_NOTHING = "code IN ('account_not_found', 'hold_not_found', 'transaction_not_found')"
_CHECK_BURNED = f"""
CREATE FUNCTION ledger_check_burned() RETURNS trigger {_PLPGSQL} AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'ledger: keys are used up in READ COMMITTED' USING ERRCODE = 'LG001';
  END IF;
  IF EXISTS (SELECT FROM fresh WHERE {_HOLDS_NOTHING}) THEN
    PERFORM pg_advisory_xact_lock({KEY_LOCK}, {_STRIPES});
    PERFORM pg_advisory_xact_lock({KEY_LOCK}, s.stripe)
      FROM {_STRIPES_OF_KEYS.format(which=_HOLDS_NOTHING)};
  END IF;
  IF EXISTS (SELECT FROM fresh f JOIN ledger_transactions t ON t."key" = f."key") THEN
    RAISE EXCEPTION 'ledger: a key was posted' USING ERRCODE = 'LG005';
  END IF;
  RETURN NULL;
END $$
"""

_CHECK_PERIOD = f"""
CREATE FUNCTION ledger_check_period() RETURNS trigger {_PLPGSQL} AS $$
DECLARE last integer;
BEGIN
  SELECT max(position) INTO last FROM ledger_periods;
  -- What is there already is for the key to refuse: somebody else was first.
  IF NEW.position <> coalesce(last, 0) + 1 AND NOT EXISTS (
    SELECT FROM ledger_periods WHERE position = NEW.position
  ) THEN
    RAISE EXCEPTION 'ledger: a period follows on the last one' USING ERRCODE = 'LG001';
  END IF;
  RETURN NEW;
END $$
"""

# The head moves first: so nobody can take a number before the chain has come to it.
_CHECK_SEALS = f"""
CREATE FUNCTION ledger_check_seals() RETURNS trigger {_PLPGSQL}
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE reached bigint;
BEGIN
  SELECT sequence INTO reached FROM ledger_chain WHERE id = 1;
  IF EXISTS (
    SELECT FROM fresh f WHERE f.sequence < 1 OR f.sequence > coalesce(reached, 0)
      OR NOT EXISTS (SELECT FROM ledger_unsealed u WHERE u.transaction_id = f.transaction_id)
  ) THEN
    RAISE EXCEPTION 'ledger: a seal is beyond the head, or of what does not wait' USING ERRCODE = 'LG001';
  END IF;
  RETURN NULL;
END $$
"""
_CHECK_UNSEALED = f"""
CREATE FUNCTION ledger_check_unsealed() RETURNS trigger {_PLPGSQL}
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM gone g WHERE NOT EXISTS (SELECT FROM ledger_seals s WHERE s.transaction_id = g.transaction_id)
  ) THEN
    RAISE EXCEPTION 'ledger: what is not sealed waits for it' USING ERRCODE = 'LG001';
  END IF;
  RETURN NULL;
END $$
"""

STANDS = " OR ".join(f"NEW.{name} <> 0" for name in SUMS)
_BEGINS_BADLY = (
    f"{STANDS} OR NEW.closed_at IS NOT NULL OR NEW.code !~ '^[A-Za-z0-9][A-Za-z0-9_.:@/+-]{{0,119}}$'"
    " OR NEW.currency !~ '^[A-Z]{3}$'"
    f" OR NEW.created_at < {FIRST_MOMENT} OR NEW.created_at >= {END_OF_MOMENTS}"
)
_LASTING = ("id", "code", "kind", "currency", "owner_id", "limit_rule", "created_at")
_IS_CHANGED = " OR ".join(f"NEW.{name} {{differs}} OLD.{name}" for name in _LASTING) + (
    " OR (OLD.closed_at IS NOT NULL AND NEW.closed_at {differs} OLD.closed_at)"
    " OR NEW.closed_at < {first} OR NEW.closed_at >= {end}"
)


def is_changed(*, differs: str, first: object, end: object) -> str:
    """Whether an account's row says anything else of what lasts, in the words of a dialect."""
    return _IS_CHANGED.format(differs=differs, first=first, end=end)


_KEPT = is_changed(differs="IS DISTINCT FROM", first=FIRST_MOMENT, end=END_OF_MOMENTS)
_FUNCTIONS = (
    _APPLY_ENTRIES,
    _CHECK_REFERENCE,
    _CHECK_TRANSACTIONS,
    _CHECK_DRAFT,
    _CHECK_BURNED,
    _CHECK_PERIOD,
    _CHECK_SEALS,
    _CHECK_UNSEALED,
    _REFUSE,
    _TAKE_TURN,
)


def _when(name: str, event: str, function: str, *, each: str = "STATEMENT", condition: str = "") -> str:
    table = event.split(" REFERENCING ", maxsplit=1)[0].rsplit(" ", maxsplit=1)[-1]
    when = f" WHEN ({condition})" if condition else ""
    return f"CREATE TRIGGER {table}_{name} {event} FOR EACH {each}{when} EXECUTE FUNCTION {function}()"


# True for what somebody does by a statement of their own, false for what the triggers above do: statements
# are told apart, as a trigger for each row would take more time than to move it. A trigger of somebody's own
# gets past it, where they may write in these tables at all; the verification finds what it moved.
_BY_HAND = "pg_trigger_depth() = 0"
_FRESH = "REFERENCING NEW TABLE AS fresh"

_TRIGGERS = (
    _when("apply", f"AFTER INSERT ON ledger_entries {_FRESH}", "ledger_apply_entries"),
    _when("check", f"AFTER INSERT ON ledger_transactions {_FRESH}", "ledger_check_transactions"),
    *(_when("stay", f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}", "ledger_refuse") for name in FROZEN),
    *(
        _when("stay", f"BEFORE DELETE OR TRUNCATE ON {name}", "ledger_refuse")
        for name in ("ledger_accounts", "ledger_chain")
    ),
    *(
        _when("by_hand", f"BEFORE {verbs} ON {name}", "ledger_refuse", condition=_BY_HAND)
        for name, verbs in (
            ("ledger_accounts", f"UPDATE OF {', '.join(SUMS)}"),
            ("ledger_drafts", "INSERT OR UPDATE OR DELETE OR TRUNCATE"),
            ("ledger_open_holds", "INSERT OR UPDATE OR DELETE OR TRUNCATE"),
            ("ledger_unsealed", "INSERT OR UPDATE OR TRUNCATE"),
        )
    ),
    _when("begin", "BEFORE INSERT ON ledger_accounts", "ledger_refuse", each="ROW", condition=_BEGINS_BADLY),
    _when(
        "keep",
        f"BEFORE UPDATE OF {', '.join((*_LASTING, 'closed_at'))} ON ledger_accounts",
        "ledger_refuse",
        each="ROW",
        condition=_KEPT,
    ),
    (
        "CREATE CONSTRAINT TRIGGER ledger_drafts_done AFTER INSERT OR UPDATE ON ledger_drafts DEFERRABLE"
        " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_draft()"
    ),
    _when("turn", "BEFORE INSERT ON ledger_periods", "ledger_take_turn"),
    _when("follow", "BEFORE INSERT ON ledger_periods", "ledger_check_period", each="ROW"),
    _when("check", f"AFTER INSERT ON ledger_burned_keys {_FRESH}", "ledger_check_burned"),
    _when("check", f"AFTER INSERT ON ledger_seals {_FRESH}", "ledger_check_seals"),
    _when("check", "AFTER DELETE ON ledger_unsealed REFERENCING OLD TABLE AS gone", "ledger_check_unsealed"),
    _when(
        "advance",
        "BEFORE UPDATE ON ledger_chain",
        "ledger_refuse",
        each="ROW",
        condition="NEW.id <> OLD.id OR NEW.sequence < OLD.sequence",
    ),
)


def on_postgresql(schema: str) -> list[str]:
    """The statements that make them. `schema` is quoted where it has to be."""
    functions = [function.replace("@schema", schema) for function in _FUNCTIONS]
    names = [function.split("CREATE FUNCTION ")[1].split(" RETURNS")[0] for function in _FUNCTIONS]
    withheld = [f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC" for name in names]
    return [*functions, *withheld, *_TRIGGERS]
