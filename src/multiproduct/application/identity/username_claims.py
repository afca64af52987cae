"""A step of every claim of a chosen user name: names that were given up a while ago cannot be had yet."""

from datetime import datetime, timedelta

from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import Username, UsernameTaken

GIVEN_UP_FOR = timedelta(days=90)
"""How long nobody can have a name that somebody gave up: whoever knew it must not be deceived by another."""


async def refuse_given_up(unit: IdentityUnit, name: Username, *, now: datetime) -> None:
    """To be called in the unit that claims the name, after it wrote it: the unique index has by then waited
    for whoever had it. Raises UsernameTaken, upon which the unit must not be committed."""
    if await unit.username_tombstones.standing([name.key], now=now):
        raise UsernameTaken(username=name.display)


async def give_up(unit: IdentityUnit, name: Username, *, for_ever: bool, now: datetime) -> None:
    """Keeps others from a name, for 90 days or for ever."""
    await unit.username_tombstones.put(name.key, until=None if for_ever else now + GIVEN_UP_FOR)
