"""What every keeper of the test clock's offset must do."""

import asyncio
from datetime import timedelta

import pytest

from multiproduct.adapters.contracts.store_unit import PATIENCE_SECONDS
from multiproduct.application.ports.clock_offset import ClockOffset


class ClockOffsetContract:
    """Needs `clock_offset`: a `ClockOffset` over a store that is empty when the test begins."""

    async def test_the_clock_is_not_ahead_at_first(self, clock_offset: ClockOffset) -> None:
        assert await clock_offset.read() == timedelta()

    async def test_each_advance_adds_to_the_ones_before(self, clock_offset: ClockOffset) -> None:
        assert await clock_offset.advance(timedelta(days=400)) == timedelta(days=400)
        step = timedelta(seconds=1, microseconds=3)
        assert await clock_offset.advance(step) == timedelta(days=400) + step
        assert await clock_offset.advance(timedelta()) == timedelta(days=400) + step
        assert await clock_offset.read() == timedelta(days=400) + step

    async def test_the_clock_never_goes_back(self, clock_offset: ClockOffset) -> None:
        await clock_offset.advance(timedelta(hours=1))
        with pytest.raises(ValueError, match="back"):
            await clock_offset.advance(timedelta(microseconds=-1))
        assert await clock_offset.read() == timedelta(hours=1)

    async def test_no_advance_is_lost_among_rivals(self, clock_offset: ClockOffset) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(clock_offset.advance(timedelta(seconds=1)) for _ in range(20)))
        assert await clock_offset.read() == timedelta(seconds=20)
