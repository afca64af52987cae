"""What every store of ceremony challenges must do: let one answer use each up, whoever else tries."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from multiproduct.adapters.contracts.builders import (
    DAY,
    MINUTE,
    NOW,
    a_ceremony_challenge,
    a_user_id,
    a_uuid,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, race
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import CeremonyAnswer, CeremonyChallenge, CeremonyPurpose

RIVALS = 50


def _answer(challenge: CeremonyChallenge) -> CeremonyAnswer:
    return CeremonyAnswer(
        id=challenge.id,
        purpose=challenge.purpose,
        audience=challenge.audience,
        user_id=challenge.user_id,
        key_id=challenge.key_id,
    )


async def _keep(units: Units[StoreUnit], *challenges: CeremonyChallenge) -> None:
    async with units.open(ANYBODY) as unit:
        for challenge in challenges:
            await unit.ceremony_challenges.add(challenge)
        await unit.commit()


async def _consume(units: Units[StoreUnit], answer: CeremonyAnswer) -> CeremonyChallenge | None:
    return await in_one_unit(units, lambda unit: unit.ceremony_challenges.consume(answer, now=NOW))


class CeremonyChallengesContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`.
    """

    @pytest.mark.parametrize(("user_known", "key_known"), [(1, 1), (1, 0), (0, 0)])
    async def test_every_field_comes_back_as_it_was_and_it_is_used_up(
        self, units: Units[StoreUnit], user_known: int, key_known: int
    ) -> None:
        challenge = replace(
            a_ceremony_challenge(),
            user_id=a_user_id() if user_known else None,
            key_id="ab" * 32 if key_known else None,
        )
        await _keep(units, challenge)
        later = NOW + timedelta(seconds=59, microseconds=999_999)
        taken = await in_one_unit(
            units, lambda unit: unit.ceremony_challenges.consume(_answer(challenge), now=later)
        )
        assert taken == replace(challenge, used_at=later)
        again = await in_one_unit(
            units, lambda unit: unit.ceremony_challenges.consume(_answer(challenge), now=NOW)
        )
        assert again is None

    async def test_of_many_rivals_one_uses_it_up(self, units: Units[StoreUnit]) -> None:
        challenge = a_ceremony_challenge()
        await _keep(units, challenge)

        async def consume(unit: StoreUnit) -> bool:
            taken = await unit.ceremony_challenges.consume(_answer(challenge), now=NOW)
            await asyncio.sleep(0)
            await unit.commit()
            return taken is not None

        assert sorted(await race(units, RIVALS, consume)) == [False] * (RIVALS - 1) + [True]

    async def test_an_answer_of_another_kind_gets_nothing_and_leaves_it_as_it_was(
        self, units: Units[StoreUnit]
    ) -> None:
        challenge = replace(a_ceremony_challenge(), user_id=a_user_id(), key_id="ab" * 32)
        await _keep(units, challenge)
        right = _answer(challenge)
        for wrong in (
            replace(right, id=a_uuid()),
            replace(right, purpose=CeremonyPurpose.PASSKEY_SIGN_IN),
            replace(right, audience="elsewhere.example"),
            replace(right, user_id=a_user_id()),
            replace(right, user_id=None),
            replace(right, key_id="cd" * 32),
            replace(right, key_id=None),
        ):
            taken = await _consume(units, wrong)
            assert taken is None, wrong
        assert await in_one_unit(units, lambda unit: unit.ceremony_challenges.consume(right, now=NOW))

    async def test_a_bound_answer_gets_nothing_of_an_unbound_challenge(self, units: Units[StoreUnit]) -> None:
        challenge = a_ceremony_challenge()
        await _keep(units, challenge)
        bound = replace(_answer(challenge), user_id=a_user_id())
        assert await in_one_unit(units, lambda unit: unit.ceremony_challenges.consume(bound, now=NOW)) is None

    async def test_at_the_moment_of_expiry_it_is_over(self, units: Units[StoreUnit]) -> None:
        challenge = a_ceremony_challenge()
        await _keep(units, challenge)
        at = challenge.expires_at
        answer = _answer(challenge)
        assert await in_one_unit(units, lambda unit: unit.ceremony_challenges.consume(answer, now=at)) is None

    async def test_what_is_undone_can_be_used_again(self, units: Units[StoreUnit]) -> None:
        challenge = a_ceremony_challenge()
        await _keep(units, challenge)
        async with units.open(ANYBODY) as unit:
            assert await unit.ceremony_challenges.consume(_answer(challenge), now=NOW)
        assert await in_one_unit(
            units, lambda unit: unit.ceremony_challenges.consume(_answer(challenge), now=NOW)
        )

    async def test_purging_removes_what_expired_before_and_no_more_than_the_limit(
        self, units: Units[StoreUnit]
    ) -> None:
        old = [a_ceremony_challenge(now=NOW - DAY) for _ in range(5)]
        fresh = a_ceremony_challenge()
        await _keep(units, *old, fresh)
        removed = [
            await in_one_unit(units, lambda unit: unit.ceremony_challenges.purge(before=NOW, limit=2))
            for _ in range(4)
        ]
        assert removed == [2, 2, 1, 0]
        soon = fresh.expires_at - MINUTE / 2
        answer = _answer(fresh)
        assert await in_one_unit(units, lambda unit: unit.ceremony_challenges.consume(answer, now=soon))
