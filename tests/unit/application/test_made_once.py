"""What units make when it is first asked for, and let go of when they are over."""

import gc
import weakref

from tests.billing_house import a_house

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.application.caller import SYSTEM
from multiproduct.application.made_once import made_once


class Kitchen:
    def __init__(self) -> None:
        self.cooked = 0

    @made_once
    def soup(self) -> str:
        """Of the day."""
        self.cooked += 1
        return f"soup {self.cooked}"


def test_it_is_made_when_first_asked_for_and_only_then():
    kitchen = Kitchen()
    assert kitchen.cooked == 0
    assert [kitchen.soup, kitchen.soup, kitchen.cooked] == ["soup 1", "soup 1", 1]
    assert Kitchen().soup == "soup 1"


def test_what_was_dropped_is_made_anew():
    kitchen = Kitchen()
    assert kitchen.soup == "soup 1"
    del kitchen.soup
    assert kitchen.soup == "soup 2"


async def _an_ended_unit(units):
    async with units.open(SYSTEM) as unit:
        await unit.users.find(a_uuid())
        await unit.commit()
    return weakref.ref(unit)


async def test_a_unit_that_is_over_is_gone_before_any_garbage_is_collected():
    units = a_house().units
    gc.disable()
    try:
        assert (await _an_ended_unit(units))() is None
    finally:
        gc.enable()
