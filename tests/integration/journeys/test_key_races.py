"""Races for challenges that keys answer: one winner, and five failures lock a key exactly, from several
processes, on SQLite and on PostgreSQL."""

import os

import pytest
from tests.integration.journeys.one_time_things import (
    DEVICE_CHALLENGE,
    PASSKEY_CHALLENGE,
    a_device,
    a_device_answer,
)
from tests.integration.journeys.racing import Arena, used_once

from multiproduct.application.identity import SignInWithDeviceKey
from multiproduct.domain.identity import InvalidCredentials


async def test_one_right_answer_given_many_times_to_a_device_challenge_signs_in_once(arena: Arena) -> None:
    await used_once(arena, DEVICE_CHALLENGE)


async def test_one_right_answer_given_many_times_to_a_passkey_challenge_signs_in_once(arena: Arena) -> None:
    await used_once(arena, PASSKEY_CHALLENGE)


async def test_of_many_wrong_signatures_at_once_five_are_counted_and_the_key_is_locked_once(
    arena: Arena,
) -> None:
    device = await a_device(arena.house)
    commands = [await a_device_answer(arena.house, device, os.urandom(70)) for _ in range(40)]
    outcomes = arena.race("device_answers", contenders=40, commands=commands)
    assert outcomes == {"invalid_credentials": 40}
    assert await arena.count("identity.device_key_refused") == 5
    assert await arena.count("identity.device_key_locked") == 1
    command = await a_device_answer(arena.house, device)
    with pytest.raises(InvalidCredentials):
        await arena.house.identity.device_key_sign_in.sign_in(SignInWithDeviceKey.model_validate(command))
