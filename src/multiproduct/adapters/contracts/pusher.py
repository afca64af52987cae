"""What everybody who brings pushes to devices must do."""

import asyncio
from dataclasses import replace
from typing import Protocol

import pytest

from multiproduct.application.notifications.push_ports import (
    Pusher,
    PushMessage,
    PushTarget,
    PushVerdict,
)

A_MESSAGE = PushMessage(
    type_key="billing.invoice_paid",
    title="Paid: 19.99 €",
    body="ಧನ್ಯವಾದಗಳು, 謝謝",
    locale="kn",
    collapse_key="billing.invoice_paid",
    message_id="billing.invoice_paid.17",
    data={"invoice_id": "42"},
)
_LONG = "ಧ謝x" * 3_000


class StandIn(Protocol):
    """A provider on this machine that does as it is told, from then on."""

    def accept(self) -> None: ...
    def refuse(self) -> None: ...
    def call_gone(self) -> None: ...
    def be_busy(self, *, retry_after: str) -> None: ...
    def fall_silent(self) -> None:
        """Takes messages and answers nothing, for longer than the pusher waits."""

    @property
    def calls(self) -> int:
        """How many messages came."""
        ...


class PusherContract:
    """Needs the fixtures `pusher`, `stand_in` (its provider) and `target` (a device that the provider
    knows)."""

    @pytest.fixture
    def pusher(self) -> Pusher:
        raise NotImplementedError

    @pytest.fixture
    def stand_in(self) -> StandIn:
        raise NotImplementedError

    @pytest.fixture
    def target(self) -> PushTarget:
        raise NotImplementedError

    async def test_a_message_is_handed_over_once(
        self, pusher: Pusher, stand_in: StandIn, target: PushTarget
    ) -> None:
        stand_in.accept()
        assert (await pusher.push(A_MESSAGE, target)).verdict is PushVerdict.ACCEPTED
        assert stand_in.calls == 1

    async def test_many_are_handed_over_at_once(
        self, pusher: Pusher, stand_in: StandIn, target: PushTarget
    ) -> None:
        stand_in.accept()
        answers = await asyncio.gather(*(pusher.push(A_MESSAGE, target) for _ in range(20)))
        assert {each.verdict for each in answers} == {PushVerdict.ACCEPTED}
        assert stand_in.calls == 20

    @pytest.mark.parametrize("long", [replace(A_MESSAGE, title=_LONG), replace(A_MESSAGE, body=_LONG)])
    async def test_no_message_is_refused_for_its_length(
        self, pusher: Pusher, stand_in: StandIn, target: PushTarget, long: PushMessage
    ) -> None:
        stand_in.accept()
        assert (await pusher.push(long, target)).verdict is PushVerdict.ACCEPTED

    async def test_a_token_that_is_none_is_told(
        self, pusher: Pusher, stand_in: StandIn, target: PushTarget
    ) -> None:
        stand_in.call_gone()
        assert (await pusher.push(A_MESSAGE, target)).verdict is PushVerdict.GONE

    async def test_a_refusal_is_told_and_nothing_repeated(
        self, pusher: Pusher, stand_in: StandIn, target: PushTarget
    ) -> None:
        stand_in.refuse()
        assert (await pusher.push(A_MESSAGE, target)).verdict is PushVerdict.REFUSED
        assert stand_in.calls == 1

    @pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("99999999", 3_600), ("whenever", None)])
    async def test_a_provider_that_is_busy_is_left_alone_within_bounds(
        self, pusher: Pusher, stand_in: StandIn, target: PushTarget, said: str, seconds: int | None
    ) -> None:
        stand_in.be_busy(retry_after=said)
        answer = await pusher.push(A_MESSAGE, target)
        assert (answer.verdict, answer.retry_after) == (PushVerdict.LATER, seconds)
        assert stand_in.calls == 1

    async def test_without_an_answer_nobody_knows_and_nothing_is_repeated(
        self, pusher: Pusher, stand_in: StandIn, target: PushTarget
    ) -> None:
        stand_in.fall_silent()
        async with asyncio.timeout(30):
            assert (await pusher.push(A_MESSAGE, target)).verdict is PushVerdict.UNCERTAIN
        assert stand_in.calls == 1

    async def test_a_device_is_always_in_one_lane_and_shows_no_token(
        self, pusher: Pusher, target: PushTarget
    ) -> None:
        assert pusher.lane(target) == pusher.lane(replace(target))
        assert target.token not in pusher.lane(target)
        assert target.token not in repr(target)
