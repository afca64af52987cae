"""What people are told of their subscriptions: each thing once, and nothing that is not so any more."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from tests.billing_house import STARK_PAY, MovedClock, by, by_staff
from tests.subscription_house import DAY, SubscriptionHouse
from tests.unit.application.identity.people import a_member, open_house

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import ANYBODY
from multiproduct.application.notifications.deliveries import DeliveryStatus
from multiproduct.application.subscriptions.commands import (
    Cancel,
    Pause,
    Renew,
    StartTrial,
    UpdateSubscription,
)
from multiproduct.application.units import in_unit
from multiproduct.bootstrap import Overrides
from multiproduct.domain.subscriptions import SubscriptionStatus, Timing

TONY = "tony@stark.com"
OURS = ("subscriptions.", "billing.payment_failed")
BEGUN = "subscriptions.activated"
"""What every purchase is told as."""


class Installed(SubscriptionHouse):
    """Subscriptions of a whole installation, whose mails can be read."""

    def __init__(self, whole, clock, store):
        container = whole.container
        self.whole, self.store, self.user_id = whole, store, None

        async def do(body):
            async def committed(unit):
                answer = await body(unit)
                await unit.commit()
                return answer

            return await in_unit(lambda: container.units.open(by_staff()), committed)

        house = SimpleNamespace(
            units=container.units,
            clock=clock,
            billing=container.billing,
            payments=container.payments,
            do=do,
        )
        super().__init__(house=house, subscriptions=container.subscriptions)

    async def a_customer_with(self, plan, script="approve", **asked):
        self.user_id = (await a_member(self.whole, TONY)).id
        card = await self.a_card(self.user_id, script)
        answer = await self.buy(self.user_id, plan, method_id=card, **asked)
        await self.whole.drain()
        return answer.subscriptions[0]

    async def another_card(self, subscription_id, script):
        card = await self.a_card(self.user_id, script)
        await self.subscriptions.tending.update(
            subscription_id, UpdateSubscription(method_id=card), by(self.user_id)
        )
        return card

    async def told(self):
        """The types of mails about subscriptions and failed payments, in the order of the events, less those
        of purchases."""
        await self.whole.drain()
        rows = sorted(self.store._store.deliveries.rows.values(), key=lambda row: row.event_position)
        mails = [row for row in rows if (row.channel, row.status) == ("email", DeliveryStatus.SENT)]
        return [row.type_key for row in mails if row.type_key.startswith(OURS) and row.type_key != BEGUN]

    async def letters(self, words):
        await self.whole.drain()
        return [mail for mail in await self.whole.container.mailbox.messages(TONY) if words in mail.subject]


@pytest.fixture
async def here():
    clock, store = MovedClock(), MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(clock=clock, store=store)) as whole:
        await whole.container.relay.stop()  # reactions run when a test drains
        yield Installed(whole, clock, store)


async def test_a_renewal_is_told_with_its_product_and_the_day_until_which_it_is_paid(here):
    bought = await here.a_customer_with(await here.a_plan())
    assert await here.told() == []
    await here.pass_by(bought.end_date - here.now)
    assert await here.told() == ["subscriptions.renewed"]
    (letter,) = await here.letters("renewed")
    assert "CRM" in letter.text
    assert "May" in letter.text
    assert "May" in letter.html


async def test_polar_9084_a_renewal_that_failed_is_told_once_and_as_nothing_else(here):
    bought = await here.a_customer_with(await here.a_plan())
    await here.another_card(bought.id, "insufficient_funds")
    await here.pass_by(bought.end_date - here.now)
    assert await here.told() == ["subscriptions.payment_failed"]
    await here.pass_by(DAY)
    assert await here.told() == ["subscriptions.payment_failed"] * 2
    for _ in range(8):
        await here.pass_by(DAY)
        await here.told()
    assert await here.told() == ["subscriptions.payment_failed"] * 4 + ["subscriptions.expired"]


async def test_polar_9084_a_failure_that_was_made_up_for_before_the_mail_went_out_is_not_told(here):
    bought = await here.a_customer_with(await here.a_plan())
    await here.another_card(bought.id, "insufficient_funds")
    await here.pass_by(bought.end_date - here.now)
    good = await here.a_card(here.user_id)
    command = Renew(payment_method=STARK_PAY, method_id=good)
    await here.subscriptions.renewing.renew(bought.id, command, by(here.user_id))
    assert (await here.found(bought.id)).status is SubscriptionStatus.ACTIVE
    assert await here.told() == ["subscriptions.renewed"]


async def test_a_first_payment_that_is_declined_is_told_by_billing(here):
    await here.a_customer_with(await here.a_plan(), "stolen_card")
    assert await here.told() == ["billing.payment_failed"]


async def test_renewals_that_were_made_up_for_are_told_by_the_last_of_them(here):
    await here.a_customer_with(await here.a_plan())
    await here.pass_by(100 * DAY)
    assert await here.told() == ["subscriptions.renewed"]


async def test_without_renewal_somebody_is_reminded_and_then_told_of_the_end(here):
    bought = await here.a_customer_with(await here.a_plan())
    command = UpdateSubscription(auto_renew=False)
    await here.subscriptions.tending.update(bought.id, command, by(here.user_id))
    for days in (7, 3, 1):
        await here.pass_by(bought.end_date - timedelta(days=days) - here.now)
        await here.told()
    assert await here.told() == ["subscriptions.renewal_reminder"] * 3
    await here.pass_by(DAY)
    assert await here.told() == ["subscriptions.renewal_reminder"] * 3 + ["subscriptions.expired"]


async def test_who_has_it_renewed_after_all_is_not_reminded(here):
    bought = await here.a_customer_with(await here.a_plan())
    tending = here.subscriptions.tending
    await tending.update(bought.id, UpdateSubscription(auto_renew=False), by(here.user_id))
    await here.pass_by(bought.end_date - 7 * DAY - here.now)
    await here.subscriptions.renewing.renew(bought.id, Renew(), by(here.user_id))
    assert await here.told() == []


async def test_a_trial_is_told_to_end_unless_it_was_called_off(here):
    here.user_id = (await a_member(here.whole, TONY)).id
    plan = await here.a_plan()
    trial = await here.subscriptions.trying.start(StartTrial(plan=plan.slug), by(here.user_id))
    await here.pass_by(trial.trial_end - 7 * DAY - here.now)
    told = ["subscriptions.trial_started", "subscriptions.trial_ending"]
    assert await here.told() == told
    await here.pass_by(4 * DAY)
    await here.subscriptions.ending.cancel(trial.id, Cancel(), by(here.user_id))
    assert await here.told() == [*told, "subscriptions.cancellation_scheduled"]


async def test_a_cancellation_is_told_when_it_is_over(here):
    bought = await here.a_customer_with(await here.a_plan())
    await here.subscriptions.ending.cancel(bought.id, Cancel(), by(here.user_id))
    assert await here.told() == ["subscriptions.cancellation_scheduled"]
    await here.pass_by(bought.end_date - here.now)
    assert await here.told() == ["subscriptions.cancellation_scheduled", "subscriptions.cancelled"]


async def test_an_order_that_was_never_paid_is_no_subscription_that_ended(here):
    bought = await here.a_customer_with(await here.a_plan(), pays=False)
    await here.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.NOW), by(here.user_id))
    assert (await here.found(bought.id)).status is SubscriptionStatus.CANCELLED
    assert await here.told() == []


async def test_polar_8224_who_removes_the_card_of_renewals_is_told_once_and_keeps_them(here):
    bought = await here.a_customer_with(await here.a_plan())
    card = (await here.found(bought.id)).method_id
    second = await here.buy(here.user_id, await here.a_plan(), method_id=card)
    ended = await here.buy(here.user_id, await here.a_plan(), method_id=card)
    ending = here.subscriptions.ending
    await ending.cancel(ended.subscriptions[0].id, Cancel(timing=Timing.PERIOD_END), by(here.user_id))
    await here.house.payments.methods.remove(card, by(here.user_id))
    assert await here.told() == ["subscriptions.cancellation_scheduled", "subscriptions.method_removed"]
    (letter,) = await here.letters("has no payment method")
    assert "CRM" in letter.text
    assert (await here.found(second.subscriptions[0].id)).auto_renew
    await here.pass_by(bought.end_date - here.now)
    renewal = await here.found(bought.id)
    assert (renewal.status, renewal.method_id) == (SubscriptionStatus.PAST_DUE, None)


async def test_who_removes_the_card_of_many_long_named_products_is_told_too(here):
    plans = []
    for number in range(4):
        plans.append(await here.a_plan(await here.a_product(name=f"{number} {'very ' * 25}long name")))
    bought = await here.a_customer_with(plans[0])
    card = (await here.found(bought.id)).method_id
    for plan in plans[1:]:
        await here.buy(here.user_id, plan, method_id=card)
    await here.house.payments.methods.remove(card, by(here.user_id))
    assert await here.told() == ["subscriptions.method_removed"]
    entries = here.store._store.inbox.entries.rows.values()
    (entry,) = [each for each in entries if each.type_key == "subscriptions.method_removed"]
    assert (len(entry.data["product"]), entry.data["product"][-1]) == (500, "\N{HORIZONTAL ELLIPSIS}")


async def test_a_card_that_nothing_depends_on_is_removed_without_a_word(here):
    here.user_id = (await a_member(here.whole, TONY)).id
    card = await here.a_card(here.user_id)
    await here.house.payments.methods.remove(card, by(here.user_id))
    assert await here.told() == []


async def test_a_purchase_that_is_paid_at_once_is_told_in_one_mail_with_number_and_amount(here):
    await here.a_customer_with(await here.a_plan())
    rows = [row for row in here.store._store.deliveries.rows.values() if row.channel == "email"]
    about_it = {row.type_key: (row.status.value, row.reason) for row in rows if row.layer != "mandatory"}
    del about_it["identity.code"], about_it["identity.welcome"]
    assert about_it == {
        "billing.invoice_issued": ("skipped", "paid_at_once"),
        "billing.payment_received": ("skipped", "told_with_the_subscription"),
        "subscriptions.activated": ("sent", "subscriptions.activated"),
    }
    (letter,) = await here.letters("Your subscription to CRM")
    assert re.search(r"INV|20\d\d", letter.text)
    assert "Amount" in letter.text


async def test_what_was_paid_at_once_is_in_the_inbox_with_every_document(here):
    await here.a_customer_with(await here.a_plan())
    rows = [row for row in here.store._store.deliveries.rows.values() if row.channel == "in_app"]
    told = {row.type_key for row in rows if row.status is DeliveryStatus.SENT}
    assert {"subscriptions.activated", "identity.security"} <= told


async def test_a_renewal_is_one_mail_with_its_invoice(here):
    bought = await here.a_customer_with(await here.a_plan())
    await here.whole.drain()
    before = len(await here.letters(""))
    await here.pass_by(bought.end_date - here.now)
    assert len(await here.letters("")) == before + 1
    (letter,) = await here.letters("renewed")
    assert "Amount" in letter.text
    (file,) = letter.attachments
    assert re.fullmatch(r"INV-\d{4}-000002\.pdf", file.name)
    assert (file.media_type, file.content[:5]) == ("application/pdf", b"%PDF-")


async def test_a_mail_without_an_invoice_has_nothing_attached(here):
    bought = await here.a_customer_with(await here.a_plan())
    await here.subscriptions.ending.cancel(bought.id, Cancel(timing=Timing.PERIOD_END), by(here.user_id))
    await here.whole.drain()
    told = await here.letters("")
    assert {bool(each.attachments) for each in told} == {True, False}
    assert all(not each.attachments for each in told if "INV-" not in each.text)


async def test_an_invoice_that_is_not_paid_at_once_is_mailed_and_then_not_again_with_its_payment(here):
    await here.a_customer_with(await here.a_plan(), "stolen_card")
    rows = [row for row in here.store._store.deliveries.rows.values() if row.channel == "email"]
    told = [
        row.type_key for row in rows if row.type_key.startswith("billing.") and row.status.value == "sent"
    ]
    assert set(told) <= {"billing.invoice_issued", "billing.payment_failed"}
    assert "billing.payment_failed" in told
    assert len(told) == len(set(told))


async def test_a_pause_and_going_on_are_told(here):
    bought = await here.a_customer_with(await here.a_plan())
    pausing = here.subscriptions.tending
    await pausing.pause(bought.id, Pause(), by(here.user_id))
    assert await here.told() == ["subscriptions.paused"]
    await pausing.resume(bought.id, by(here.user_id))
    assert await here.told() == ["subscriptions.paused", "subscriptions.resumed"]


async def test_after_a_trial_that_nobody_paid_for_comes_one_offer_that_can_be_ended_with_a_click(here):
    here.user_id = (await a_member(here.whole, TONY)).id
    plan = await here.a_plan()
    trial = await here.subscriptions.trying.start(StartTrial(plan=plan.slug), by(here.user_id))
    await here.told()
    await here.pass_by(trial.trial_end - here.now)
    assert (await here.told()).count("subscriptions.trial_over") == 1
    (letter,) = await here.letters("Go on with")
    token = re.search(r"/unsubscribe/(\S+)", letter.text).group(1)
    assert f"/unsubscribe/{token}" in letter.html
    await here.whole.container.notifications.unsubscribing.run(token, ANYBODY)
    settings = await here.whole.container.notifications.preferences.settings(by(here.user_id))
    assert settings.commercial_mail is False
