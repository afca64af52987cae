"""Renews due subscriptions in a process of its own, whose memory is then known.

`python -m benchmarks.renewing NUMBER`, with the product's settings in the environment; prints JSON.
"""

import asyncio
import gc
import json
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from benchmarks.buyers import a_buyer, purchase_body
from multiproduct import Multiproduct
from multiproduct.application.caller import Caller
from multiproduct.application.subscriptions.commands import Purchase
from multiproduct.bootstrap import Overrides, build
from multiproduct.settings import Settings

CUSTOMERS = 20
REMINDED, DUE = timedelta(days=29), timedelta(days=32)
SAMPLES = 10
NEW_ID = "gen_random_uuid()"
MIXED = "s.due_at - random() * interval '1 hour'"
"""A day's renewals are not those of one customer after those of another."""


class Clock:
    """Business time, moved from the purchases to the day of the renewals."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def now(self) -> datetime:
        return self.moment


async def renew(number: int) -> dict[str, Any]:
    """So many renewals: seconds, and what the process held at most after each tenth, in KiB."""
    settings, clock = Settings(), Clock()
    began = clock.moment
    async with Multiproduct(build(settings, overrides=Overrides(clock=clock))) as house:
        await house.container.catalog.demo.ensure()
        for index in range(CUSTOMERS):
            await _buy(house, index)
        clock.moment = began + REMINDED
        await house.subscriptions.looking_after.run()
        await _multiply(settings.database_url, number)
        clock.moment = began + DUE
        return await _measured(house, number)


async def _buy(house: Multiproduct, index: int) -> None:
    buyer = await a_buyer(house, index)
    caller = Caller(principal=await house.identity.authenticating.principal(buyer["access"]))
    await house.subscriptions.purchasing.purchase(Purchase(**purchase_body(buyer)), caller)


async def _multiply(url: str, number: int) -> None:
    """Gives each customer as many subscriptions as make the number, all like their own, to products that are
    not there: a renewal asks for the plan."""
    plain = urlunsplit(urlsplit(url)._replace(scheme="postgresql"))
    connection = await asyncpg.connect(plain)
    try:
        rows = await connection.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = 'subscriptions' ORDER BY ordinal_position"
        )
        names = [f'"{row["column_name"]}"' for row in rows]
        new = {'"id"': NEW_ID, '"product_id"': NEW_ID, '"due_at"': MIXED}
        values = [new.get(name, f"s.{name}") for name in names]
        copies = number // CUSTOMERS - 1
        await connection.execute(
            f"INSERT INTO subscriptions ({', '.join(names)}) SELECT {', '.join(values)}"
            f" FROM subscriptions s, generate_series(1, {copies}) WHERE s.status = 'active'"
        )
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _measured(house: Multiproduct, number: int) -> dict[str, Any]:
    done, peaks, began, busy = asyncio.Event(), [], time.perf_counter(), time.process_time()
    gc.collect()
    before = peak()

    async def watch() -> None:
        while not done.is_set():
            peaks.append(peak())
            await asyncio.sleep(1.0)

    watching = asyncio.ensure_future(watch())
    renewed = await house.subscriptions.looking_after.run()
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    done.set()
    await watching
    tenth = max(1, len(peaks) // SAMPLES)
    return {
        "number": number,
        "renewed": renewed,
        "seconds": seconds,
        "cpu": cpu,
        "before_kib": before,
        "peaks_kib": peaks[::tenth],
        "peak_kib": peak(),
    }


def peak() -> int:
    """The most that the process ever held in memory, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    sys.stdout.write(json.dumps(asyncio.run(renew(int(sys.argv[1])))) + "\n")


if __name__ == "__main__":
    main()
