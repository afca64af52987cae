"""Plans and times of the username check's statements with a million users in PostgreSQL."""

import asyncio
import json
from statistics import median
from typing import Any

import asyncpg

from benchmarks.bench import Bench
from benchmarks.figures import CannotMeasure, Report, milliseconds
from benchmarks.journeys import bare_statements
from benchmarks.servers import migrate

USERS = 1_000_000
PREFIX = "million.user"
PROBE = f"{PREFIX}500000"
SAMPLES = 1000
BELOW_MS = 1.0
DATABASE = "bench_million"
FILLING = 300.0
VACUUMS = 5

VALUES = {
    "username": f"'{PREFIX}' || n",
    "username_key": f"'{PREFIX}' || n",
    "email": f"'{PREFIX}' || n || '@example.com'",
    "email_key": f"'{PREFIX}' || n || '@example.com'",
    "status": "'active'",
    "locale": "'en'",
    "time_zone": "'UTC'",
    "version": "1",
}
"""What a column of `users` gets in row `n`, where its type alone does not say it."""

BY_TYPE = {
    "uuid": "gen_random_uuid()",
    "boolean": "false",
    "integer": "0",
    "bigint": "0",
    "smallint": "0",
    "timestamp with time zone": "now()",
    "date": "current_date",
    "jsonb": "'{}'::jsonb",
    "json": "'{}'::json",
    "text": "'-'",
    "character varying": "'-'",
    "bytea": "''::bytea",
}


def run(bench: Bench) -> Report:
    users = bench.number(USERS, USERS // 5)
    report = Report(name="usernames_million", title=f"{users:,} users in PostgreSQL, after VACUUM ANALYZE")
    settings = bench.fresh_settings(DATABASE)
    migrate(settings)
    bench.say(f"filling {users:,} users")
    url = bench.backing.database(DATABASE)
    asyncio.run(fill(url, users))
    probe = f"{PREFIX}{users // 2}"
    bench.say("capturing the statements of a check of a taken name")
    captured = bare_statements("check", probe, settings)
    statements = reads_of_users(captured["check"][0])
    if not statements:
        raise CannotMeasure("the check of a taken name executed no statement on users")
    for number, (sql, parameters) in enumerate(statements, 1):
        bench.say(f"explaining statement {number}")
        asyncio.run(report_statement(report, url, sql, parameters, probe, users))
    return report


async def fill(url: str, users: int) -> None:
    """Inserts by one statement made from the table's own columns, then vacuums for index-only scans.

    Raises CannotMeasure for a column it has no value for.
    """
    connection = await asyncpg.connect(url)
    try:
        columns = await connection.fetch(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = 'users' "
            "AND (is_nullable = 'NO' OR column_name = ANY($1::text[])) "
            "AND column_default IS NULL AND is_identity = 'NO' ORDER BY ordinal_position",
            list(VALUES),
        )
        if not columns:
            raise CannotMeasure("there is no table `users`")
        names = [column["column_name"] for column in columns]
        values = [value_of(column["column_name"], column["data_type"]) for column in columns]
        await connection.execute(
            f"INSERT INTO users ({', '.join(names)}) "
            f"SELECT {', '.join(values)} FROM generate_series(1, {users}) AS n",
            timeout=FILLING,
        )
        await vacuum(connection)
    except asyncpg.PostgresError as error:
        raise CannotMeasure(f"filling users: {error}") from None
    finally:
        await connection.close()


async def vacuum(connection: asyncpg.Connection) -> None:
    """Vacuums until every page is known to be visible to all, which a snapshot held elsewhere can delay."""
    for _ in range(VACUUMS):
        await connection.execute("VACUUM (ANALYZE) users", timeout=FILLING)
        if await connection.fetchval(
            "SELECT relallvisible >= relpages FROM pg_class WHERE oid = 'users'::regclass"
        ):
            return
        await asyncio.sleep(1)


def value_of(name: str, kind: str) -> str:
    value = VALUES.get(name) or BY_TYPE.get(kind)
    if value is None:
        raise CannotMeasure(f"no value for the column users.{name} of type {kind}")
    return value


def reads_of_users(transactions: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """The distinct statements that read the users' table, in order."""
    found: dict[str, Any] = {}
    for transaction in transactions:
        for sql, parameters, many in transaction["statements"]:
            if not many and "users" in sql and sql.lstrip().upper().startswith(("SELECT", "WITH")):
                found.setdefault(sql, parameters)
    return list(found.items())


async def report_statement(
    report: Report, url: str, sql: str, parameters: Any, probe: str, users: int
) -> None:
    connection = await asyncpg.connect(url)
    try:
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", *parameters)]
        scans = [node["Node Type"] for node in nodes(await explained(connection, sql, parameters))]
        times: list[float] = []
        heap_fetches = 0
        for sample in range(SAMPLES):
            other = f"{PREFIX}{1 + sample * 7919 % users}"
            root = await explained(connection, sql, replaced(parameters, probe, other))
            times.append(root["Execution Time"])
            heap_fetches += sum(int(node.get("Heap Fetches", 0)) for node in nodes(root))
    finally:
        await connection.close()
    times.sort()
    label = " ".join(sql.split())[:70]
    index_only = bool(scans) and set(scans) == {"Index Only Scan"}
    report.row(
        label,
        f"{', '.join(scans) or 'no scan'}; rows looked up in the table: {heap_fetches} in {SAMPLES:,} runs",
        goal="index-only",
        met=index_only,
        raw={"sql": sql, "plan": plan},
    )
    p99 = times[int(len(times) * 0.99)]
    shown = f"p50 {milliseconds(median(times))}, p99 {milliseconds(p99)}"
    report.ceiling(
        f"its execution, {SAMPLES:,} different names", shown, measured=p99, below=BELOW_MS, unit="ms p99"
    )
    report.notes.append("\n  ".join([sql, *plan]))


async def explained(connection: asyncpg.Connection, sql: str, parameters: Any) -> dict[str, Any]:
    """The executed plan as PostgreSQL describes it."""
    described = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", *parameters)
    whole: dict[str, Any] = json.loads(described)[0]
    return whole


def nodes(explained_plan: dict[str, Any]) -> list[dict[str, Any]]:
    """The plan's scans of tables."""
    found, pending = [], [explained_plan["Plan"]]
    while pending:
        node = pending.pop()
        if "Relation Name" in node:
            found.append(node)
        pending.extend(node.get("Plans", []))
    return found


def replaced(parameters: Any, probe: str, other: str) -> list[Any]:
    """The parameters for another name: the probe is replaced in strings and in lists of strings."""
    changed: list[Any] = []
    for value in parameters:
        if isinstance(value, str):
            changed.append(value.replace(probe, other))
        elif isinstance(value, list | tuple):
            changed.append([item.replace(probe, other) if isinstance(item, str) else item for item in value])
        else:
            changed.append(value)
    return changed
