"""Many people at once, in processes of their own: run as `python -m tests.integration.journeys.contenders`.

Reads a JSON list of orders from standard input, forks a process for each, says "ready" when all of them are,
waits for a line, has them race, and prints what came of it together.
"""

import asyncio
import json
import os
import sys
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NoReturn
from uuid import UUID

from tests.integration.journeys.commerce_contenders import changes_subscriptions
from tests.integration.journeys.inbox_contenders import SlowInbox, fills_and_reads, fills_until_erased
from tests.integration.journeys.patience import patiently
from tests.integration.journeys.role_contenders import removes_the_next, revokes_or_suspends

from multiproduct.application.caller import Caller
from multiproduct.application.identity import (
    AcceptInvitation,
    CompleteSignIn,
    ConfirmContactChange,
    ConfirmPasswordReset,
    RefreshSession,
    SignInWithDeviceKey,
    SignInWithPasskey,
    SignInWithPassword,
    SignOut,
    SocialCallback,
    Tokens,
    VerifyRegistration,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import ContactKind, Provider
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


class SlowAssignments:
    """The real repository, with a pause between asking for another Admin and what follows it."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def has_admin_besides(self, *args: Any, **named: Any) -> Any:
        found = await self._real.has_admin_besides(*args, **named)
        await asyncio.sleep(WINDOW_SECONDS / 5)
        return found


class SlowCeremonies:
    """The real repository, with a pause between the statement that uses a challenge up and what follows."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def consume(self, *args: Any, **named: Any) -> Any:
        used = await self._real.consume(*args, **named)
        await asyncio.sleep(WINDOW_SECONDS)
        return used


class SlowInvitations:
    """The real repository, with a pause between reading an invitation and what is done with it."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def find(self, *args: Any, **named: Any) -> Any:
        found = await self._real.find(*args, **named)
        await asyncio.sleep(WINDOW_SECONDS)
        return found


class SlowStates:
    """The real repository, with a pause between the statement that takes a state and the commit."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def take(self, *args: Any, **named: Any) -> Any:
        found = await self._real.take(*args, **named)
        await asyncio.sleep(WINDOW_SECONDS)
        return found


class SlowAccounts:
    """The real repository, with a pause between counting the ways in and giving one up."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def of_user(self, *args: Any, **named: Any) -> Any:
        found = await self._real.of_user(*args, **named)
        await asyncio.sleep(WINDOW_SECONDS)
        return found


class SlowUnits:
    """The real units, with slow challenges and assignments."""

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
            unit.ceremony_challenges = SlowCeremonies(unit.ceremony_challenges)
            unit.role_assignments = SlowAssignments(unit.role_assignments)
            unit.invitations = SlowInvitations(unit.invitations)
            unit.social_states = SlowStates(unit.social_states)
            unit.social_accounts = SlowAccounts(unit.social_accounts)
            unit.inbox = SlowInbox(unit.inbox)
            yield unit


async def outcome(attempt: Callable[[], Awaitable[Any]], *, is_patient: bool) -> str:
    """`ok`, or the code of the error."""
    try:
        await (patiently(attempt) if is_patient else attempt())
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


async def refreshed(house: Multiproduct, token: str) -> Tokens:
    """A refresh by a client that comes again where it is told to."""
    return await patiently(lambda: house.identity.sessions.refresh(RefreshSession(refresh=token)))


def refreshes(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender refreshes over and over with the newest token it knows, losing some answers."""

    async def one(number: int) -> None:
        token = order["refresh"]
        for turn in range(order["turns"]):
            fresh = await refreshed(house, token)
            if (number + turn) % 20 != 0:
                token = fresh.refresh

    return one


def refreshes_or_signs_out(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """One contender signs out in the middle of the others' refreshes."""

    async def one(number: int) -> None:
        if number == order["leaver"]:
            await asyncio.sleep(0.05)
            await patiently(lambda: house.identity.sessions.sign_out(SignOut(refresh=order["refresh"])))
            return
        token = order["refresh"]
        for _ in range(order["turns"]):
            token = (await refreshed(house, token)).refresh

    return one


def sign_ins(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender signs in."""

    def one(number: int) -> Awaitable[Any]:
        return house.identity.sign_in.with_password(
            SignInWithPassword(email=order["email"], password=order["password"])
        )

    return one


def passkey_answers(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender gives the same right answer to one passkey challenge."""
    command = SignInWithPasskey.model_validate_json(json.dumps(order["command"]))
    return lambda _number: house.identity.passkey_sign_in.sign_in(command)


def device_answers(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender answers a device challenge: all the same one, or each the one of its number."""
    commands = [SignInWithDeviceKey.model_validate_json(json.dumps(each)) for each in order["commands"]]
    return lambda number: house.identity.device_key_sign_in.sign_in(commands[number % len(commands)])


def second_factors(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender completes a sign-in with one of the codes."""
    codes = order.get("codes") or [order["code"]]

    def one(number: int) -> Awaitable[Any]:
        return house.identity.second_factor_sign_in.complete(
            CompleteSignIn(
                mfa_token=order["tokens"][number % len(order["tokens"])], code=codes[number % len(codes)]
            )
        )

    return one


def address_proofs(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender proves a change of address with the link of its number."""
    links = order["links"]

    def one(number: int) -> Awaitable[Any]:
        command = ConfirmContactChange(token=links[number % len(links)])
        return house.identity.contact_changes.confirm(ContactKind.EMAIL, command)

    return one


def resets(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender sets a password of its own with the same right code."""

    def one(number: int) -> Awaitable[Any]:
        return house.identity.password_reset.confirm(
            ConfirmPasswordReset(
                challenge_id=UUID(order["challenge_id"]),
                otp=order["code"],
                new_password=f"{order['password']} {number}",
            )
        )

    return one


def uploads(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender uploads a file of its own for the same document."""

    async def one(number: int) -> None:
        caller = Caller(principal=await house.identity.authenticating.principal(order["access"]))
        content = b"%PDF-1.7 " + str(number).encode()
        await house.identity.documents.upload(UUID(order["document_id"]), content, caller)

    return one


def invited(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender accepts the same invitation."""

    def one(number: int) -> Awaitable[Any]:
        command = AcceptInvitation(token=order["token"], password=f"{order['password']} {number}")
        return house.identity.invitation_accepting.accept(command)

    return one


def returns(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Each contender comes back from the provider with the same state and code, in the same browser."""

    def one(number: int) -> Awaitable[Any]:
        back = SocialCallback(state=order["state"], code=order["code"])
        return house.identity.social_sign_in.by_code(Provider.GOOGLE, back, browser=order["browser"])

    return one


def gives_up_a_way_in(house: Multiproduct, order: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
    """Every second contender unlinks the person's account, the others remove the person's passkey."""

    async def one(number: int) -> None:
        caller = Caller(principal=await house.identity.authenticating.principal(order["access"]))
        if number % 2:
            await house.identity.social_linking.unlink(UUID(order["account_id"]), caller)
        else:
            await house.identity.passkeys.remove(UUID(order["passkey_id"]), caller)

    return one


RACES = {
    "changes_subscriptions": changes_subscriptions,
    "gives_up_a_way_in": gives_up_a_way_in,
    "returns": returns,
    "invited": invited,
    "resets": resets,
    "uploads": uploads,
    "address_proofs": address_proofs,
    "second_factors": second_factors,
    "passkey_answers": passkey_answers,
    "device_answers": device_answers,
    "removes_the_next": removes_the_next,
    "fills_and_reads": fills_and_reads,
    "fills_until_erased": fills_until_erased,
    "revokes_or_suspends": revokes_or_suspends,
    "answers": answers,
    "claims": claims,
    "refreshes": refreshes,
    "refreshes_or_signs_out": refreshes_or_signs_out,
    "sign_ins": sign_ins,
}

STORIES = frozenset({"refreshes", "refreshes_or_signs_out"})
"""Races in which a contender does many things one after another, and cannot begin again."""


async def race(order: dict[str, Any]) -> None:
    settings = Settings(**order["settings"])
    overrides = Overrides(wrap_units=SlowUnits)
    async with Multiproduct.from_settings(settings, overrides=overrides) as house:
        one = RACES[order["race"]](house, order)
        print("ready", flush=True)
        if not await asyncio.to_thread(sys.stdin.readline):
            return  # whoever ordered it has gone away
        numbers = range(order["first"], order["first"] + order["count"])
        is_patient = order["race"] not in STORIES
        results = await asyncio.gather(
            *(outcome(partial(one, number), is_patient=is_patient) for number in numbers)
        )
    print(json.dumps(Counter(results)), flush=True)


class Forked:
    """A process that was forked when everything was imported, which takes longer than many a race."""

    def __init__(self, order: dict[str, Any]) -> None:
        gets, asks = os.pipe()
        hears, says = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(asks)
            os.close(hears)
            sys.stdin, sys.stdout = os.fdopen(gets, "r"), os.fdopen(says, "w")
            self._race(order)
        os.close(gets)
        os.close(says)
        self._to, self._from = os.fdopen(asks, "w"), os.fdopen(hears, "r")

    @staticmethod
    def _race(order: dict[str, Any]) -> NoReturn:
        ended_well = False
        try:
            asyncio.run(race(order))
            ended_well = True
        except BaseException:  # it has to end here, and not in what the parent does next
            traceback.print_exc()
        finally:
            os._exit(0 if ended_well else 1)

    def is_ready(self) -> bool:
        return self._from.readline().strip() == "ready"

    def go(self) -> None:
        self._to.write("go\n")
        self._to.flush()

    def came_of_it(self) -> Counter[str]:
        said = self._from.read()
        _, status = os.waitpid(self._pid, 0)
        if status:
            raise SystemExit(1)
        return Counter(json.loads(said.splitlines()[-1]))


def main() -> None:
    runners = [Forked(order) for order in json.loads(sys.stdin.readline())]
    if not all(runner.is_ready() for runner in runners):
        raise SystemExit(1)
    print("ready", flush=True)
    sys.stdin.readline()
    for runner in runners:
        runner.go()
    total: Counter[str] = Counter()
    for runner in runners:
        total.update(runner.came_of_it())
    print(json.dumps(total), flush=True)


if __name__ == "__main__":
    main()
