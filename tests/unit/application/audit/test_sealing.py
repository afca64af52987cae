"""Sealing, verifying, erasing and forgetting, on the memory adapter."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.unit.domain.audit.sealed_log import NOW

from multiproduct.adapters.contracts.builders import a_caller, a_user_id, a_uuid
from multiproduct.adapters.contracts.reacting import Noted, contract_surroundings
from multiproduct.adapters.memory import MemoryStore, MemoryUnits
from multiproduct.adapters.stdlib import DerivedSecrets, SystemRandomness, SystemRealTime
from multiproduct.application.audit import (
    AuditErasing,
    AuditForgetting,
    AuditSealing,
    AuditVerifying,
    HeadSigning,
    forgetting,
)
from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import build
from multiproduct.domain.audit import FindingKind, HeadNotGenuine, HeadStanding, Mark
from multiproduct.domain.identity import UserErased, UserUpdated
from multiproduct.domain.otp import WrongCodeGiven
from multiproduct.settings import Settings

OLD, NEW = "an old secret of thirty-two letters!", "a new secret of thirty-two letters.."


class StandingClock:
    def now(self):
        return NOW


class House:
    """The use cases over a store of one's own."""

    def __init__(self) -> None:
        self.store = MemoryStore(real_time=SystemRealTime())
        self.units = MemoryUnits(store=self.store, surroundings=contract_surroundings())

    def signing(self, *masters: str) -> HeadSigning:
        return HeadSigning(keys=DerivedSecrets(masters=masters or [OLD]))

    def sealing(self, *masters: str, batch: int = 500) -> AuditSealing:
        return AuditSealing(
            units=self.units,
            clock=StandingClock(),
            randomness=SystemRandomness(),
            signing=self.signing(*masters),
            batch=batch,
        )

    def verifying(self, *masters: str) -> AuditVerifying:
        return AuditVerifying(units=self.units, clock=StandingClock(), signing=self.signing(*masters))

    async def write(self, count: int) -> None:
        async with self.units.open(ANYBODY) as unit:
            for number in range(count):
                unit.record(Noted(occurred_at=NOW + timedelta(minutes=number), note=str(number)))
            await unit.commit()

    async def kinds(self, *masters: str, since: Mark | None = None) -> list[FindingKind]:
        return [finding.kind for finding in (await self.verifying(*masters).run(since=since)).findings]


def a_refusal(moment: datetime) -> WrongCodeGiven:
    """What a stranger does: a wrong code."""
    return WrongCodeGiven(occurred_at=moment, challenge_id=a_uuid(), purpose="sign_in", attempt=1)


@pytest.fixture
def house() -> House:
    return House()


async def test_everything_is_sealed_once_in_batches(house):
    await house.write(25)
    sealing = house.sealing(batch=10)
    assert [await sealing.run(), await sealing.run()] == [25, 0]
    verdict = await house.verifying().run()
    assert (verdict.findings, verdict.entries, verdict.head.mark.sequence) == ([], 25, 25)


async def test_a_run_is_bounded_and_the_next_one_goes_on(house):
    await house.write(45)
    sealing = house.sealing(batch=1)
    assert [await sealing.run(), await sealing.run(), await sealing.run()] == [40, 5, 0]
    assert await house.kinds() == []


async def test_nothing_to_seal_leaves_the_head_alone(house):
    assert await house.sealing().run() == 0
    assert await house.verifying().head() == (None, HeadStanding.MISSING)
    await house.write(1)
    await house.sealing().run()
    head, standing = await house.verifying().head()
    await house.sealing().run()
    assert (await house.verifying().head()) == (head, standing)
    assert standing is HeadStanding.GENUINE


async def test_the_unsealed_tail_is_counted_with_its_oldest_moment(house):
    await house.write(2)
    verdict = await house.verifying().run()
    assert (verdict.is_whole, verdict.entries) == (True, 0)
    assert (verdict.tail.count, verdict.tail.oldest) == (2, NOW)


async def test_progress_is_told_up_to_the_whole(house):
    await house.write(3)
    await house.sealing().run()
    told = []
    await house.verifying().run(progress=lambda done, of: told.append((done, of)))
    assert told == [(3, 3)]


async def test_a_head_that_is_not_genuine_is_never_extended(house):
    await house.write(3)
    await house.sealing().run()
    (head,) = house.store.audit_head.rows.values()
    for wrong in (replace(head, mac=b"x" * 32), replace(head, mark=Mark(2, head.mark.hash))):
        house.store.audit_head.put(wrong)
        await house.write(1)
        with pytest.raises(HeadNotGenuine):
            await house.sealing().run()
        assert house.store.audit_head.rows == {1: wrong}
        assert FindingKind.HEAD_FORGED in await house.kinds()


async def test_a_chain_whose_head_is_gone_does_not_begin_anew(house):
    await house.write(3)
    await house.sealing().run()
    house.store.audit_head.remove(1)
    await house.write(1)
    with pytest.raises(HeadNotGenuine):
        await house.sealing().run()
    assert await house.kinds() == [FindingKind.HEAD_MISSING]


async def test_a_retired_secret_is_good_and_the_head_is_signed_anew_though_nothing_is_new(house):
    await house.write(3)
    await house.sealing(OLD).run()
    assert await house.kinds(NEW, OLD) == []
    assert await house.sealing(NEW, OLD).run() == 0
    assert await house.kinds(NEW) == []


async def test_a_lost_secret_stops_sealing_until_somebody_vouches_for_the_head(house):
    await house.write(3)
    await house.sealing(OLD).run()
    head, _ = await house.verifying(OLD).head()
    assert await house.kinds(NEW) == [FindingKind.HEAD_KEY_UNKNOWN]
    with pytest.raises(HeadNotGenuine):
        await house.sealing(NEW).run()
    with pytest.raises(HeadNotGenuine):
        await house.sealing(NEW).vouch(Mark(3, b"x" * 32))
    await house.sealing(NEW).vouch(head.mark)
    assert await house.kinds(NEW, since=head.mark) == []
    await house.write(1)
    assert await house.sealing(NEW).run() == 1


async def test_erasing_seals_first_and_leaves_the_chain_whole(house):
    person = a_user_id()
    async with house.units.open(a_caller()) as unit:
        unit.record(UserUpdated(occurred_at=NOW, user_id=person, fields={"first_name": ("Ada", "Augusta")}))
        unit.record(Noted(occurred_at=NOW, note="of somebody else"))
        unit.record(UserErased(occurred_at=NOW, user_id=person))
        await unit.commit()
    sealing = house.sealing()
    erasing = AuditErasing(units=house.units, sealing=sealing)
    assert [await erasing.run(person), await erasing.run(person)] == [2, 0]
    async with house.units.view(ANYBODY) as view:
        _, entry = await view.audit_trail.find(AuditFilter(user_id=str(person)), limit=9)
        (other,) = await view.audit_trail.find(AuditFilter(event=Noted.NAME), limit=9)
    assert (entry.ip, entry.user_agent, entry.request_id, entry.changes) == (None, None, None, {})
    assert other.ip is not None
    assert await house.kinds() == []


async def test_what_strangers_left_is_forgotten_after_ninety_days_and_the_log_stays_whole(house):
    old, young = NOW - timedelta(days=90, seconds=1), NOW - timedelta(days=89)
    async with house.units.open(Caller(ip="192.0.2.9", user_agent="a browser")) as unit:
        for moment in (old, young):
            unit.record(a_refusal(moment))
        await unit.commit()
    use_case = AuditForgetting(units=house.units, clock=StandingClock())
    assert await use_case.run() == 0, "what is not sealed waits"
    await house.sealing().run()
    assert [await use_case.run(), await use_case.run()] == [1, 0]
    async with house.units.view(ANYBODY) as view:
        entries = await view.audit_trail.find(AuditFilter(), limit=9)
    assert {entry.occurred_at: entry.ip for entry in entries} == {old: None, young: "192.0.2.9"}
    assert (await house.verifying().run()).erased == 1
    assert await house.kinds() == []


async def test_what_is_forgotten_while_the_log_is_verified_is_no_finding(house):
    class EarlierClock:
        def now(self):
            return NOW - timedelta(hours=1)

    async with house.units.open(Caller(ip="192.0.2.9")) as unit:
        unit.record(a_refusal(NOW - timedelta(days=90, minutes=30)))
        await unit.commit()
    await house.sealing().run()
    assert await AuditForgetting(units=house.units, clock=StandingClock()).run() == 1
    begun_before = AuditVerifying(units=house.units, clock=EarlierClock(), signing=house.signing())
    verdict = await begun_before.run()
    assert (verdict.findings, verdict.erased) == ([], 1)


async def test_many_entries_of_strangers_are_forgotten_in_bounded_runs(house, monkeypatch):
    monkeypatch.setattr(forgetting, "BATCH", 3)
    monkeypatch.setattr(forgetting, "MAX_BATCHES", 2)
    async with house.units.open(Caller(ip="192.0.2.9")) as unit:
        for number in range(10):
            unit.record(a_refusal(NOW - timedelta(days=100 + number)))
        await unit.commit()
    await house.sealing().run()
    use_case = AuditForgetting(units=house.units, clock=StandingClock())
    assert [await use_case.run() for _ in range(3)] == [6, 4, 0]


async def test_the_scheduler_seals_within_seconds(house):
    container = build(Settings(_env_file=None, database_url="memory://", password_cost="test"))
    jobs = {job.name: job for job in container.scheduling.jobs}
    assert jobs["audit.seal"].every <= timedelta(seconds=5)
    assert jobs["audit.seal"].lease <= timedelta(seconds=30)
    async with container.units.open(ANYBODY) as unit:
        unit.record(UserUpdated(occurred_at=NOW, user_id=a_user_id()))
        await unit.commit()
    assert "audit.seal" in await container.scheduling.run_due()
    assert (await container.audit.verifying.run()).entries == 1
    await container.stop()
