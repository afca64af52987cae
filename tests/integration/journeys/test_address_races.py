"""One address for many: the unique index decides whose it becomes, and a proof is good once."""

from typing import Any

from tests.campaigns import proof_scale
from tests.integration.journeys.one_time_things import ADDRESS_PROOF, WANTED, an_address_link
from tests.integration.journeys.racing import Arena, used_once

from multiproduct.application.caller import SYSTEM
from multiproduct.entrypoints.library import Multiproduct


async def owner(house: Multiproduct) -> Any:
    async with house.container.units.view(SYSTEM) as view:
        return await view.users.find_by_email(WANTED)


async def test_of_many_people_who_prove_one_address_one_gets_it(arena: Arena) -> None:
    people = proof_scale(8, 200)
    links = [await an_address_link(arena.house, number) for number in range(people)]
    before = await owner(arena.house)
    outcomes = arena.race("address_proofs", contenders=people, links=links)
    assert outcomes == {"ok": 1, "email_taken": people - 1}
    assert await arena.count("identity.contact_changed") == 1
    assert before is None
    assert (await owner(arena.house)).email.key == WANTED


async def test_a_proof_offered_many_times_is_good_once(arena: Arena) -> None:
    await used_once(arena, ADDRESS_PROOF)
