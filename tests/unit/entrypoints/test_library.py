"""The embedded API: asynchronous, blocking from many threads, and cheap to import."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

import multiproduct
from multiproduct import (
    ANYBODY,
    SYSTEM,
    BlockingMultiproduct,
    CheckUsername,
    CreateAdmin,
    Multiproduct,
    SignInWithPassword,
    StartRegistration,
    VerifyRegistration,
)
from multiproduct.application.ports.todos import Todo
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import InvalidCredentials
from multiproduct.entrypoints.library.blocking import NotOpen

PASSWORD = "correct horse battery"


def _an_admin(number: int) -> CreateAdmin:
    return CreateAdmin(email=f"p{number}@b.example", username=f"person.{number}", password=PASSWORD)


async def test_the_journey_of_the_readme_runs_in_memory() -> None:
    async with Multiproduct.in_memory() as mp:
        started = await mp.identity.registration.start(
            StartRegistration(email="peter@b.example", password=PASSWORD, username="peter.p"), ANYBODY
        )
        await mp.drain()
        mailbox = mp.container.mailbox
        assert mailbox is not None
        (mail,) = await mailbox.messages("peter@b.example")
        code = next(word for word in mail.text.split() if word.isdigit() and len(word) == 6)
        await mp.identity.registration.verify(
            VerifyRegistration(challenge_id=started.challenge_id, otp=code), ANYBODY
        )
        tokens = await mp.identity.sign_in.with_password(
            SignInWithPassword(username="peter.p", password=PASSWORD), ANYBODY
        )
    assert tokens.access


def test_a_blocking_program_calls_use_cases_from_eight_threads() -> None:
    with BlockingMultiproduct(Multiproduct.in_memory()) as mp, ThreadPoolExecutor(8) as threads:
        administration = mp.use.identity.administration

        def make(number: int) -> str:
            return mp.call(administration.create_admin, _an_admin(number), SYSTEM).username

        names = list(threads.map(make, range(40)))
        answer = mp.call(mp.use.identity.usernames.check, CheckUsername(username="person.7"), ANYBODY)
    assert names == [f"person.{number}" for number in range(40)]
    assert not answer.available


def test_a_blocking_call_raises_what_the_use_case_raises() -> None:
    with BlockingMultiproduct(Multiproduct.in_memory()) as mp, pytest.raises(InvalidCredentials):
        mp.call(
            mp.use.identity.sign_in.with_password,
            SignInWithPassword(username="nobody.here", password=PASSWORD),
            ANYBODY,
        )


def test_a_call_before_opening_or_after_closing_says_what_to_do() -> None:
    mp = BlockingMultiproduct(Multiproduct.in_memory())
    what_to_do = r"with BlockingMultiproduct\(\.\.\.\) as mp:"
    with pytest.raises(NotOpen, match=what_to_do):
        mp.call(mp.use.drain)
    with mp:
        assert mp.call(mp.use.drain) == 0
    mp.close()
    with pytest.raises(NotOpen, match=what_to_do):
        mp.call(mp.use.drain)


def test_opening_that_fails_raises_and_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = Multiproduct.in_memory()
    mp = BlockingMultiproduct(inner)

    async def broken() -> None:
        raise OSError("no disk")

    monkeypatch.setattr(type(inner), "__aenter__", lambda self: broken())
    with pytest.raises(OSError, match="no disk"):
        mp.open()
    with pytest.raises(NotOpen):
        mp.call(mp.use.drain)


async def test_reactions_run_by_themselves_on_the_owners_loop() -> None:
    async with Multiproduct.in_memory() as mp:
        await mp.identity.administration.create_admin(_an_admin(1), SYSTEM)
        async with asyncio.timeout(30):
            while (await mp.container.todo_queue.backlog(now=mp.container.real_time.now())).open:
                await asyncio.sleep(0.01)


async def test_a_broker_message_that_comes_twice_sends_one_mail() -> None:
    sent_on: list[Todo] = []

    async def send_on(todo: Todo) -> None:
        sent_on.append(todo)

    async with Multiproduct.in_memory(overrides=Overrides(hand_over=send_on)) as mp:
        await mp.identity.administration.create_member(_an_admin(1), SYSTEM)
        await mp.drain()
        for todo in sent_on * 3:
            assert await mp.container.dispatching.run(todo)
        mailbox = mp.container.mailbox
        assert mailbox is not None
        mails = await mailbox.messages("p1@b.example")
    assert sent_on
    assert len(mails) == 1


def test_everything_that_is_exported_is_there_and_nothing_else_is() -> None:
    for name in multiproduct.__all__:
        assert getattr(multiproduct, name) is not None
    assert set(multiproduct.__all__) <= set(dir(multiproduct))
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        multiproduct.Nonsense  # noqa: B018 - the look-up is what is tested


def test_importing_the_package_loads_none_of_its_parts() -> None:
    script = (
        "import sys, importlib; before = set(sys.modules); import multiproduct; "
        "print(sorted(set(sys.modules) - before - {'multiproduct'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
