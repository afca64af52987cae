"""The hourly purge: what nobody needs any more goes, and nothing else."""

from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, open_house, sign_up, signed_in

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import RefreshSession, SignOut, StartRegistration
from multiproduct.application.identity import purging as purging_module
from multiproduct.bootstrap import Overrides

TONY = "tony@stark.com"
MOMENT, MINUTE = timedelta(microseconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def store() -> MemoryDatabase:
    return MemoryDatabase(real_time=SystemRealTime())


@pytest.fixture
async def house(clock, store):
    async with open_house(Overrides(clock=clock, store=store)) as house:
        yield house


async def purge(house) -> int:
    return await house.identity.purging.run()


async def test_a_fresh_installation_has_nothing_to_purge(house):
    assert await purge(house) == 0


async def test_codes_and_registrations_go_an_hour_after_they_expired(house, clock, store):
    await sign_up(house, TONY)
    clock.pass_by(10 * MINUTE + HOUR)
    assert await purge(house) == 0
    clock.pass_by(MOMENT)
    assert await purge(house) == 2
    assert not store._store.challenges.rows
    assert not store._store.identity.pending_registrations.rows
    assert await purge(house) == 0


async def test_what_an_address_cost_goes_two_days_after_it_was_last_touched(house, clock, store):
    await sign_up(house, TONY)
    clock.pass_by(2 * DAY)
    await purge(house)
    assert len(store._store.guess_budgets.rows) == 1
    clock.pass_by(MOMENT)
    await purge(house)
    assert not store._store.guess_budgets.rows


async def test_a_session_goes_ninety_days_after_its_end(house, clock, store):
    await a_member(house, TONY)
    ended, kept = await signed_in(house, TONY), await signed_in(house, TONY)
    await house.identity.sessions.sign_out(SignOut(refresh=ended.refresh))
    for _ in range(3):
        clock.pass_by(20 * DAY)
        kept = await house.identity.sessions.refresh(RefreshSession(refresh=kept.refresh))
    clock.pass_by(29 * DAY)
    fresh = await signed_in(house, TONY)
    clock.pass_by(DAY)
    await purge(house)
    assert len(store._store.identity.sessions.rows) == 3
    clock.pass_by(MOMENT)
    await purge(house)
    assert len(store._store.identity.sessions.rows) == 2
    assert await house.identity.sessions.refresh(RefreshSession(refresh=fresh.refresh))


async def test_a_session_that_nobody_ended_goes_ninety_days_after_it_expired(house, clock, store):
    await a_member(house, TONY)
    await signed_in(house, TONY)
    clock.pass_by(120 * DAY)
    await purge(house)
    assert len(store._store.identity.sessions.rows) == 1
    clock.pass_by(MOMENT)
    await purge(house)
    assert not store._store.identity.sessions.rows


async def test_first_answers_go_after_a_day(house, clock, store):
    command = StartRegistration(email=TONY, password=PASSWORD)
    await house.identity.registration.start(command, idempotency_key="k")
    clock.pass_by(DAY)
    await purge(house)
    assert len(store._store.idempotency.rows) == 1
    clock.pass_by(MOMENT)
    await purge(house)
    assert not store._store.idempotency.rows


async def test_people_and_what_is_of_record_stay(house, clock, store):
    await a_member(house, TONY)
    events, entries = len(store._store.events.rows), len(store._store.audit.rows)
    clock.pass_by(3_650 * DAY)
    await purge(house)
    assert len(store._store.identity.users.rows) == 1
    assert (len(store._store.events.rows), len(store._store.audit.rows)) == (events, entries)


async def test_a_live_code_survives(house, clock, store):
    await sign_up(house, TONY)
    clock.pass_by(2 * HOUR)
    await sign_up(house, "pepper@stark.com")
    await purge(house)
    (challenge,) = store._store.challenges.rows.values()
    assert challenge.subject == "pepper@stark.com"


async def test_many_go_in_batches_each_a_transaction_of_its_own(house, clock, store, monkeypatch):
    monkeypatch.setattr(purging_module, "BATCH", 2)
    opened = []
    open_unit = house.container.units.open
    monkeypatch.setattr(
        house.container.units, "open", lambda caller: opened.append(caller) or open_unit(caller)
    )
    for number in range(5):
        await sign_up(house, f"p{number}@stark.com")
    clock.pass_by(3 * DAY)
    await house.container.relay.stop()
    await house.drain()
    opened.clear()
    assert await purge(house) == 15  # five challenges, registrations and budgets
    assert opened == [SYSTEM] * 4


async def test_a_run_has_an_end_however_much_there_is(house, clock, store, monkeypatch):
    monkeypatch.setattr(purging_module, "BATCH", 1)
    monkeypatch.setattr(purging_module, "MAX_BATCHES", 2)
    for number in range(5):
        await sign_up(house, f"p{number}@stark.com")
    clock.pass_by(3 * DAY)
    assert await purge(house) == 6
    assert len(store._store.challenges.rows) == 3
