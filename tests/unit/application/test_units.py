"""A unit's body is run again when concurrency got in its way, and never for another reason."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from multiproduct.application import units as units_module
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.application.units import MAX_TRIES, in_unit
from multiproduct.domain.shared import Conflict, StaleAggregate, Unavailable


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(units_module, "_FIRST_PAUSE", 0.0)


class Opening:
    """Counts the units that were opened and how they ended."""

    def __init__(self, *, fails_to_begin=()) -> None:
        self.opened: list[object] = []
        self.ended: list[type[BaseException] | None] = []
        self._failures = list(fails_to_begin)

    @asynccontextmanager
    async def __call__(self):
        if self._failures:
            raise self._failures.pop(0)
        unit = object()
        self.opened.append(unit)
        try:
            yield unit
        except BaseException as error:
            self.ended.append(type(error))
            raise
        self.ended.append(None)


def failing(*errors: BaseException):
    """A body that fails with each of the errors and then succeeds with the unit it was given."""
    left = list(errors)

    async def body(unit: object) -> object:
        if left:
            raise left.pop(0)
        return unit

    return body


async def test_a_body_that_succeeds_is_run_once():
    opening = Opening()
    assert await in_unit(opening, failing()) is opening.opened[0]
    assert opening.ended == [None]


@pytest.mark.parametrize("error", [StaleAggregate, TransientFailure])
async def test_a_body_that_lost_a_race_is_run_again_in_a_fresh_unit(error):
    opening = Opening()
    found = await in_unit(opening, failing(error(), error()))
    assert found is opening.opened[-1]
    assert len({id(unit) for unit in opening.opened}) == 3
    assert opening.ended == [error, error, None]


async def test_a_unit_that_could_not_begin_is_opened_again():
    opening = Opening(fails_to_begin=[TransientFailure(), TransientFailure()])
    assert await in_unit(opening, failing()) is opening.opened[0]


async def test_it_succeeds_at_the_last_try():
    opening = Opening()
    await in_unit(opening, failing(*(StaleAggregate() for _ in range(MAX_TRIES - 1))))
    assert len(opening.opened) == MAX_TRIES


async def test_it_gives_up_after_eight_tries_and_says_to_come_again():
    opening = Opening()
    with pytest.raises(Unavailable) as refusal:
        await in_unit(opening, failing(*(StaleAggregate() for _ in range(100))))
    assert len(opening.opened) == MAX_TRIES == 8
    assert refusal.value.params == {"what": "database", "retry_after": 1}


async def test_it_gives_up_when_the_time_is_over(monkeypatch):
    monkeypatch.setattr(units_module, "DEADLINE_SECONDS", -1.0)
    opening = Opening()
    with pytest.raises(Unavailable):
        await in_unit(opening, failing(*(StaleAggregate() for _ in range(100))))
    assert len(opening.opened) == 1


@pytest.mark.parametrize(
    "error", [Conflict(), ValueError("broken"), Unavailable(what="mail"), OSError("gone")]
)
async def test_any_other_error_is_told_at_once(error):
    opening = Opening()
    with pytest.raises(type(error)) as raised:
        await in_unit(opening, failing(error, error))
    assert raised.value is error
    assert len(opening.opened) == 1


async def test_a_caller_who_goes_away_is_not_held_back():
    opening = Opening()
    with pytest.raises(asyncio.CancelledError):
        await in_unit(opening, failing(asyncio.CancelledError()))
    assert len(opening.opened) == 1


async def test_the_pauses_grow_and_differ(monkeypatch):
    pauses: list[float] = []

    async def noted(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(units_module, "_FIRST_PAUSE", 0.002)
    monkeypatch.setattr(units_module.asyncio, "sleep", noted)
    with pytest.raises(Unavailable):
        await in_unit(Opening(), failing(*(StaleAggregate() for _ in range(MAX_TRIES))))
    for number, pause in enumerate(pauses):
        assert 0.5 <= pause / (0.002 * 2**number) <= 1.5
    assert len({pause / 2**number for number, pause in enumerate(pauses)}) > 1
