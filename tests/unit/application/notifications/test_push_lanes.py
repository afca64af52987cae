"""Whom a provider that is busy keeps waiting: the device that it is busy for, and all only where it is for
several in a row."""

from datetime import timedelta

from tests.unit.application.notifications.push_house import a_house, says

from multiproduct.application.notifications.push_lanes import BUSY_DEVICES, SHARED_PAUSE, PushLanes
from multiproduct.application.notifications.push_ports import PushWait
from multiproduct.application.notifications.push_results import PushState
from multiproduct.domain.notifications.push_device import PushKind

BUSY = says("later", "status_429", retry_after=100, waits=PushWait.DEVICE)


async def test_a_device_that_its_provider_is_busy_for_keeps_nobody_elses_message_waiting() -> None:
    async with a_house() as house:
        tony, pepper = await house.somebody(), await house.somebody()
        await house.device(tony)
        await house.device(pepper, "token:peppers000")
        fcm = house.providers[PushKind.FCM]
        fcm.rule = lambda target: says("accepted") if "pepper" in target.token else BUSY
        for _ in range(2 * BUSY_DEVICES):
            assert (await house.send(tony)).state is PushState.FAILED
            assert (await house.send(pepper)).state is PushState.SENT
        # The busy one is left alone for as long as its provider asked.
        assert [each.token for each in fcm.taken].count("token:0000000001") == 1
        house.time.moment += timedelta(seconds=100)
        fcm.rule = lambda _: says("accepted")
        assert (await house.send(tony)).state is PushState.SENT


async def test_a_provider_that_is_busy_for_one_after_the_other_is_left_alone_by_all_for_a_moment() -> None:
    async with a_house() as house:
        people = [await house.somebody() for _ in range(BUSY_DEVICES + 1)]
        for number, each in enumerate(people):
            await house.device(each, f"token:{number:010}")
        *busy, last = people
        fcm = house.providers[PushKind.FCM]
        fcm.rule = lambda _: BUSY
        for each in busy:
            assert (await house.send(each)).retry_after in {100, 101}
        assert (await house.send(last)).state is PushState.FAILED
        assert len(fcm.taken) == BUSY_DEVICES
        house.time.moment += timedelta(seconds=SHARED_PAUSE)
        fcm.rule = lambda _: says("accepted")
        assert (await house.send(last)).state is PushState.SENT
        # The shared pause was short; those that were told to wait still do.
        assert (await house.send(busy[0])).state is PushState.FAILED


async def test_a_message_that_is_accepted_in_between_shows_that_the_provider_is_not_busy() -> None:
    async with a_house() as house:
        people = [await house.somebody() for _ in range(2 * BUSY_DEVICES)]
        for number, each in enumerate(people):
            await house.device(each, f"token:{number:010}")
        fcm = house.providers[PushKind.FCM]
        for number, each in enumerate(people):
            answer = says("accepted") if number == BUSY_DEVICES - 1 else BUSY
            fcm.rule = lambda _, answer=answer: answer
            await house.send(each)
            if number == 2 * BUSY_DEVICES - 2:
                break
        assert len(fcm.taken) == 2 * BUSY_DEVICES - 1, "the lane was never closed"


async def test_of_closed_lanes_a_bounded_number_is_remembered() -> None:
    async with a_house() as house:
        lanes = PushLanes(real_time=house.time)
        for number in range(3_000):
            closing = says("later", retry_after=60 + number % 7)
            lanes.heard(f"web|https://{number}.example", f"{number}", closing)
            lanes.heard(f"web|https://other-{number}.example", f"other-{number}", BUSY)
        assert max(map(len, (lanes._lanes._until, lanes._devices._until))) <= 1_000
        assert len(lanes._busy) <= 1_001
        assert lanes.closed_for("web|https://2999.example", "any") > 0
        assert lanes.closed_for("any", "other-2999") > 0
        assert lanes.closed_for("web|https://other-2999.example", "any") == 0
        async with lanes.room("a"):
            pass
        assert lanes._rooms == {}
