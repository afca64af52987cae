"""Races for one invitation, from several processes, on SQLite and on PostgreSQL."""

from tests.integration.journeys.one_time_things import INVITATION
from tests.integration.journeys.racing import Arena, used_once


async def test_of_many_who_accept_one_invitation_one_becomes_a_user(arena: Arena) -> None:
    await used_once(arena, INVITATION)
