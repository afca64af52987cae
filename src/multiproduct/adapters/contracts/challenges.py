"""What every store of challenges must do: count each attempt and use each code once, whoever else tries."""

import asyncio
from datetime import timedelta

from multiproduct.adapters.contracts.builders import (
    DAY,
    MINUTE,
    NOW,
    a_challenge,
    a_uuid,
    an_email,
    an_unusual_challenge,
)
from multiproduct.adapters.contracts.store_unit import (
    PATIENCE_SECONDS,
    StoreUnit,
    has_to_wait,
    in_one_unit,
    in_view,
    race,
)
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.otp import Challenge, OtpPolicy, Purpose

RIVALS = 50


async def _keep(units: Units[StoreUnit], *challenges: Challenge) -> None:
    async with units.open(ANYBODY) as unit:
        for challenge in challenges:
            await unit.challenges.add(challenge)
        await unit.commit()


async def _stored(units: Units[StoreUnit], challenge: Challenge) -> Challenge:
    found = await in_view(units, lambda unit: unit.challenges.find(challenge.id))
    assert found is not None
    return found


async def _events(units: Units[StoreUnit], challenge: Challenge) -> list[str]:
    wanted = AuditFilter(resource_type="challenge", resource_id=str(challenge.id))
    entries = await in_view(units, lambda unit: unit.audit_trail.find(wanted, limit=200))
    return [entry.event for entry in reversed(entries)]


class ChallengesContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`.
    """

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        for challenge in (a_challenge(), an_unusual_challenge()):
            await _keep(units, challenge)
            assert await _stored(units, challenge) == challenge

    async def test_an_unknown_challenge_is_not_found(self, units: Units[StoreUnit]) -> None:
        assert await in_view(units, lambda unit: unit.challenges.find(a_uuid())) is None

    async def test_live_challenges_of_a_purpose_and_address_come_newest_first_and_at_most_two(
        self, units: Units[StoreUnit]
    ) -> None:
        subject = an_email().key
        one, two, three = (
            a_challenge(subject=subject, now=NOW + timedelta(microseconds=number)) for number in range(3)
        )
        other_purpose = a_challenge(subject=subject, purpose=Purpose.STEP_UP)
        await _keep(units, two, three, one, other_purpose, a_challenge())
        live = await in_view(
            units, lambda unit: unit.challenges.live(Purpose.LOGIN, subject, now=NOW + MINUTE)
        )
        assert [challenge.id for challenge in live] == [three.id, two.id]

    async def test_expired_used_void_and_exhausted_challenges_are_not_live(
        self, units: Units[StoreUnit]
    ) -> None:
        subject = an_email().key
        expired = a_challenge(subject=subject, now=NOW - 10 * MINUTE)
        used, void, exhausted = (a_challenge(subject=subject) for _ in range(3))
        used.used_at = NOW
        void.voided_at = NOW
        exhausted.attempts = exhausted.max_attempts
        await _keep(units, expired, used, void, exhausted)
        # The lifetime is half-open: at the moment of expiry it is over.
        assert expired.expires_at == NOW
        assert (
            list(await in_view(units, lambda unit: unit.challenges.live(Purpose.LOGIN, subject, now=NOW)))
            == []
        )
        for challenge in (expired, used, void, exhausted):
            assert await _take(units, challenge) is None
            assert await _stored(units, challenge) == challenge

    async def test_an_attempt_is_counted_and_the_challenge_answered_as_it_then_stands(
        self, units: Units[StoreUnit]
    ) -> None:
        challenge = a_challenge()
        await _keep(units, challenge)
        taken = await _take(units, challenge)
        challenge.attempts = 1
        assert taken == challenge
        assert await _stored(units, challenge) == challenge

    async def test_no_attempt_is_counted_for_another_purpose_or_an_unknown_challenge(
        self, units: Units[StoreUnit]
    ) -> None:
        challenge = a_challenge()
        await _keep(units, challenge)
        async with units.open(ANYBODY) as unit:
            assert await unit.challenges.take_attempt(challenge.id, Purpose.STEP_UP, now=NOW) is None
            assert await unit.challenges.take_attempt(a_uuid(), Purpose.LOGIN, now=NOW) is None
            await unit.commit()
        assert (await _stored(units, challenge)).attempts == 0

    async def test_of_many_rivals_exactly_the_permitted_attempts_are_counted(
        self, units: Units[StoreUnit]
    ) -> None:
        challenge = a_challenge(policy=OtpPolicy(max_attempts=5))
        await _keep(units, challenge)

        async def attempt(unit: StoreUnit) -> int | None:
            taken = await unit.challenges.take_attempt(challenge.id, Purpose.LOGIN, now=NOW)
            await asyncio.sleep(0)
            await unit.commit()
            return taken.attempts if taken else None

        counted = [number for number in await race(units, RIVALS, attempt) if number is not None]
        assert sorted(counted) == [1, 2, 3, 4, 5]
        assert (await _stored(units, challenge)).attempts == 5

    async def test_an_attempt_is_held_until_the_unit_ends_and_undone_with_it(
        self, units: Units[StoreUnit]
    ) -> None:
        challenge = a_challenge()
        await _keep(units, challenge)
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with units.open(ANYBODY) as unit:
                await unit.challenges.take_attempt(challenge.id, Purpose.LOGIN, now=NOW)
                rival = asyncio.create_task(_take(units, challenge))
                assert await has_to_wait(rival)
            taken = await rival
        assert taken is not None
        assert taken.attempts == 1

    async def test_a_challenge_is_consumed_once(self, units: Units[StoreUnit]) -> None:
        challenge = a_challenge()
        await _keep(units, challenge)

        async def consume(unit: StoreUnit) -> bool:
            mine = await unit.challenges.find(challenge.id)
            assert mine is not None
            await asyncio.sleep(0)
            mine.answered_right(now=NOW + MINUTE)
            was_first = await unit.challenges.consume(mine)
            await unit.commit()
            return was_first

        assert sorted(await race(units, RIVALS, consume)) == [False] * (RIVALS - 1) + [True]
        assert (await _stored(units, challenge)).used_at == NOW + MINUTE
        assert await _events(units, challenge) == ["otp.challenge_issued", "otp.challenge_answered"]

    async def test_a_later_consumption_leaves_the_first_moment(self, units: Units[StoreUnit]) -> None:
        challenge = a_challenge()
        await _keep(units, challenge)
        for later, expected in ((MINUTE, True), (2 * MINUTE, False)):
            challenge.used_at = NOW + later
            assert await in_one_unit(units, lambda unit: unit.challenges.consume(challenge)) is expected
        assert (await _stored(units, challenge)).used_at == NOW + MINUTE

    async def test_a_wrong_answer_is_logged_and_the_last_one_voids(self, units: Units[StoreUnit]) -> None:
        challenge = a_challenge(policy=OtpPolicy(max_attempts=2))
        await _keep(units, challenge)
        for is_last in (False, True):
            async with units.open(ANYBODY) as unit:
                taken = await unit.challenges.take_attempt(challenge.id, Purpose.LOGIN, now=NOW)
                assert taken is not None
                assert taken.answered_wrong(now=NOW) is is_last
                await unit.challenges.void(taken)
                await unit.commit()
            assert (await _stored(units, challenge)).voided_at == (NOW if is_last else None)
        assert (await _stored(units, challenge)).attempts == 2
        assert await _events(units, challenge) == [
            "otp.challenge_issued",
            "otp.wrong_code_given",
            "otp.wrong_code_given",
            "otp.challenge_voided",
        ]

    async def test_revoking_ends_every_unused_challenge_of_the_purpose_and_address_and_no_other(
        self, units: Units[StoreUnit]
    ) -> None:
        live, dead, used, elsewhere, meant_otherwise = (a_challenge() for _ in range(5))
        dead.subject = used.subject = meant_otherwise.subject = live.subject
        dead.attempts, dead.voided_at = dead.max_attempts, NOW
        used.used_at = NOW
        meant_otherwise.purpose = Purpose.PASSWORD_RESET
        await _keep(units, live, dead, used, elsewhere, meant_otherwise)
        as_read = await _stored(units, live)
        later = NOW + MINUTE
        await in_one_unit(units, lambda unit: unit.challenges.revoke(live.purpose, live.subject, now=later))
        for one in (live, dead):
            assert not (await _stored(units, one)).takes_link(now=later)
        for one in (used, elsewhere, meant_otherwise):
            assert await _stored(units, one) == one
        as_read.answered_right(now=later)
        assert not await in_one_unit(units, lambda unit: unit.challenges.consume(as_read)), "read before"

    async def test_a_challenge_is_renewed_by_one_of_many_rivals(self, units: Units[StoreUnit]) -> None:
        challenge = a_challenge()
        await _keep(units, challenge)
        old = await _stored(units, challenge)

        async def renew(unit: StoreUnit) -> bool:
            mine = await _copy_of(units, old)
            mine.renewed()
            was_first = await unit.challenges.renew(mine, now=NOW + MINUTE)
            if was_first:
                mine.owed_again(muted=False, now=NOW + MINUTE)
            await unit.commit()
            return was_first

        copies = await race(units, 10, renew)
        assert sorted(copies) == [False] * 9 + [True]
        assert (await _stored(units, challenge)).generation == 2
        assert (await _events(units, challenge)).count("otp.challenge_issued") == 2

    async def test_a_challenge_that_is_over_is_not_renewed(self, units: Units[StoreUnit]) -> None:
        challenge = a_challenge()
        await _keep(units, challenge)
        challenge.generation = 2
        late = challenge.expires_at
        assert not await in_one_unit(units, lambda unit: unit.challenges.renew(challenge, now=late))
        assert (await _stored(units, challenge)).generation == 1

    async def test_purging_removes_what_expired_before_and_no_more_than_the_limit(
        self, units: Units[StoreUnit]
    ) -> None:
        old = [a_challenge(now=NOW - DAY) for _ in range(5)]
        fresh = a_challenge()
        await _keep(units, *old, fresh)
        removed = [
            await in_one_unit(units, lambda unit: unit.challenges.purge(before=NOW, limit=2))
            for _ in range(4)
        ]
        assert removed == [2, 2, 1, 0]
        assert await in_view(units, lambda unit: unit.challenges.find(old[0].id)) is None
        assert (await _stored(units, fresh)).id == fresh.id

    async def test_purging_goes_by_what_the_unit_itself_did(self, units: Units[StoreUnit]) -> None:
        old, other = a_challenge(now=NOW - DAY), a_challenge(now=NOW - DAY)
        await _keep(units, old, other)
        async with units.open(ANYBODY) as unit:
            await unit.challenges.add(a_challenge(now=NOW - DAY))
            removed = [await unit.challenges.purge(before=NOW, limit=2) for _ in range(3)]
            assert await unit.challenges.find(old.id) is None
        assert removed == [2, 1, 0]
        assert await _stored(units, old) == old


async def _take(units: Units[StoreUnit], challenge: Challenge) -> Challenge | None:
    return await in_one_unit(
        units, lambda unit: unit.challenges.take_attempt(challenge.id, challenge.purpose, now=NOW)
    )


async def _copy_of(units: Units[StoreUnit], challenge: Challenge) -> Challenge:
    # Every rival starts from the same old generation, also when another has renewed it by now.
    mine = await _stored(units, challenge)
    mine.generation = challenge.generation
    return mine
