"""One of the processes that finalise invoices in one database: some units are undone, and it may die."""

import asyncio
import json
import os
import random
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.billing_house import USD, a_house, a_line, by_staff
from tests.integration.adapters.patient_postgres import PATIENT

from multiproduct.adapters.sql import SqliteSettings, SqlStore
from multiproduct.application.billing import NewInvoice
from multiproduct.application.units import in_unit
from multiproduct.domain.shared import Unavailable


class _Undone(Exception):
    """The unit is left without a commit, after the number was taken."""


async def _issue(house: Any, customer: UUID, chance: random.Random, *, may_die: bool) -> str:
    new = NewInvoice(customer_id=customer, currency=USD, lines=(a_line(chance.randrange(1, 10_000)),))
    fate = chance.random()

    async def body(unit: Any) -> str:
        invoice = await house.billing.invoicing.issue(unit, new)
        if fate < 0.3:
            raise _Undone
        if may_die and fate > 0.97:
            os.kill(os.getpid(), signal.SIGKILL)
        await unit.commit()
        return str(invoice.number)

    try:
        return await in_unit(lambda: house.units.open(by_staff()), body)
    except _Undone:
        return "undone"
    except Unavailable:
        return "unavailable"


async def _main(url: str, customer: UUID, seed: int, tasks: int, *, may_die: bool) -> None:
    store = SqlStore(
        url,
        sqlite=SqliteSettings(
            synchronous="NORMAL",
            busy_deadline=timedelta(seconds=100),
            queue_timeout=timedelta(seconds=100),
        ),
        postgres=replace(PATIENT, pool_size=16),
    )
    house = a_house(store)
    chance = random.Random(seed)
    try:
        results = await asyncio.gather(
            *(_issue(house, customer, chance, may_die=may_die) for _ in range(tasks))
        )
        print(json.dumps(results))
    finally:
        await store.close()


if __name__ == "__main__":
    _url, _customer, _seed, _tasks, _fate = sys.argv[1:]
    asyncio.run(_main(_url, UUID(_customer), int(_seed), int(_tasks), may_die=_fate == "dies"))
