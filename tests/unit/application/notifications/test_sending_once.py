"""A notification is sent once, or it is on record why it was not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.unit.application.identity.people import a_member, latest_mail, open_house, sign_up

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import SignInWithPassword, StartRegistration, VerifyRegistration
from multiproduct.application.notifications.deliveries import Delivery, DeliveryFilter, DeliveryStatus
from multiproduct.application.ports.mailer import Mail, MailUncertain
from multiproduct.application.ports.texter import Text, TextRefused, TextUncertain
from multiproduct.application.ports.todos import Todo
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import InvalidCredentials
from multiproduct.domain.shared import Unavailable
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

TONY = "tony@stark.com"


@dataclass
class Outbox:
    """A mailer that keeps what it is given."""

    mails: list[Mail] = field(default_factory=list)

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)


async def deliveries(house: Multiproduct, channel: str) -> list[Delivery]:
    """The delivery log over one channel."""
    async with house.container.units.view(SYSTEM) as view:
        return list(await view.deliveries.page(DeliveryFilter(channel=channel), before=None, limit=99))


class NumberlessGateway:
    """Refuses every number for good, or for now."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    async def send(self, text: Text) -> None:
        self.asked += 1
        raise self.error


async def test_a_text_that_a_gateway_refuses_for_good_is_noted_as_failed_and_never_tried_again() -> None:
    gateway = NumberlessGateway(TextRefused(reason="twilio_21211"))
    async with open_house(Overrides(texter=gateway)) as mp:
        await mp.identity.registration.start(StartRegistration(phone="+16502530000"))
        await mp.drain()
        [text] = await deliveries(mp, "sms")
        backlog = await mp.container.todo_queue.backlog(now=mp.container.real_time.now())
    assert (text.status, text.reason) == (DeliveryStatus.FAILED, "number_refused")
    assert "6502530000" not in text.recipient
    assert gateway.asked == 1
    assert (backlog.open, backlog.dead) == (0, 0)


async def test_a_text_that_a_gateway_cannot_take_now_is_owed_still() -> None:
    gateway = NumberlessGateway(Unavailable(what="sms"))
    async with open_house(Overrides(texter=gateway)) as mp:
        await mp.identity.registration.start(StartRegistration(phone="+16502530000"))
        await mp.drain()
        [text] = await deliveries(mp, "sms")
        backlog = await mp.container.todo_queue.backlog(now=mp.container.real_time.now())
    assert text.status is DeliveryStatus.PLANNED
    assert gateway.asked >= 1
    assert (backlog.open, backlog.dead) == (1, 0)


class SilentOnce:
    """Takes the first text without an answer, and keeps what it is given."""

    def __init__(self) -> None:
        self.texts: list[Text] = []

    async def send(self, text: Text) -> None:
        self.texts.append(text)
        if len(self.texts) == 1:
            raise TextUncertain(what="sms")


async def test_a_code_is_texted_again_where_the_gateway_fell_silent() -> None:
    gateway, store = SilentOnce(), MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(texter=gateway, store=store)) as mp:
        await mp.container.relay.stop()
        await mp.identity.registration.start(StartRegistration(phone="+16502530000"))
        await mp.drain()
        kept = store._store.todos
        for row in list(kept.rows.values()):
            kept.put(type(row)(key=row.key, due_at=mp.container.real_time.now(), attempts=row.attempts))
        await mp.drain()
        [text] = await deliveries(mp, "sms")
    assert text.status is DeliveryStatus.SENT
    first, second = gateway.texts
    assert first == second, "the same words with the same id"


async def test_a_notice_is_not_sent_again_where_whoever_takes_it_fell_silent() -> None:
    class Silent(Outbox):
        is_silent = False

        async def send(self, mail: Mail) -> None:
            await super().send(mail)
            if self.is_silent:
                raise MailUncertain(what="mail")

    outbox = Silent()
    async with open_house(Overrides(mailer=outbox)) as mp:
        sent = await mp.identity.registration.start(StartRegistration(email=TONY, password="an arc reactor"))
        await mp.drain()
        code = next(word for word in outbox.mails[0].text.split() if word.isdigit() and len(word) == 6)
        await mp.identity.registration.verify(VerifyRegistration(challenge_id=sent.challenge_id, otp=code))
        await mp.drain()
        before = len(outbox.mails)
        outbox.is_silent = True
        await mp.identity.registration.start(StartRegistration(email=TONY, password="an arc reactor"))
        await mp.drain()
        [row] = [row for row in await deliveries(mp, "email") if row.type_key == "identity.account_exists"]
        backlog = await mp.container.todo_queue.backlog(now=mp.container.real_time.now())
    assert len(outbox.mails) - before == 1
    assert (row.status, row.reason) == (DeliveryStatus.UNCERTAIN, "no_answer")
    assert (backlog.open, backlog.dead) == (0, 0)


class Killed(BaseException):
    """As if the process were gone."""


class Dying(Outbox):
    """Takes mails. As often as a test says its process dies at it, or it takes none."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[BaseException] = []

    async def send(self, mail: Mail) -> None:
        if self.ends:
            if isinstance(self.ends[0], Killed):
                await super().send(mail)
            raise self.ends.pop(0)
        await super().send(mail)


@asynccontextmanager
async def one_member(outbox: Outbox, store: MemoryDatabase) -> AsyncIterator[Multiproduct]:
    """A house whose reactions run when the test drains."""
    async with open_house(Overrides(mailer=outbox, store=store)) as mp:
        await mp.container.relay.stop()
        sent = await mp.identity.registration.start(StartRegistration(email=TONY, password="an arc reactor"))
        await mp.drain()
        code = next(word for word in outbox.mails[0].text.split() if word.isdigit() and len(word) == 6)
        await mp.identity.registration.verify(VerifyRegistration(challenge_id=sent.challenge_id, otp=code))
        await mp.drain()
        outbox.mails.clear()
        yield mp


async def drain_anew(mp: Multiproduct, store: MemoryDatabase) -> None:
    """What was put back, or left by whoever died, is due at once."""
    kept = store._store.todos
    for row in list(kept.rows.values()):
        kept.put(type(row)(key=row.key, due_at=mp.container.real_time.now(), attempts=row.attempts))
    await mp.drain()


async def _told_once_more(
    end: BaseException, start: StartRegistration, type_key: str
) -> tuple[list[Mail], Delivery, int]:
    """The mails, the delivery and the todos that are left, where the first run came to that end."""
    outbox, store = Dying(), MemoryDatabase(real_time=SystemRealTime())
    async with one_member(outbox, store) as mp:
        outbox.ends = [end]
        await mp.identity.registration.start(start)
        with suppress(Killed):
            await mp.drain()
        await drain_anew(mp, store)
        rows = [row for row in await deliveries(mp, "email") if row.type_key == type_key]
        backlog = await mp.container.todo_queue.backlog(now=mp.container.real_time.now())
    newest = max(rows, key=lambda row: row.created_at)
    return outbox.mails, newest, backlog.open


A_MEMBERS = StartRegistration(email=TONY, password="an arc reactor")
A_STRANGERS = StartRegistration(email="pepper@stark.com", password="an arc reactor")


async def test_a_notice_whose_sender_died_at_it_is_not_sent_again_and_the_log_says_so() -> None:
    mails, row, left = await _told_once_more(Killed(), A_MEMBERS, "identity.account_exists")
    assert len(mails) == 1
    assert (row.status, row.reason) == (DeliveryStatus.UNCERTAIN, "died_while_sending")
    assert left == 0


async def test_a_code_whose_sender_died_at_it_is_sent_again_with_the_same_id() -> None:
    mails, row, left = await _told_once_more(Killed(), A_STRANGERS, "identity.code")
    first, second = mails
    assert (first.message_id, first.text) == (second.message_id, second.text)
    assert (row.status, left) == (DeliveryStatus.SENT, 0)


@pytest.mark.parametrize(
    ("start", "type_key"), [(A_MEMBERS, "identity.account_exists"), (A_STRANGERS, "identity.code")]
)
async def test_what_was_surely_not_accepted_is_sent_again_whatever_it_is(
    start: StartRegistration, type_key: str
) -> None:
    mails, row, left = await _told_once_more(Unavailable(what="mail"), start, type_key)
    assert len(mails) == 1
    assert (row.status, left) == (DeliveryStatus.SENT, 0)


async def test_a_text_that_nobody_can_send_any_more_is_noted_as_skipped() -> None:
    store = MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(store=store)) as mp:
        await mp.container.relay.stop()
        await mp.identity.registration.start(StartRegistration(phone="+16502530000"))
    settings = Settings(
        database_url="memory://",
        smtp_url="smtp://127.0.0.1:1",  # so that there is no development mailbox, which takes texts
        password_cost="test",
    )
    async with Multiproduct.from_settings(settings, overrides=Overrides(mailer=Outbox(), store=store)) as mp:
        await mp.drain()
        [text] = await deliveries(mp, "sms")
        backlog = await mp.container.todo_queue.backlog(now=mp.container.real_time.now())
    assert (text.status, text.reason) == (DeliveryStatus.SKIPPED, "no_texter")
    assert "6502530000" not in text.recipient
    assert (backlog.open, backlog.dead) == (0, 0)


async def test_thirty_failed_sign_ins_at_once_send_one_warning() -> None:
    store = MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(store=store)) as house:
        tony = await a_member(house, TONY)
        await latest_mail(house, TONY)
        mailbox = house.container.mailbox
        assert mailbox is not None
        before = len(await mailbox.messages(TONY))
        wrong = SignInWithPassword(email=TONY, password="wrong")
        refused = await asyncio.gather(
            *(house.identity.sign_in.with_password(wrong) for _ in range(30)), return_exceptions=True
        )
        await house.drain()
        assert [type(error) for error in refused] == [InvalidCredentials] * 30
        assert len(await mailbox.messages(TONY)) - before == 1
    rows = [row for row in store._store.deliveries.rows.values() if row.channel == "email"]
    told = [row.reason for row in rows if row.user_id == tony.id]
    assert told.count("failed_logins") == 1
    assert told.count("told_already") >= 1, "no second reaction ever asked for the warning"


class FailingUnit:
    """A real unit; its commit fails once after a delivery was settled in it."""

    def __init__(self, real: Any, failures: list[TransientFailure]) -> None:
        self._real, self._failures, self._settles = real, failures, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    @property
    def deliveries(self) -> Any:
        return _NotingDeliveries(self)

    async def commit(self) -> None:
        if self._settles and self._failures:
            raise self._failures.pop()
        await self._real.commit()


class _NotingDeliveries:
    def __init__(self, unit: FailingUnit) -> None:
        self._unit = unit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit._real.deliveries, name)

    async def settle(self, id: UUID, **how: Any) -> None:
        self._unit._settles = True
        await self._unit._real.deliveries.settle(id, **how)


class FailingUnits:
    """Real units, of which the first that settles a delivery fails for reasons of concurrency."""

    def __init__(self, real: Any, failures: list[TransientFailure]) -> None:
        self._real, self._failures = real, failures

    def view(self, caller: Caller) -> AbstractAsyncContextManager[Any]:
        return self._real.view(caller)

    @asynccontextmanager
    async def open(self, caller: Caller) -> AsyncIterator[FailingUnit]:
        async with self._real.open(caller) as unit:
            yield FailingUnit(unit, self._failures)

    def open_alone(self, caller: Caller) -> AbstractAsyncContextManager[Any]:
        return self.open(caller)


@pytest.mark.parametrize("times", [1, 3])
async def test_a_transient_failure_after_the_mail_went_out_does_not_send_it_twice(times: int) -> None:
    failures = [TransientFailure("deadlock") for _ in range(times)]
    outbox = Outbox()
    overrides = Overrides(mailer=outbox, wrap_units=lambda units: FailingUnits(units, failures))
    async with open_house(overrides) as house:
        await sign_up(house, TONY)
        await house.drain()
        [mail] = await deliveries(house, "email")
        backlog = await house.container.todo_queue.backlog(now=house.container.real_time.now())
    assert failures == [], "nothing failed"
    assert len(outbox.mails) == 1
    assert mail.status is DeliveryStatus.SENT
    assert (backlog.open, backlog.dead) == (0, 0)


async def test_a_mail_that_went_out_after_its_lease_is_noted_so_that_nobody_sends_it_again() -> None:
    store = MemoryDatabase(real_time=SystemRealTime())
    outbox = SlowOutbox(store)
    async with open_house(Overrides(mailer=outbox, store=store)) as house:
        await house.container.relay.stop()  # reactions run when the test drains
        await sign_up(house, TONY)
        await house.drain()
        [mail] = await deliveries(house, "email")
        assert mail.status is DeliveryStatus.SENT
        assert outbox.taken_over is not None
        assert await house.container.dispatching.run(outbox.taken_over)
        backlog = await house.container.todo_queue.backlog(now=house.container.real_time.now())
    assert len(outbox.mails) == 1
    assert (backlog.open, backlog.dead) == (0, 0)


class SlowOutbox(Outbox):
    """A mailer so slow that another worker has leased the todo when the mail is through."""

    def __init__(self, store: MemoryDatabase) -> None:
        super().__init__()
        self._store = store
        self.taken_over: Todo | None = None

    async def send(self, mail: Mail) -> None:
        await super().send(mail)
        later = SystemRealTime().now() + timedelta(hours=1)
        [self.taken_over] = await self._store.todo_queue.lease(
            now=later, until=later + timedelta(hours=1), limit=9
        )
