"""The delivery log is kept for 90 days."""

from datetime import timedelta

from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import a_member, open_house

from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.purging import KEPT, DeliveryPurging
from multiproduct.bootstrap import Overrides

TONY = "tony@stark.com"


async def test_what_was_sent_is_forgotten_after_ninety_days_and_not_before() -> None:
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        user_id = (await a_member(house, TONY)).id
        await house.drain()
        purging = DeliveryPurging(units=house.container.units, clock=clock)
        clock.pass_by(KEPT - timedelta(minutes=1))
        assert await purging.run() == 0
        async with house.container.units.view(SYSTEM) as view:
            assert await view.deliveries.of_user(user_id, limit=9)
        clock.pass_by(timedelta(minutes=2))
        # By the schedule, which runs it every hour.
        await house.container.scheduling.run_due()
        async with house.container.units.view(SYSTEM) as view:
            assert await view.deliveries.of_user(user_id, limit=9) == []
