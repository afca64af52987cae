"""Telling somebody: which channels, when, once, and the reason of every skip."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import open_house

from multiproduct.adapters.contracts.builders import a_delivery, a_phone, a_user
from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import SYSTEM, Caller, Principal
from multiproduct.application.notifications.deliveries import DeliveryStatus
from multiproduct.application.notifications.digesting import DigestClosing
from multiproduct.application.notifications.notification_type import ADDRESSED
from multiproduct.application.notifications.preference_commands import Suppress
from multiproduct.application.notifications.types import NOTIFICATION_TYPES
from multiproduct.application.ports.mailer import Mail, MailRefused, MailUncertain
from multiproduct.application.ports.texter import Text, TextRefused, TextUncertain
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import DocumentReviewed, UserErased
from multiproduct.domain.notifications.preference import Category, Channel, Target
from multiproduct.domain.notifications.quiet_hours import QuietHours
from multiproduct.domain.notifications.resolution import Layer
from multiproduct.domain.notifications.settings import NotificationSettings
from multiproduct.domain.notifications.suppression import SuppressionReason
from multiproduct.domain.payments import PaymentMethodStored
from multiproduct.domain.shared import Unavailable

NIGHT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # half past one in Kolkata
MORNING = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)  # seven there


class Post:
    """A mailer that fails as often as a test says, and keeps what it takes."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.taken: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(mail)


class Gateway:
    """A texter that fails as often as a test says, and keeps what it takes."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.taken: list[Text] = []

    async def send(self, text: Text) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(text)


class Told:
    """A house with one person, who is told things."""

    def __init__(self, house, store, clock, post, gateway) -> None:
        self.house, self.clock, self.post, self.gateway = house, clock, post, gateway
        self._kept = store._store
        self.container = house.container
        self.user = replace(a_user(now=clock.now()), locale="en", time_zone="Asia/Kolkata", phone=a_phone())

    async def do(self, body):
        async with self.container.units.open(SYSTEM) as unit:
            await body(unit)
            await unit.commit()

    async def happens(self, event) -> None:
        async def record(unit):
            unit.record(event)

        await self.do(record)
        await self.house.drain()

    async def is_warned(self) -> None:
        """A payment method was added: mandatory."""
        await self.happens(
            PaymentMethodStored(
                occurred_at=self.clock.now(), method_id=UUID(int=4), owner_id=self.user.id, gateway="x"
            )
        )

    def rows(self, channel: str | None = None):
        rows = [row for row in self._kept.deliveries.rows.values() if row.user_id == self.user.id]
        return [row for row in rows if channel is None or row.channel == channel]

    def said(self, channel: str):
        return [(row.type_key, row.status.value, row.layer, row.reason) for row in self.rows(channel)]

    async def sets(self, **settings) -> None:
        kept = NotificationSettings(user_id=self.user.id, **settings)
        await self.do(lambda unit: unit.notification_settings.put(kept, now=self.clock.now()))

    async def chooses(self, *, is_on: bool, **target) -> None:
        await self.do(
            lambda unit: unit.notification_preferences.put(
                self.user.id, Target(**target), is_on=is_on, now=self.clock.now()
            )
        )

    async def closes(self) -> int:
        closing = DigestClosing(units=self.container.units, clock=self.clock)
        closed = await closing.run()
        await self.house.drain()
        return closed

    def due_again(self) -> None:
        for row in list(self._kept.todos.rows.values()):
            self._kept.todos.put(
                type(row)(key=row.key, due_at=self._kept.real_time.now(), attempts=row.attempts)
            )


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    store, clock, post = MemoryDatabase(real_time=SystemRealTime()), StandingClock(), Post()
    gateway = Gateway()
    clock.pass_by(NIGHT - clock.now())
    async with open_house(Overrides(store=store, clock=clock, mailer=post, texter=gateway)) as house:
        await house.container.relay.stop()
        found = Told(house, store, clock, post, gateway)
        await found.do(lambda unit: unit.users.add(found.user))
        yield found


async def reviewed(told: Told, outcome: str = "approved") -> None:
    """A document was reviewed: what people may do without."""
    await told.happens(
        DocumentReviewed(
            occurred_at=told.clock.now(),
            document_id=UUID(int=told.clock.now().minute + 1),
            user_id=told.user.id,
            outcome=outcome,
        )
    )


async def test_every_channel_has_a_delivery_with_its_layer_and_reason(told: Told) -> None:
    await reviewed(told)
    assert {row.channel: (row.status.value, row.layer, row.reason) for row in told.rows()} == {
        "in_app": ("sent", "type_default", "document_approved"),
        "email": ("sent", "type_default", "document_approved"),
        "sms": ("skipped", "type_default", "type_default"),
        "push": ("skipped", "type_default", "no_push_provider"),
    }
    [mail] = told.post.taken
    assert mail.unsubscribe_url is None


async def test_what_somebody_switched_off_is_skipped_by_the_layer_that_said_so(told: Told) -> None:
    await told.chooses(is_on=False, category=Category.ACCOUNT)
    await told.chooses(is_on=True, type_key="identity.document", channel=Channel.IN_APP)
    await reviewed(told)
    assert [(row.channel, row.status.value, row.reason) for row in told.rows()][:2] == [
        ("in_app", "sent", "document_approved"),
        ("email", "skipped", "user_category"),
    ]
    assert told.post.taken == []


async def test_quiet_hours_hold_a_mail_until_they_are_over_and_not_the_inbox(told: Told) -> None:
    await told.sets(quiet_hours=QuietHours(start=time(22), end=time(7)))
    await reviewed(told)
    assert told.said("in_app")[0][1] == "sent"
    assert told.said("email") == [("identity.document", "held", "type_default", "quiet_hours")]
    told.clock.pass_by(MORNING - told.clock.now() - timedelta(minutes=1))
    assert await told.closes() == 0
    told.clock.pass_by(timedelta(minutes=1))
    assert await told.closes() == 1
    assert await told.closes() == 0
    assert len(told.post.taken) == 1
    assert told.said("email") == [("identity.document", "sent", "type_default", "quiet_hours")]


async def test_what_was_switched_off_while_it_was_held_is_not_sent(told: Told) -> None:
    await told.sets(quiet_hours=QuietHours(start=time(22), end=time(7)))
    await reviewed(told)
    await told.chooses(is_on=False, channel=Channel.EMAIL)
    told.clock.pass_by(MORNING - told.clock.now())
    await told.closes()
    assert told.post.taken == []
    assert told.said("email")[0][1::2] == ("skipped", "user_channel")


async def test_what_is_mandatory_waits_for_nothing(told: Told) -> None:
    await told.sets(
        quiet_hours=QuietHours(start=time(22), end=time(7)),
        digest_at=time(8),
        digest_categories=frozenset(Category),
    )
    await told.chooses(is_on=False, channel=Channel.EMAIL)
    await told.is_warned()
    assert told.said("email") == [("identity.security", "sent", "mandatory", "payment_method_added")]


async def test_a_daily_digest_tells_all_that_waited_in_one_mail_and_what_is_late_in_the_next(
    told: Told,
) -> None:
    await told.sets(digest_at=time(8), digest_categories=frozenset({Category.ACCOUNT}))
    await reviewed(told)
    told.clock.pass_by(timedelta(minutes=1))
    await reviewed(told, "rejected")
    assert [row.status.value for row in told.rows("email")] == ["digested"] * 2
    told.clock.pass_by(MORNING + timedelta(hours=1) - told.clock.now())
    assert await told.closes() == 1
    [mail] = told.post.taken
    assert "approved" in mail.text
    assert "was not accepted" in mail.text
    await reviewed(told)
    assert len(told.post.taken) == 1
    told.clock.pass_by(timedelta(days=1))
    assert await told.closes() == 1
    assert len(told.post.taken) == 2
    assert "was not accepted" not in told.post.taken[1].text


async def test_a_commercial_mail_can_be_ended_with_one_click_and_comes_to_nobody_who_did(told: Told) -> None:
    type_ = NOTIFICATION_TYPES["subscriptions.trial_over"]
    assert type_.is_commercial
    view = await told.container.notifications.preferences.read(_caller_of(told))
    [shown] = [each for each in view.types if each.type == type_.key]
    assert [each.enabled for each in shown.channels if each.channel is Channel.EMAIL] == [True]
    await told.do(lambda unit: unit.notification_settings.unsubscribe(told.user.id, now=told.clock.now()))
    await told.chooses(is_on=True, type_key=type_.key, channel=Channel.EMAIL)
    view = await told.container.notifications.preferences.read(_caller_of(told))
    [shown] = [each for each in view.types if each.type == type_.key]
    assert [each.layer for each in shown.channels if each.channel is Channel.EMAIL] == [Layer.UNSUBSCRIBED]


async def test_nothing_goes_to_an_address_that_bounced_not_even_what_is_mandatory(told: Told) -> None:
    assert told.user.email is not None
    report = Suppress(address=told.user.email.display, reason=SuppressionReason.BOUNCE)
    await told.container.notifications.suppressing.suppress(report, SYSTEM)
    await told.is_warned()
    assert told.said("email") == [("identity.security", "skipped", "suppressed", "suppressed")]
    assert told.said("in_app")[0][1] == "sent"


@pytest.mark.parametrize(
    ("failure", "status", "reason", "taken"),
    [
        (MailRefused(reason="recipient"), "failed", "address_refused", 0),
        (MailUncertain(what="mail"), "uncertain", "no_answer", 0),
        (Unavailable(what="mail"), "sent", "document_approved", 1),
    ],
)
async def test_only_what_was_surely_not_accepted_is_tried_again(
    told: Told, failure: Exception, status: str, reason: str, taken: int
) -> None:
    told.post.failures = [failure]
    await reviewed(told)
    told.due_again()
    await told.house.drain()
    assert told.said("email")[0][1::2] == (status, reason)
    assert len(told.post.taken) == taken
    assert [row for row in told.rows() if not row.status.is_settled] == []


@pytest.mark.parametrize(
    ("failure", "status", "reason", "taken"),
    [
        (TextRefused(reason="twilio_21211"), "failed", "number_refused", 0),
        (TextUncertain(what="sms"), "uncertain", "no_answer", 0),
        (Unavailable(what="sms"), "sent", "document_approved", 1),
    ],
)
async def test_of_texts_too_only_what_was_surely_not_accepted_is_tried_again(
    told: Told, failure: Exception, status: str, reason: str, taken: int
) -> None:
    await told.chooses(is_on=True, channel=Channel.SMS)
    told.gateway.failures = [failure]
    await reviewed(told)
    told.due_again()
    await told.house.drain()
    assert told.said("sms")[0][1::2] == (status, reason)
    assert len(told.gateway.taken) == taken
    assert [row for row in told.rows() if not row.status.is_settled] == []


async def test_a_run_that_died_while_it_sent_leaves_it_uncertain_and_nobody_is_told_twice(told: Told) -> None:
    class Killed(BaseException):
        """As if the process were gone."""

    told.post.failures = [Killed()]  # type: ignore[list-item]  # not an Exception, on purpose
    with pytest.raises(Killed):
        await reviewed(told)
    assert told.said("email")[0][1] == "sending"
    told.due_again()
    await told.house.drain()
    assert told.said("email")[0][1::2] == ("uncertain", "died_while_sending")
    assert told.post.taken == []
    assert not told._kept.todos.rows


async def test_who_is_erased_leaves_no_wish_and_nothing_that_waits(told: Told) -> None:
    await told.sets(quiet_hours=QuietHours(start=time(22), end=time(7)))
    await told.chooses(is_on=True, channel=Channel.SMS)
    await reviewed(told)
    await told.happens(UserErased(occurred_at=told.clock.now(), user_id=told.user.id))
    kept = told._kept.notification_keeping
    assert [len(table.rows) for table in (kept.choices, kept.settings, kept.digests, kept.items)] == [0] * 4
    assert told.said("email")[0][1::2] == ("skipped", "erased")


@pytest.mark.parametrize(
    ("channel", "status", "mails", "texts"),
    [("email", "planned", 1, 1), ("email", "sending", 0, 1), ("sms", "planned", 1, 1), ("sms", "sent", 1, 0)],
)
async def test_where_a_run_had_come_so_far_the_next_does_the_rest(
    told: Told, channel: str, status: str, mails: int, texts: int
) -> None:
    """A type may have got a channel since."""
    await told.chooses(is_on=True, channel=Channel.SMS)
    event = DocumentReviewed(
        occurred_at=told.clock.now(), document_id=UUID(int=1), user_id=told.user.id, outcome="approved"
    )

    async def record(unit):
        unit.record(event)

    await told.do(record)
    [position] = {row.key.position for row in told._kept.todos.rows.values()}
    kept = a_delivery(
        event_position=position, channel=channel, user_id=told.user.id, type_key="identity.document"
    )
    await told.do(lambda unit: unit.deliveries.begin(replace(kept, status=DeliveryStatus(status))))
    await told.house.drain()
    assert (len(told.post.taken), len(told.gateway.taken)) == (mails, texts)
    assert {row.channel for row in told.rows()} == {"in_app", "email", "sms", "push"}
    assert [row for row in told.rows() if not row.status.is_settled] == []


async def test_a_secret_is_never_told_by_the_pipeline(told: Told) -> None:
    for type_ in NOTIFICATION_TYPES.values():
        if type_.secrets & type_.params:
            assert set(type_.channels) <= set(ADDRESSED)
    with pytest.raises(ValueError, match="stop_link"):
        NOTIFICATION_TYPES["identity.security"].check_tellable(
            {"event": "email_changed", "when": "now", "stop_link": "https://stark.example/x"}
        )


def _caller_of(told: Told):
    return Caller(principal=Principal(user_id=told.user.id))
