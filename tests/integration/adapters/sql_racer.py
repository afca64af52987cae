"""One of the processes that race for the same rows of one database; prints what it came to as JSON."""

import asyncio
import json
import sys
from uuid import UUID

from tests.integration.adapters.patient_postgres import PATIENT

from multiproduct.adapters.contracts.builders import NOW, a_user
from multiproduct.adapters.contracts.reacting import Noted, contract_surroundings
from multiproduct.adapters.sql import SqliteSettings, SqlStore, SqlUnit, SqlUnits
from multiproduct.application.caller import ANYBODY
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import EmailTaken, UsernameTaken
from multiproduct.domain.otp import Purpose

BUDGET = "contested"


async def _answer(units: SqlUnits, challenge_id: UUID, *, is_right: bool) -> str:
    async def body(unit: SqlUnit) -> str:
        budget = await unit.guess_budgets.hold(BUDGET)
        budget.voids += 1
        await unit.guess_budgets.save(budget)
        taken = await unit.challenges.take_attempt(challenge_id, Purpose.LOGIN, now=NOW)
        if taken is None:
            await unit.commit()
            return "refused"
        unit.record(Noted(occurred_at=NOW, note=str(challenge_id)))
        if is_right:
            taken.answered_right(now=NOW)
            outcome = "first" if await unit.challenges.consume(taken) else "late"
        else:
            taken.answered_wrong(now=NOW)
            await unit.challenges.void(taken)
            outcome = "wrong"
        await unit.commit()
        return outcome

    return await in_unit(lambda: units.open(ANYBODY), body)


async def _claim_name(units: SqlUnits) -> str:
    async def body(unit: SqlUnit) -> str:
        try:
            await unit.users.add(a_user(username="Wanted"))
        except (UsernameTaken, EmailTaken):
            # Every process numbers its e-mail addresses alike.
            return "taken"
        await unit.commit()
        return "claimed"

    return await in_unit(lambda: units.open(ANYBODY), body)


async def _main(url: str, right: UUID, wrong: UUID, tasks: int) -> None:
    store = SqlStore(
        url,
        sqlite=SqliteSettings(synchronous="NORMAL"),
        postgres=PATIENT,
    )
    units = store.units(contract_surroundings())
    await store.ping()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    answers = [_answer(units, right, is_right=True) for _ in range(tasks // 2)]
    answers += [_answer(units, wrong, is_right=False) for _ in range(tasks // 2)]
    outcomes = await asyncio.gather(*answers, *(_claim_name(units) for _ in range(tasks // 10)))
    sys.stdout.write(json.dumps(outcomes) + "\n")
    await store.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], UUID(sys.argv[2]), UUID(sys.argv[3]), int(sys.argv[4])))
