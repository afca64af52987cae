"""Many people at once, in a process of their own: run as `python -m tests.integration.journeys.contenders`.

Reads one JSON order from standard input, says "ready", waits for a line, races, and prints what came of it.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from multiproduct.application.identity import (
    RefreshSession,
    SignInWithPassword,
    SignOut,
    VerifyRegistration,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.shared import MultiproductError
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

WINDOW_SECONDS = 0.01


class SlowChallenges:
    """The real repository, with a pause between the statement that counts an attempt and what follows it."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def take_attempt(self, *args: Any, **named: Any) -> Any:
        found = await self._real.take_attempt(*args, **named)
        await asyncio.sleep(WINDOW_SECONDS)
        return found


class SlowUnits:
    """The real units, with slow challenges."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def view(self, caller: Any) -> Any:
        return self._real.view(caller)

    def open(self, caller: Any) -> Any:
        return self._slowed(self._real.open(caller))

    def open_alone(self, caller: Any) -> Any:
        return self._slowed(self._real.open_alone(caller))

    @asynccontextmanager
    async def _slowed(self, opening: Any) -> Any:
        async with opening as unit:
            unit.challenges = SlowChallenges(unit.challenges)
            yield unit


async def outcome(work: Awaitable[Any]) -> str:
    """`ok`, or the code of the error."""
    try:
        await work
    except MultiproductError as error:
        return error.code
    return "ok"


def answers(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender answers the same challenge, with the right code or with a wrong one."""

    def one(number: int) -> Awaitable[Any]:
        otp = order["code"] if order["right"] else f"{number % 1_000_000:06d}"
        if not order["right"] and otp == order["code"]:
            otp = "999999" if order["code"] != "999999" else "999998"
        return house.identity.registration.verify(
            VerifyRegistration(challenge_id=UUID(order["challenge_id"]), otp=otp)
        )

    return one


def claims(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender proves another registration, all of which wish for the same user name."""
    mine = order["registrations"]

    def one(number: int) -> Awaitable[Any]:
        challenge_id, code = mine[number % len(mine)]
        return house.identity.registration.verify(
            VerifyRegistration(challenge_id=UUID(challenge_id), otp=code)
        )

    return one


def refreshes(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender refreshes over and over with the newest token it knows, losing some answers."""

    async def one(number: int) -> None:
        token = order["refresh"]
        for turn in range(order["turns"]):
            fresh = await house.identity.sessions.refresh(RefreshSession(refresh=token))
            if (number + turn) % 20 != 0:
                token = fresh.refresh

    return one


def refreshes_or_signs_out(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """One contender signs out in the middle of the others' refreshes."""

    async def one(number: int) -> None:
        if number == order["leaver"]:
            await asyncio.sleep(0.05)
            await house.identity.sessions.sign_out(SignOut(refresh=order["refresh"]))
            return
        token = order["refresh"]
        for _ in range(order["turns"]):
            token = (await house.identity.sessions.refresh(RefreshSession(refresh=token))).refresh

    return one


def sign_ins(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender signs in."""

    def one(number: int) -> Awaitable[Any]:
        return house.identity.sign_in.with_password(
            SignInWithPassword(email=order["email"], password=order["password"])
        )

    return one


RACES = {
    "answers": answers,
    "claims": claims,
    "refreshes": refreshes,
    "refreshes_or_signs_out": refreshes_or_signs_out,
    "sign_ins": sign_ins,
}


async def race() -> None:
    order = json.loads(sys.stdin.readline())
    settings = Settings(**order["settings"])
    overrides = Overrides(wrap_units=SlowUnits)
    async with Multiproduct.from_settings(settings, overrides=overrides) as house:
        one = RACES[order["race"]](house, order)
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        numbers = range(order["first"], order["first"] + order["count"])
        results = await asyncio.gather(*(outcome(one(number)) for number in numbers))
    print(json.dumps(Counter(results)), flush=True)


if __name__ == "__main__":
    asyncio.run(race())
