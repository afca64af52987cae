"""The peer that keeps its books in functions of PostgreSQL: pgledger, loaded from a checkout of it.

Nothing of it is part of this project: `BENCH_PGLEDGER` names the folder of the checkout
(https://github.com/pgr0ss/pgledger). Its transfers are asked for by pgbench, one to each transaction.
"""

import asyncio
import os
from pathlib import Path

import asyncpg

from benchmarks.figures import CannotMeasure

FOLDER = "BENCH_PGLEDGER"
_FILES = ("vendor/scoville-pgsql-ulid/uuid-to-ulid.sql", "pgledger.sql")
_SCRIPT = """\\set source random(1, {accounts})
\\set distance random(1, {accounts} - 1)
SELECT id FROM pgledger_create_transfer((SELECT id FROM bench_numbers WHERE number = :source),
 (SELECT id FROM bench_numbers WHERE number = 1 + (:source - 1 + :distance) % {accounts}), 1);
"""


def install(url: str, accounts: int, script: Path) -> None:
    """Loads it into an empty database, opens accounts, and writes the script of a transfer for pgbench.
    Raises CannotMeasure where it was not given."""
    folder = os.environ.get(FOLDER)
    if not folder:
        raise CannotMeasure(f"not compared: {FOLDER} does not name a checkout of it")
    try:
        texts = [(Path(folder) / name).read_text() for name in _FILES]
    except OSError as missing:
        raise CannotMeasure(f"not compared: {missing.filename} cannot be read") from None
    asyncio.run(_install(url, texts, accounts))
    script.write_text(_SCRIPT.format(accounts=accounts))


async def _install(url: str, texts: list[str], accounts: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statements in texts:
            await connection.execute(statements)
        await connection.execute("CREATE TABLE bench_numbers (number integer PRIMARY KEY, id text NOT NULL)")
        await connection.execute(
            "INSERT INTO bench_numbers SELECT n, (SELECT id FROM pgledger_create_account('a' || n, 'USD'))"
            " FROM generate_series(1, $1::integer) AS n",
            accounts,
        )
        await connection.execute("ANALYZE")
    except asyncpg.PostgresError as refused:
        raise CannotMeasure(f"not compared: it cannot be loaded ({refused})") from None
    finally:
        await connection.close()
