"""What people are told of: who hears what, where, in which words, and what the delivery log keeps."""

import re
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, open_house, sign_up, signed_in

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import Caller
from multiproduct.application.identity import (
    RequestPasswordReset,
    RequestSignInCode,
    ResendCode,
    SignInWithPassword,
    SignOut,
    StartRegistration,
    VerifyRegistration,
)
from multiproduct.application.notifications.deliveries import DeliveryStatus
from multiproduct.application.ports.mailer import Mail, MailRefused
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import InvalidCredentials
from multiproduct.domain.shared import Unavailable

TONY, PEPPER, PHONE = "tony@stark.com", "pepper@stark.com", "+12025550134"
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


class Post:
    """A mailer that refuses or fails as often as a test says, and keeps what it takes."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.offered: list[Mail] = []
        self.taken: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.offered.append(mail)
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(mail)


class House:
    """An installation whose delivery log can be looked at."""

    def __init__(self, house, store) -> None:
        self.house, self._kept = house, store._store

    async def deliveries(self):
        await self.house.drain()
        """What went to addresses, or would have."""
        rows = [row for row in self._kept.deliveries.rows.values() if row.channel in ("email", "sms")]
        rows = [row for row in rows if row.layer is None or row.channel == "email"]
        return sorted(rows, key=lambda row: row.event_position)

    async def told(self) -> list[tuple[str, str, str | None]]:
        return [(row.type_key, row.status.value, row.reason) for row in await self.deliveries()]

    @property
    def todos(self):
        return list(self._kept.todos.rows.values())

    def due_again(self) -> None:
        """Brings forward what was put back."""
        for row in self.todos:
            self._kept.todos.put(
                type(row)(key=row.key, due_at=self._kept.real_time.now(), attempts=row.attempts)
            )


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def open_with(clock):
    houses = []

    async def opened(**overrides) -> House:
        store = MemoryDatabase(real_time=SystemRealTime())
        opening = open_house(Overrides(clock=clock, store=store, **overrides))
        houses.append(opening)
        house = await opening.__aenter__()
        await house.container.relay.stop()  # reactions run when a test drains
        return House(house, store)

    yield opened
    for opening in houses:
        await opening.__aexit__(None, None, None)


async def start(house, **changed) -> None:
    command = StartRegistration(**({"email": TONY, "password": PASSWORD} | changed))
    await house.identity.registration.start(command)


async def test_a_journey_is_told_step_by_step(open_with):
    here = await open_with()
    await a_member(here.house, TONY)
    assert await here.told() == [
        ("identity.code", "sent", "registration"),
        ("identity.welcome", "sent", "welcome"),
    ]
    first, second = await here.deliveries()
    assert first.user_id is None
    assert second.user_id is not None
    assert (first.channel, first.recipient) == ("email", "t***@stark.com")
    assert first.settled_at is not None
    assert here.todos == []


async def test_the_delivery_log_holds_no_address_and_no_code(open_with):
    here = await open_with()
    await start(here.house)
    await start(here.house, email=None, phone=PHONE, password=None)
    await here.house.drain()
    mails = await here.house.container.mailbox.messages()
    codes = [re.search(r"\b\d{6}\b", mail.text).group() for mail in mails]
    assert len(codes) == 2
    kept = {row.recipient for row in await here.deliveries()}
    assert kept == {"t***@stark.com", "+1******34"}
    shown = str([(row.type_key, row.reason) for row in await here.deliveries()])
    assert not any(code in shown for code in codes)


async def test_a_stranger_hears_nothing_and_it_is_on_record_why(open_with):
    here = await open_with()
    await here.house.identity.password_reset.request(RequestPasswordReset(email=TONY))
    await here.house.identity.sign_in.request_code(RequestSignInCode(email=TONY))
    assert await here.told() == [("identity.code", "skipped", "nobody_has_this_address")] * 2
    assert await here.house.container.mailbox.messages() == []


async def test_an_owner_who_is_signed_up_again_is_told_without_a_code(open_with):
    here = await open_with()
    await a_member(here.house, TONY)
    await start(here.house, email="TONY@stark.com")
    assert (await here.told())[-1] == ("identity.account_exists", "sent", "account_exists")
    newest = (await here.house.container.mailbox.messages())[0]
    assert newest.to == TONY
    assert not re.search(r"\b\d{6}\b", newest.text)


async def test_the_owner_of_a_telephone_is_not_texted_that_the_account_exists(open_with):
    here = await open_with()
    await start(here.house, email=None, phone=PHONE)
    await here.house.drain()
    (text,) = await here.house.container.mailbox.messages(PHONE)
    code = re.search(r"\b\d{6}\b", text.text).group()
    await here.house.identity.registration.verify(VerifyRegistration(phone=PHONE, otp=code))
    await start(here.house, email=None, phone=PHONE)
    assert (await here.told())[-1] == ("identity.account_exists", "skipped", "only_sent_by_mail")
    assert len(await here.house.container.mailbox.messages(PHONE)) == 1


async def _drained(here):
    await here.house.drain()
    return await here.house.container.mailbox.messages()


async def test_a_late_worker_sends_only_what_is_still_good(open_with, clock):
    here = await open_with()
    sent = await sign_up(here.house, TONY)
    clock.pass_by(30 * SECOND)
    await here.house.identity.codes.resend(ResendCode(challenge_id=sent.challenge_id))
    await sign_up(here.house, PEPPER)
    clock.pass_by(9 * MINUTE + 30 * SECOND)
    assert await here.told() == [
        ("identity.code", "skipped", "a_newer_code_was_asked_for"),
        ("identity.code", "skipped", "the_code_is_over"),
        ("identity.code", "sent", "registration"),
    ]


@pytest.mark.parametrize(("late", "minutes"), [(0, 10), (1, 10), (61, 9), (570, 1), (599, 1)])
async def test_the_mail_says_for_how_many_minutes_the_code_is_still_good(open_with, clock, late, minutes):
    here = await open_with()
    await start(here.house)
    clock.pass_by(late * SECOND)
    (mail,) = await _drained(here)
    assert re.search(rf"\b{minutes} minute", mail.text)


async def test_links_lead_to_the_address_of_the_service(open_with):
    here = await open_with()
    await a_member(here.house, TONY)
    await here.house.identity.password_reset.request(RequestPasswordReset(email=TONY))
    await here.house.identity.sign_in.request_code(RequestSignInCode(email=TONY))
    base = here.house.container.settings.base_url
    sign_in, reset, _, registration = await _drained(here)
    assert f"{base}/verify-email/" in registration.text
    assert f"{base}/reset-password/" in reset.text
    assert f"{base}/reset-password/" not in sign_in.text
    assert f"{base}/verify-email/" not in sign_in.text


async def test_a_mailbox_that_can_never_be_reached_is_tried_once(open_with):
    post = Post(MailRefused(reason="recipient", status=550))
    here = await open_with(mailer=post)
    await start(here.house)
    assert await here.told() == [("identity.code", "failed", "address_refused")]
    assert here.todos == []
    assert len(post.offered) == 1


async def test_a_server_that_is_away_is_tried_again_with_the_same_words_and_id(open_with):
    post = Post(Unavailable(what="mail"), OSError("reset"))
    here = await open_with(mailer=post)
    await start(here.house)
    # Surely not accepted; and nobody knows.
    for status in (DeliveryStatus.PLANNED, DeliveryStatus.SENDING):
        assert [row.status for row in await here.deliveries()] == [status]
        assert len(here.todos) == 1
        here.due_again()
    assert await here.told() == [("identity.code", "sent", "registration")]
    assert len({(mail.message_id, mail.text) for mail in post.offered}) == 1
    assert len(post.offered) == 3
    assert here.todos == []


async def test_a_delivery_that_was_settled_is_not_made_again(open_with):
    post = Post()
    here = await open_with(mailer=post)
    await start(here.house)
    todos = here.todos
    await here.house.drain()
    for row in todos:  # the todo turns up again, as after a crash between two transactions
        here._kept.todos.put(row)
    await here.house.drain()
    assert len(post.taken) == 1
    assert here.todos == []


async def test_every_mail_has_an_id_of_its_own(open_with):
    post = Post()
    here = await open_with(mailer=post)
    for email in (TONY, PEPPER, TONY):
        await start(here.house, email=email)
    await here.house.drain()
    ids = [mail.message_id for mail in post.taken]
    assert len(set(ids)) == 3
    assert all("@" not in each and TONY not in each for each in ids)


async def fail(house, count: int) -> None:
    for _ in range(count):
        with pytest.raises(InvalidCredentials):
            await house.identity.sign_in.with_password(SignInWithPassword(email=TONY, password="wrong"))


async def test_only_one_warning_of_failures_is_noted_as_sent(open_with):
    here = await open_with()
    await a_member(here.house, TONY)
    await fail(here.house, 8)
    told = [each for each in await here.told() if each[0] == "identity.security"]
    assert told.count(("identity.security", "sent", "failed_logins")) == 1
    assert {reason for _, status, reason in told if status != "sent"} <= {"told_already"}


async def test_a_warning_that_could_not_be_sent_is_still_owed(open_with):
    post = Post()
    here = await open_with(mailer=post)
    await start(here.house)
    await here.house.drain()
    code = re.search(r"\b\d{6}\b", post.taken[0].text).group()
    await here.house.identity.registration.verify(VerifyRegistration(email=TONY, otp=code))
    await here.house.drain()
    post.failures = [Unavailable(what="mail")]
    await fail(here.house, 5)
    await here.house.drain()
    here.due_again()
    await here.house.drain()
    warned = [mail for mail in post.taken if "identity.security" in mail.message_id]
    assert len(warned) == 1


async def test_a_session_that_its_owner_ended_is_nothing_to_tell(open_with):
    here = await open_with()
    await a_member(here.house, TONY)
    tokens = await signed_in(here.house, TONY)
    before = await here.told()
    await here.house.identity.sessions.sign_out(SignOut(refresh=tokens.refresh), Caller())
    assert await here.told() == before
    assert here.todos == []
