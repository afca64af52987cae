"""The watchdog looks after several subscriptions of a batch side by side."""

import asyncio
from uuid import UUID

import pytest
from tests.subscription_house import SubscriptionHouse, a_subscription_house

from multiproduct.bootstrap.subscriptions import looked_after_at_once
from multiproduct.domain.subscriptions import ChargeStatus
from multiproduct.settings import Settings

PATIENCE = 30


class Meeting:
    """Drives payments once so many are to be driven at the same time; those of one person break."""

    def __init__(self, shop: SubscriptionHouse, together: int, breaking: UUID | None = None) -> None:
        self._driving = shop.house.payments.driving
        self._meeting = asyncio.Barrier(together)
        self._breaking = breaking

    async def drive(self, payment_id: UUID) -> None:
        await self._meeting.wait()
        payment = await self._driving.drive(payment_id)
        if payment.payer_id == self._breaking:
            raise RuntimeError("out of order")


async def _several_due(together: int, *, count: int) -> tuple[SubscriptionHouse, list[tuple[UUID, UUID]]]:
    shop = a_subscription_house()
    bought = [await shop.bought() for _ in range(count)]
    shop.house.clock.move(bought[-1][1].ends_at - shop.now)
    shop.subscriptions.looking_after._at_once = together
    return shop, [(user_id, each.id) for user_id, each in bought]


async def test_as_many_as_are_wanted_are_looked_after_side_by_side_each_once() -> None:
    shop, bought = await _several_due(3, count=6)
    watchdog = shop.subscriptions.looking_after
    watchdog._driving = Meeting(shop, 3)
    async with asyncio.timeout(PATIENCE):
        assert await watchdog.run() == 6
    for user_id, id_ in bought:
        assert (await shop.found(id_)).number == 2
        assert [each.status for each in await shop.charges(id_)] == [ChargeStatus.PAID] * 2
        assert await shop.books_balance(user_id)


async def test_one_that_breaks_keeps_none_of_those_beside_it_from_their_end() -> None:
    shop, bought = await _several_due(2, count=4)
    watchdog = shop.subscriptions.looking_after
    watchdog._driving = Meeting(shop, 2, breaking=bought[0][0])
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(ExceptionGroup, match="1 failed"):
            await watchdog.run()
    assert [(await shop.found(id_)).number for _, id_ in bought] == [2] * 4


@pytest.mark.parametrize(
    ("url", "pool", "at_once"),
    [
        ("postgresql://x@127.0.0.1/x", 10, 4),
        ("postgresql://x@127.0.0.1/x", 4, 2),
        ("postgresql://x@127.0.0.1/x", 2, 1),
        ("sqlite:///x.db", 10, 1),
        ("memory://", 10, 1),
    ],
)
def test_several_are_looked_after_where_the_database_serves_several(
    url: str, pool: int, at_once: int
) -> None:
    settings = Settings(environment="development", database_url=url, database_pool_size=pool)
    assert looked_after_at_once(settings) == at_once
