"""The embedded API: asynchronous, blocking from many threads, and cheap to import."""

import asyncio
import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

import multiproduct
from multiproduct import (
    ANYBODY,
    SYSTEM,
    BlockingMultiproduct,
    Caller,
    CheckUsername,
    CreateAdmin,
    Multiproduct,
    SignInWithPassword,
    StartRegistration,
    VerifyRegistration,
)
from multiproduct.application.ports.todos import Todo
from multiproduct.bootstrap import NotMigrated, Overrides
from multiproduct.domain.identity import InvalidCredentials
from multiproduct.entrypoints.library import AlreadyOpen, Closed, NotOpen
from multiproduct.settings import Settings

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
    with pytest.raises(NotOpen, match=r"with BlockingMultiproduct\(\.\.\.\) as mp:"):
        mp.call(mp.use.drain)
    with mp:
        assert mp.call(mp.use.drain) == 0
        with pytest.raises(AlreadyOpen, match="opened once"):
            mp.open()
        assert mp.call(mp.use.drain) == 0
    mp.close()
    for again in (lambda: mp.call(mp.use.drain), mp.open, lambda: mp.use.identity):
        with pytest.raises(Closed, match="Construct another one"):
            again()


async def test_one_that_is_closed_says_so_whatever_is_asked_of_it() -> None:
    mp = Multiproduct.in_memory()
    async with mp:
        with pytest.raises(AlreadyOpen, match="opened once"):
            await mp.__aenter__()
        assert (await mp.identity.usernames.check(CheckUsername(username="ada_l"))).available
    for again in (mp.__aenter__, mp.drain):
        with pytest.raises(Closed, match="Construct another one"):
            await again()
    with pytest.raises(Closed):
        _ = mp.identity
    with pytest.raises(Closed):
        mp.join(None)


def security_records(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == "multiproduct.security"]


def in_a_file(folder: Path) -> Multiproduct:
    url = f"sqlite:///{folder}/shop.db"
    settings = Settings(database_url=url, mailbox_dir=folder / "mailbox", password_cost="test")
    return Multiproduct.from_settings(settings)


async def test_a_database_without_tables_is_told_when_it_is_opened(tmp_path: Path) -> None:
    mp = in_a_file(tmp_path)
    with pytest.raises(NotMigrated, match="run `multiproduct migrate`, or in a program call migrate"):
        async with mp:
            raise AssertionError
    with pytest.raises(Closed):
        await mp.__aenter__()


async def test_a_program_migrates_before_it_opens(tmp_path: Path) -> None:
    mp = in_a_file(tmp_path)
    await mp.migrate()
    await mp.migrate()
    async with mp:
        assert (await mp.container.health())["migrations"] == "ok"
    async with in_a_file(tmp_path) as other:
        assert (await other.identity.usernames.check(CheckUsername(username="ada_l"))).available


async def test_what_a_host_rolls_back_is_not_in_the_security_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="multiproduct.security")
    mp = in_a_file(tmp_path)
    await mp.migrate()
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/shop.db")
    async with mp:
        for number in (1, 2):
            async with engine.connect() as connection:
                joined = mp.join(connection)
                await joined.identity.administration.create_member(_an_admin(number), SYSTEM)
                if number == 1:
                    await connection.rollback()
                    continue
                await connection.commit()
            assert security_records(caplog) == []
            joined.host_committed()
    await engine.dispose()
    (record,) = security_records(caplog)
    assert record.getMessage() == "identity.user_registered"


def test_a_blocking_program_migrates_before_it_opens(tmp_path: Path) -> None:
    unready = BlockingMultiproduct(in_a_file(tmp_path))
    with pytest.raises(NotMigrated):
        unready.open()
    with pytest.raises(Closed):
        unready.call(unready.use.drain)
    mp = BlockingMultiproduct(in_a_file(tmp_path))
    mp.migrate()
    with mp:
        assert mp.call(mp.use.drain) == 0


async def test_what_concerns_security_is_logged_after_its_commit_without_addresses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", logger="multiproduct.security")
    caller = Caller(ip="192.0.2.7", user_agent="a browser", request_id="r-1")
    async with Multiproduct.in_memory() as mp:
        await mp.identity.administration.create_admin(_an_admin(1), SYSTEM)
        with pytest.raises(InvalidCredentials):
            await mp.identity.sign_in.with_password(
                SignInWithPassword(username="person.1", password="not that one"), caller
            )
        await mp.identity.sign_in.with_password(
            SignInWithPassword(username="person.1", password=PASSWORD), caller
        )
    records = security_records(caplog)
    told = [record.getMessage() for record in records]
    assert told == [
        "identity.user_registered", "identity.role_granted", "identity.sign_in_refused", "identity.signed_in",
    ]  # fmt: skip
    assert [(vars(record)["ip"], vars(record)["request_id"]) for record in records[2:]] == [
        ("192.0.2.7", "r-1"), ("192.0.2.7", "r-1"),
    ]  # fmt: skip
    assert "p1@b.example" not in "".join(str(vars(record)) for record in records)


def test_opening_that_fails_raises_and_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = Multiproduct.in_memory()
    mp = BlockingMultiproduct(inner)

    async def broken() -> None:
        raise OSError("no disk")

    monkeypatch.setattr(type(inner), "__aenter__", lambda self: broken())
    with pytest.raises(OSError, match="no disk"):
        mp.open()
    with pytest.raises(Closed):
        mp.call(mp.use.drain)
    assert "multiproduct" not in [thread.name for thread in threading.enumerate()]


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
        had_effect = [await mp.container.dispatching.run(todo) for todo in sent_on * 3]
        mailbox = mp.container.mailbox
        assert mailbox is not None
        mails = await mailbox.messages("p1@b.example")
    assert sent_on
    assert had_effect == [True] * len(sent_on) + [False] * 2 * len(sent_on)
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
