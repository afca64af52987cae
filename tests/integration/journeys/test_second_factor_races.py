"""Races for one time step, one recovery code and one waiting sign-in, on SQLite and on PostgreSQL."""

from tests.integration.journeys.one_time_things import RECOVERY_CODE, TIME_STEP, WAITING_SIGN_IN
from tests.integration.journeys.racing import Arena, used_once


async def test_of_two_hundred_offers_of_one_step_one_begins_a_session(arena: Arena) -> None:
    await used_once(arena, TIME_STEP)


async def test_of_many_offers_of_one_recovery_code_one_begins_a_session(arena: Arena) -> None:
    await used_once(arena, RECOVERY_CODE)


async def test_of_many_completions_of_one_sign_in_one_begins_a_session(arena: Arena) -> None:
    await used_once(arena, WAITING_SIGN_IN)
