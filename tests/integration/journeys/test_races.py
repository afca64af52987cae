"""Races: what must happen once happens once, from several processes, on SQLite and on PostgreSQL."""

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.one_time_things import EMAIL, SIGN_UP_CODE, a_sign_up_code
from tests.integration.journeys.racing import Arena, used_once
from tests.unit.application.identity.people import a_member, code_for, sign_up, signed_in

from multiproduct.application.identity import RefreshSession, VerifyRegistration
from multiproduct.domain.identity import TokenInvalid
from multiproduct.domain.otp import InvalidCode


async def test_of_a_thousand_right_answers_one_succeeds(arena: Arena) -> None:
    await used_once(arena, SIGN_UP_CODE)


async def test_of_a_thousand_wrong_answers_five_are_evaluated_and_the_code_is_dead(arena: Arena) -> None:
    order = await a_sign_up_code(arena, 1_000)
    outcomes = arena.race("answers", contenders=1_000, **(order | {"right": False}))
    assert outcomes == {"invalid_code": 1_000}
    assert await arena.count("otp.wrong_code_given", order["challenge_id"]) == 5
    assert await arena.count("otp.challenge_voided", order["challenge_id"]) == 1
    with pytest.raises(InvalidCode):
        await arena.house.identity.registration.verify(
            VerifyRegistration(challenge_id=order["challenge_id"], otp=order["code"])
        )


async def test_of_many_claims_of_one_user_name_one_wins(arena: Arena) -> None:
    rivals = 16
    registrations = []
    for number in range(rivals):
        email = f"person{number}@stark.com"
        sent = await sign_up(arena.house, email, "iron.man")
        registrations.append([str(sent.challenge_id), await code_for(arena.house, email)])
    outcomes = arena.race(
        "claims",
        contenders=rivals,
        registrations=registrations,
    )
    assert outcomes == {"ok": 1, "username_taken": rivals - 1}


async def test_sixty_four_clients_of_one_session_are_never_signed_out(arena: Arena) -> None:
    await a_member(arena.house, EMAIL)
    tokens = await signed_in(arena.house, EMAIL)
    outcomes = arena.race(
        "refreshes",
        contenders=64,
        refresh=tokens.refresh,
        turns=proof_scale(10, 100),
    )
    assert outcomes == {"ok": 64}
    assert await arena.count("identity.session_ended") == 0


async def test_after_a_sign_out_amid_refreshes_no_token_lives(arena: Arena) -> None:
    await a_member(arena.house, EMAIL)
    tokens = await signed_in(arena.house, EMAIL)
    outcomes = arena.race(
        "refreshes_or_signs_out",
        contenders=64,
        refresh=tokens.refresh,
        turns=proof_scale(10, 50),
        leaver=5,
    )
    assert set(outcomes) <= {"ok", "token_invalid"}
    assert await arena.count("identity.session_ended") == 1
    with pytest.raises(TokenInvalid):
        await arena.house.identity.sessions.refresh(RefreshSession(refresh=tokens.refresh))
    with pytest.raises(TokenInvalid):
        await arena.house.identity.authenticating.principal(tokens.access)
