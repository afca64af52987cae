"""Listeners of the program around the package: told after the commit, and again after a failure."""

from datetime import timedelta

import pytest

from multiproduct import Multiproduct
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.identity import StartRegistration
from multiproduct.bootstrap import Listener, Overrides
from multiproduct.domain.identity import RegistrationStarted

ADA = StartRegistration(email="ada@example.com", password="correct horse battery staple")


class MovedTime(SystemRealTime):
    ahead = timedelta()

    def now(self):
        return super().now() + self.ahead


async def test_it_hears_of_an_event_once_where_nothing_fails() -> None:
    heard: list[RegistrationStarted] = []

    async def react(event: RegistrationStarted) -> None:
        heard.append(event)

    listeners = [Listener(RegistrationStarted, "shop.count", react)]
    async with Multiproduct.in_memory(overrides=Overrides(listeners=listeners)) as mp:
        await mp.identity.registration.start(ADA)
        await mp.drain()
        await mp.drain()
    assert [event.NAME for event in heard] == ["identity.registration_started"]


async def test_where_it_raises_it_is_called_again_later() -> None:
    time, calls = MovedTime(), []

    async def react(event: RegistrationStarted) -> None:
        calls.append(event)
        if len(calls) == 1:
            raise ConnectionError("the workshop does not answer")

    overrides = Overrides(real_time=time, listeners=[Listener(RegistrationStarted, "shop.count", react)])
    async with Multiproduct.in_memory(overrides=overrides) as mp:
        await mp.identity.registration.start(ADA)
        await mp.drain()
        assert len(calls) == 1
        time.ahead = timedelta(hours=1)
        await mp.drain()
        await mp.drain()
    assert len(calls) == 2
    assert calls[0] == calls[1]


async def test_two_of_one_name_are_refused() -> None:
    async def react(event: RegistrationStarted) -> None:
        del event

    twice = [Listener(RegistrationStarted, "shop.count", react)] * 2
    with pytest.raises(ValueError, match=r"shop\.count"):
        Multiproduct.in_memory(overrides=Overrides(listeners=twice))
