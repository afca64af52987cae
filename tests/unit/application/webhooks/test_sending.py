"""What is sent to whom, when again, and when no more."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook
from tests.unit.application.webhooks.house import URL, House, a_house, says

from multiproduct.application.caller import SYSTEM
from multiproduct.application.webhooks import Answer, Delivery, NotDelivered, ReplayMessages
from multiproduct.application.webhooks.delivering import retry_after, shown
from multiproduct.application.webhooks.pacing import AT_ONCE, AT_ONCE_TO_ONE, Pacing
from multiproduct.application.webhooks.public_events import ALL
from multiproduct.domain.identity import UserErased, UserUpdated
from multiproduct.domain.webhooks import EndpointDisabled, MessageUnderWay
from multiproduct.domain.webhooks.schedule import PAUSES

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def house():
    async with a_house() as made:
        yield made


async def test_an_owner_is_told_of_what_is_about_them_alone(house: House) -> None:
    me, mine = await house.somebody()
    other, _ = await house.somebody()
    made = await house.endpoint(mine)
    await house.happens(me.user.id, other.user.id)
    assert await house.send() == 1
    (taken,) = house.receiver.taken
    assert made.secret is not None
    payload = Webhook(made.secret).verify(taken.body, dict(taken.headers))
    assert payload["type"] == "identity.user_updated.v1"
    assert payload["data"] == {"user_id": str(me.user.id)}
    assert payload.keys() == {"type", "timestamp", "data"}
    details = await house.message(made.endpoint.id, mine)
    assert details.state == "delivered"
    assert str(details.id) == taken.headers["webhook-id"]
    assert [(each.number, each.status, each.kind) for each in details.attempts] == [(1, 204, "automatic")]


async def test_the_installation_is_told_of_everybodys_with_their_place(house: House) -> None:
    _, admin = await house.somebody("admin")
    somebody, _ = await house.somebody()
    await house.endpoint(admin, owner="installation", events=["identity.user_updated.v1"])
    await house.happens(somebody.user.id, somebody.user.id)
    assert await house.send() == 2
    places = [house_payload(each)["sequence"] for each in house.receiver.taken]
    assert len(set(places)) == 2


def house_payload(delivery: Delivery) -> dict[str, Any]:
    return json.loads(delivery.body)


async def test_only_what_is_asked_for_is_sent_and_nothing_to_who_is_switched_off(house: House) -> None:
    me, mine = await house.somebody()
    await house.endpoint(mine, events=["billing.*"])
    off = (await house.endpoint(mine)).endpoint
    await house.webhooks.endpoints.disable(off.id, mine)
    await house.happens(me.user.id)
    assert await house.send() == 0
    assert await house.messages(off.id, mine) == []


async def test_a_message_is_tried_by_the_schedule_and_then_given_up_on(house: House) -> None:
    me, mine = await house.somebody()
    endpoint = (await house.endpoint(mine)).endpoint
    house.receiver.rule = says(500, body=b"oops")
    await house.happens(me.user.id)
    assert await house.send() == 1
    for pause in PAUSES:
        assert await house.send(pause - timedelta(seconds=1)) == 0
        assert await house.send(pause * 0.2 + timedelta(seconds=1)) == 1
    assert await house.send(30 * DAY) == 0
    details = await house.message(endpoint.id, mine)
    assert (details.state, details.times_sent) == ("failed", 10)
    assert len(set(house.receiver.ids)) == 1
    assert len({each.headers["webhook-timestamp"] for each in house.receiver.taken}) == 10
    assert {each.body for each in house.receiver.taken} == {house.receiver.taken[0].body}
    assert {each.response for each in details.attempts} == {"oops"}


@pytest.mark.parametrize("status", [199, 301, 302, 307, 400, 404, 500])
async def test_only_2xx_is_success(house: House, status: int) -> None:
    me, mine = await house.somebody()
    endpoint = (await house.endpoint(mine)).endpoint
    house.receiver.rule = says(status)
    await house.happens(me.user.id)
    await house.send()
    assert (await house.message(endpoint.id, mine)).state == "pending"


@pytest.mark.parametrize("status", [429, 503])
async def test_who_asks_to_be_left_alone_is(house: House, status: int) -> None:
    me, mine = await house.somebody()
    await house.endpoint(mine)
    house.receiver.rule = says(status, retry_after="600")
    await house.happens(me.user.id)
    assert await house.send() == 1
    house.receiver.rule = says(204)
    await house.happens(me.user.id)
    assert await house.send(9 * MINUTE) == 0
    assert await house.send(MINUTE) == 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None), ("", None), ("soon", None), ("-5", None), ("0", 0), ("120", 120), (" 7 ", 7),
        ("999999999", 86_400), ("1.5", None), ("Fri, 31 Dec 1999 23:59:59 GMT", 0),
        ("Fri, 31 Dec 2999 23:59:59 GMT", 86_400), ("Fri, 99 Dec 2999 23:59:59 GMT", None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date_within_bounds(text, seconds):
    found = retry_after(text, now=datetime.now(UTC))
    assert found == (None if seconds is None else timedelta(seconds=seconds))


async def test_gone_switches_the_endpoint_off_and_its_owner_is_told(house: House) -> None:
    me, mine = await house.somebody()
    endpoint = (await house.endpoint(mine)).endpoint
    house.receiver.rule = says(410)
    await house.happens(me.user.id)
    assert await house.send() == 1
    seen = await house.webhooks.reading.endpoint(endpoint.id, mine)
    assert (seen.enabled, seen.disabled_reason) == (False, "gone")
    assert (await house.messages(endpoint.id, mine))[0].state == "failed"
    await house.container.relay.drain()
    assert house.container.mailbox is not None
    assert me.user.email is not None
    mails = await house.container.mailbox.messages(me.user.email.display)
    (mail,) = (each for each in mails if "hooks.example.com" in each.subject)
    assert "410" in mail.text
    with pytest.raises(EndpointDisabled):
        await house.webhooks.messages.test(endpoint.id, mine)
    await house.webhooks.endpoints.enable(endpoint.id, mine)
    assert (await house.webhooks.reading.endpoint(endpoint.id, mine)).enabled


async def test_five_days_of_failures_switch_an_endpoint_off_and_one_success_in_between_does_not(
    house: House,
) -> None:
    me, mine = await house.somebody()
    failing, recovering = [(await house.endpoint(mine, url=URL + name)).endpoint for name in ("/f", "/r")]
    for day in range(6):
        recovers = day == 2
        house.receiver.rule = lambda each, ok=recovers: Answer(
            status=204 if ok and each.url.endswith("/r") else 500, retry_after=None, body=b""
        )
        await house.happens(me.user.id)
        await house.send(DAY)
    assert not await house.is_enabled(failing.id)
    assert await house.is_enabled(recovering.id)
    seen = await house.webhooks.reading.endpoint(failing.id, mine)
    assert seen.disabled_reason == "failing"


async def test_a_refused_address_is_noted_in_a_word(house: House) -> None:
    me, mine = await house.somebody()
    endpoint = (await house.endpoint(mine)).endpoint

    def refuse(_: Delivery) -> Answer:
        raise NotDelivered("address_refused")

    house.receiver.rule = refuse
    await house.happens(me.user.id)
    await house.send()
    (attempt,) = (await house.message(endpoint.id, mine)).attempts
    assert (attempt.status, attempt.error) == (None, "address_refused")


async def test_a_replayed_message_keeps_its_id_and_says_that_somebody_asked(house: House) -> None:
    me, mine = await house.somebody()
    endpoint = (await house.endpoint(mine)).endpoint
    await house.happens(me.user.id)
    await house.send()
    message = (await house.messages(endpoint.id, mine))[0]
    await house.webhooks.messages.replay(message.id, mine)
    assert await house.send() == 1
    assert house.receiver.ids == [str(message.id)] * 2
    kinds = [each.kind for each in (await house.message(endpoint.id, mine)).attempts]
    assert kinds == ["manual", "automatic"]


async def test_a_message_that_is_under_way_is_not_replayed(house: House) -> None:
    me, mine = await house.somebody()
    endpoint = (await house.endpoint(mine)).endpoint
    await house.happens(me.user.id)
    now = house.time.now()
    async with house.container.units.open(SYSTEM) as unit:
        (message,) = await unit.webhook_messages.lease(endpoint.id, now=now, until=now + MINUTE, limit=1)
        await unit.commit()
    with pytest.raises(MessageUnderWay):
        await house.webhooks.messages.replay(message.id, mine)


async def test_a_range_of_failures_is_replayed_once_for_a_key(house: House) -> None:
    me, mine = await house.somebody()
    endpoint = (await house.endpoint(mine)).endpoint
    house.receiver.rule = says(410)
    since = house.container.real_time.now()
    await house.happens(me.user.id)
    await house.send()
    await house.webhooks.endpoints.enable(endpoint.id, mine)
    house.receiver.rule = says(204)
    command = ReplayMessages(since=since)
    for _ in range(2):
        answer = await house.webhooks.messages.replay_range(endpoint.id, command, mine, idempotency_key="k")
        assert (answer.count, answer.more) == (1, False)
    assert await house.send() == 1
    assert (await house.messages(endpoint.id, mine))[0].state == "delivered"


async def test_a_test_message_goes_out_like_any_other(house: House) -> None:
    _, mine = await house.somebody()
    made = await house.endpoint(mine, events=["billing.*"])
    message = await house.webhooks.messages.test(made.endpoint.id, mine, idempotency_key="k")
    assert await house.webhooks.messages.test(made.endpoint.id, mine, idempotency_key="k") == message
    assert await house.send() == 1
    assert house_payload(house.receiver.taken[0])["type"] == "webhooks.test.v1"


async def test_with_an_order_one_waits_for_the_one_before_and_without_it_does_not(house: House) -> None:
    me, mine = await house.somebody()
    ordered = (await house.endpoint(mine, url=URL + "/o", ordering="per_key")).endpoint
    await house.endpoint(mine, url=URL + "/n")
    house.receiver.rule = says(500)
    await house.happens(me.user.id, me.user.id, me.user.id)
    assert await house.send() == 4
    house.receiver.rule = says(204)
    house.receiver.taken.clear()
    assert await house.send(MINUTE) == 6
    sent = [each.headers["webhook-id"] for each in house.receiver.taken if each.url.endswith("/o")]
    made = [str(each.id) for each in await house.messages(ordered.id, mine)]
    assert sent == made[::-1]


async def test_a_duplicate_of_the_trigger_makes_no_second_message(house: House) -> None:
    me, mine = await house.somebody()
    endpoint = (await house.endpoint(mine)).endpoint
    async with house.container.units.open(SYSTEM) as unit:
        unit.record(UserUpdated(occurred_at=house.container.clock.now(), user_id=me.user.id))
        await unit.commit()
    now = house.container.real_time.now()
    queue = house.container.todo_queue
    for late in (timedelta(), 10 * MINUTE):
        todos = await queue.lease(now=now + late, until=now + late + MINUTE, limit=9)
        await asyncio.gather(*(house.container.dispatching.run(todo) for todo in todos for _ in range(5)))
    assert len(await house.messages(endpoint.id, mine)) == 1


async def test_nothing_is_left_of_an_erased_owner(house: House) -> None:
    me, mine = await house.somebody()
    endpoint = (await house.endpoint(mine)).endpoint
    await house.happens(me.user.id)
    async with house.container.units.open(SYSTEM) as unit:
        unit.record(UserErased(occurred_at=house.container.clock.now(), user_id=me.user.id))
        await unit.commit()
    await house.container.relay.drain()
    async with house.container.units.view(SYSTEM) as view:
        assert await view.webhook_endpoints.find(endpoint.id) is None
    assert await house.send() == 0


async def test_messages_are_purged_after_a_month(house: House) -> None:
    me, mine = await house.somebody()
    endpoint = (await house.endpoint(mine)).endpoint
    await house.happens(me.user.id)
    await house.send()
    assert await house.webhooks.purging.run() == 0
    house.time.pass_by(31 * DAY)
    assert await house.webhooks.purging.run() == 1
    assert await house.messages(endpoint.id, mine) == []


def test_a_log_keeps_the_beginning_of_an_answer_without_secrets():
    echoed = b"got whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD and v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert shown(echoed) == "got [removed] and [removed]"
    assert len(shown(b"x" * 99_999)) == 1_024
    assert shown(b"\xff\x00") == "\ufffd\x00"


def test_however_many_hang_half_of_all_places_are_kept_for_those_that_answer_well():
    pacing, well = Pacing(), UUID(int=1)
    pacing.end(well, begun_well=pacing.begin(well), seconds=0.1, succeeded=True)
    hanging = [UUID(int=each) for each in range(100, 300)]
    for each in hanging:
        while pacing.room(each) > 0:
            pacing.begin(each)
    assert pacing.under_way == AT_ONCE // 2
    assert pacing.room(well) == AT_ONCE_TO_ONE
    assert {each for each in hanging if each in pacing.full()} == set(hanging[: AT_ONCE // 2])


@pytest.mark.parametrize("public", ALL, ids=lambda each: each.name)
def test_a_public_event_tells_only_fields_that_the_event_has(public):
    has = {each.name for each in public.event.__dataclass_fields__.values()}
    assert set(public.fields) - {"amount"} <= has
    assert "amount" not in public.fields or {"minor", "currency"} <= has
    assert not {"username", "email", "phone", "token", "secret", "note", "ip"} & set(public.fields)
