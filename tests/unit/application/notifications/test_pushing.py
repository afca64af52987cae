"""A message goes once to every device that is alive, and what its providers say is what comes of it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.unit.application.notifications.push_house import MESSAGE, a_house, says

from multiproduct.application.caller import Caller, Principal
from multiproduct.application.notifications.push_lanes import ROOM
from multiproduct.application.notifications.push_ports import PushAnswer, PushTarget
from multiproduct.application.notifications.push_results import PushState
from multiproduct.application.notifications.pushing import PATIENCE_SECONDS, TRIES
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.domain.notifications.push_device import PushKind
from multiproduct.domain.shared import Unavailable

DAY = timedelta(days=1)
APNS = "0a" * 32


async def test_every_device_gets_it_once() -> None:
    async with a_house() as house:
        tony, pepper = await house.somebody(), await house.somebody()
        for number in range(3):
            await house.device(tony, f"token:{number:010}")
        await house.device(tony, APNS, kind="apns")
        await house.device(pepper, "token:peppers000")
        outcome = await house.send(tony)
        assert (outcome.state, outcome.accepted, outcome.devices) == (PushState.SENT, 4, 4)
        assert sorted(each.token for each in house.providers[PushKind.FCM].taken) == [
            f"token:{number:010}" for number in range(3)
        ]
        assert [each.token for each in house.providers[PushKind.APNS].taken] == [APNS]


async def test_without_devices_nothing_is_sent_and_it_is_told_why() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        outcome = await house.send(tony)
        assert (outcome.state, outcome.reason) == (PushState.NO_DEVICES, "no_devices")


async def test_an_installation_that_pushes_to_nothing_asks_no_store() -> None:
    async with a_house() as house:
        house.providers.clear()
        outcome = await house.send(await house.somebody())
        assert (outcome.state, outcome.reason) == (PushState.NO_DEVICES, "push_off")


async def test_a_device_that_was_not_refreshed_for_sixty_days_gets_nothing() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        free = Caller(principal=Principal(user_id=tony.require_user()))
        await house.device(free)
        house.time.moment += 60 * DAY - timedelta(seconds=1)
        assert (await house.send(free)).state is PushState.SENT
        house.time.moment += timedelta(seconds=1)
        outcome = await house.send(free)
        assert (outcome.state, outcome.reason) == (PushState.NO_DEVICES, "stale")
        await house.device(free)
        assert (await house.send(free)).state is PushState.SENT


async def test_a_device_whose_session_is_over_gets_nothing() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony)
        assert (await house.send(tony)).state is PushState.SENT
        await house.container.identity.device_sessions.revoke_all(tony)
        outcome = await house.send(tony)
        assert (outcome.state, outcome.reason) == (PushState.NO_DEVICES, "signed_out")


async def test_a_token_that_is_none_any_more_is_forgotten() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony)
        house.providers[PushKind.FCM].rule = lambda _: says("gone", "UNREGISTERED")
        outcome = await house.send(tony)
        assert (outcome.state, outcome.reason) == (PushState.NO_DEVICES, "devices_gone")
        assert await house.kept(tony) == []
        assert [each["reason"] for each in await house.events("push_device_removed")] == ["dead"]


@pytest.mark.parametrize(("ahead", "is_kept"), [(1, False), (0, False), (-1, True)])
async def test_a_token_of_apple_is_forgotten_only_if_it_was_not_refreshed_since(
    *, ahead: int, is_kept: bool
) -> None:
    async with a_house() as house:
        tony = await house.somebody()
        made = await house.device(tony, APNS, kind="apns")
        since = made.refreshed_at + timedelta(seconds=ahead)
        house.providers[PushKind.APNS].rule = lambda _: says("gone", gone_since=since)
        await house.send(tony)
        assert bool(await house.kept(tony)) is is_kept


async def test_a_device_that_is_refreshed_while_its_provider_calls_it_gone_stays() -> None:
    async with a_house() as house:
        tony = await house.somebody()

        async def refreshed_meanwhile(_: PushTarget) -> PushAnswer:
            await house.device(tony)
            return says("gone")

        await house.device(tony)
        house.providers[PushKind.FCM].rule = refreshed_meanwhile
        await house.send(tony)
        assert len(await house.kept(tony)) == 1


async def test_a_token_that_moves_while_a_message_waits_does_not_get_it() -> None:
    async with a_house() as house:
        tony, pepper = await house.somebody(), await house.somebody()

        async def moved_meanwhile(_: PushTarget) -> PushAnswer:
            await house.device(pepper)
            return says("later", retry_after=3)

        await house.device(tony)
        house.providers[PushKind.FCM].rule = moved_meanwhile
        outcome = await house.send(tony)
        assert outcome.state is PushState.NO_DEVICES
        assert len(house.providers[PushKind.FCM].taken) == 1
        assert len(await house.kept(pepper)) == 1


async def test_nothing_is_repeated_that_may_have_arrived() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony)
        house.providers[PushKind.FCM].rule = lambda _: says("uncertain", "no_answer")
        outcome = await house.send(tony)
        assert (outcome.state, outcome.reason) == (PushState.UNCERTAIN, "no_answer")
        assert outcome.retry_after is None
        assert len(house.providers[PushKind.FCM].taken) == 1


async def test_what_was_refused_is_not_repeated() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony)
        house.providers[PushKind.FCM].rule = lambda _: says("refused", "INVALID_ARGUMENT")
        outcome = await house.send(tony)
        assert (outcome.state, outcome.reason) == (PushState.FAILED, "INVALID_ARGUMENT")
        assert outcome.retry_after is None
        assert len(house.providers[PushKind.FCM].taken) == 1
        assert len(await house.kept(tony)) == 1


async def test_what_certainly_did_not_arrive_is_tried_again_a_few_times() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony)
        answers = [says("later"), says("later"), says("accepted")]
        house.providers[PushKind.FCM].rule = lambda _: answers.pop(0)
        assert (await house.send(tony)).state is PushState.SENT
        assert house.pauses == [0.5, 2.0]


async def test_after_that_it_is_left_to_a_later_call() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony)
        house.providers[PushKind.FCM].rule = lambda _: says("later", "UNAVAILABLE")
        outcome = await house.send(tony)
        assert (outcome.state, outcome.reason) == (PushState.FAILED, "UNAVAILABLE")
        assert outcome.retry_after is not None
        assert len(house.providers[PushKind.FCM].taken) == TRIES


async def test_a_provider_that_asks_to_wait_a_little_is_waited_for() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony)
        answers = [says("later", retry_after=5), says("accepted")]
        house.providers[PushKind.FCM].rule = lambda _: answers.pop(0)
        assert (await house.send(tony)).state is PushState.SENT
        assert house.pauses == [5.0]


async def test_a_provider_that_asks_to_wait_long_is_left_alone_for_so_long_and_no_longer() -> None:
    async with a_house() as house:
        tony, pepper = await house.somebody(), await house.somebody()
        await house.device(tony)
        await house.device(pepper, "token:0000000002")
        fcm = house.providers[PushKind.FCM]
        fcm.rule = lambda _: says("later", "QUOTA_EXCEEDED", retry_after=100)
        outcome = await house.send(tony)
        assert outcome.state is PushState.FAILED
        assert outcome.retry_after in {100, 101}
        fcm.rule = lambda _: says("accepted")
        # Nobody else's message goes there either.
        assert (await house.send(pepper)).state is PushState.FAILED
        assert len(fcm.taken) == 1
        house.time.moment += timedelta(seconds=100 - PATIENCE_SECONDS + 1)
        assert (await house.send(pepper)).state is PushState.SENT
        assert sum(house.pauses) <= PATIENCE_SECONDS


async def test_no_provider_is_waited_for_longer_than_an_hour() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony)
        fcm = house.providers[PushKind.FCM]
        fcm.rule = lambda _: says("later", retry_after=10**9)
        await house.send(tony)
        fcm.rule = lambda _: says("accepted")
        house.time.moment += timedelta(hours=1)
        assert (await house.send(tony)).state is PushState.SENT


@pytest.mark.parametrize(
    ("answers", "state", "may_repeat"),
    [
        (("accepted", "uncertain", "later"), PushState.SENT, False),
        (("accepted", "refused", "gone"), PushState.SENT, False),
        (("uncertain", "later", "refused"), PushState.UNCERTAIN, False),
        (("later", "refused", "gone"), PushState.FAILED, True),
        (("refused", "gone", "gone"), PushState.FAILED, False),
        (("gone", "gone", "gone"), PushState.NO_DEVICES, False),
    ],
)
async def test_what_several_devices_come_to(
    *, answers: tuple[str, ...], state: PushState, may_repeat: bool
) -> None:
    async with a_house() as house:
        tony = await house.somebody()
        by_token = {f"token:{number:010}": each for number, each in enumerate(answers)}
        for token in by_token:
            await house.device(tony, token)
        house.providers[PushKind.FCM].rule = lambda target: says(by_token[target.token])
        outcome = await house.send(tony)
        assert outcome.state is state
        assert (outcome.retry_after is not None) is may_repeat


async def test_devices_are_pushed_to_side_by_side() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        for number in range(6):
            await house.device(tony, f"token:{number:010}")
        everybody = asyncio.Barrier(6)

        async def when_all_are_there(_: PushTarget) -> PushAnswer:
            async with asyncio.timeout(10):
                await everybody.wait()
            return says("accepted")

        house.providers[PushKind.FCM].rule = when_all_are_there
        assert (await house.send(tony)).accepted == 6


async def test_no_more_are_under_way_to_one_provider_than_there_is_room_for() -> None:
    async with a_house() as house:
        people = [await house.somebody() for _ in range(2 * ROOM)]
        for number, each in enumerate(people):
            await house.device(each, f"token:{number:010}")
        outcomes = await asyncio.gather(*(house.send(each) for each in people))
        assert {each.state for each in outcomes} == {PushState.SENT}
        assert house.providers[PushKind.FCM].most_at_once == ROOM


async def test_a_provider_that_hangs_keeps_no_message_of_another_one_waiting() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        over = asyncio.Event()

        async def hang(_: PushTarget) -> PushAnswer:
            await over.wait()
            return says("uncertain", "no_answer")

        for number in range(4):
            await house.device(tony, f"token:{number:010}")
        house.providers[PushKind.FCM].rule = hang
        stuck = [asyncio.create_task(house.send(tony)) for _ in range(2 * ROOM)]
        while house.providers[PushKind.FCM].under_way < ROOM:
            await asyncio.sleep(0)
        pepper = await house.somebody()
        await house.device(pepper, APNS, kind="apns")
        async with asyncio.timeout(10):
            assert (await house.send(pepper)).state is PushState.SENT
        assert not any(task.done() for task in stuck)
        over.set()
        outcomes = await asyncio.gather(*stuck)
        assert {each.state for each in outcomes} == {PushState.UNCERTAIN}


class Store:
    """A real store that is away where a test says."""

    def __init__(self, real: Any) -> None:
        self.real, self.views_until_away, self.is_open_away = real, 10**9, False

    def view(self, caller: Caller) -> Any:
        self.views_until_away -= 1
        if self.views_until_away < 0:
            raise TransientFailure("a lock was not had in time")
        return self.real.view(caller)

    def open(self, caller: Caller) -> Any:
        if self.is_open_away:
            raise Unavailable(what="database")
        return self.real.open(caller)


async def test_a_store_that_is_away_amid_sending_makes_nobody_send_it_twice() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony, "token:0000000000")
        await house.device(tony, "token:1111111111")
        store = Store(house.container.units)
        house.pushing._units = store
        answers = {"token:0000000000": says("accepted"), "token:1111111111": says("later", retry_after=3)}

        def rule(target: PushTarget) -> PushAnswer:
            store.views_until_away = 0
            return answers[target.token]

        house.providers[PushKind.FCM].rule = rule
        outcome = await house.send(tony)
        assert (outcome.state, outcome.accepted, outcome.retry_after) == (PushState.SENT, 1, None)
        assert sorted(each.token for each in house.providers[PushKind.FCM].taken) == sorted(answers)


async def test_a_dead_device_that_cannot_be_removed_now_takes_nothing_from_what_the_others_said() -> None:
    async with a_house() as house:
        tony = await house.somebody()
        await house.device(tony, "token:0000000000")
        await house.device(tony, "token:1111111111")
        store = Store(house.container.units)
        house.pushing._units = store
        store.is_open_away = True
        house.providers[PushKind.FCM].rule = lambda target: says(
            "gone" if "1" in target.token else "accepted"
        )
        assert (await house.send(tony)).state is PushState.SENT
        assert len(await house.kept(tony)) == 2
        store.is_open_away = False
        await house.send(tony)
        assert len(await house.kept(tony)) == 1


def test_a_message_shows_no_token_when_it_is_printed() -> None:
    target = PushTarget(device_id=UUID(int=1), kind=PushKind.WEB, token="secret", p256dh=b"secret")
    assert "secret" not in repr(target)
    assert "Paid" in repr(MESSAGE)
