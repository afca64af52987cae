"""Races for one code that sets a new password, and for the file of one document."""

from tests.campaigns import proof_scale
from tests.integration.journeys.one_time_things import EMAIL, RESET_CODE
from tests.integration.journeys.racing import Arena, used_once
from tests.unit.application.identity.people import a_member, signed_in

from multiproduct.application.caller import Caller
from multiproduct.application.identity import AnnounceDocument


async def test_of_many_who_give_one_reset_code_one_sets_the_password(arena: Arena) -> None:
    await used_once(arena, RESET_CODE)


async def test_of_many_who_upload_for_one_document_one_hands_it_in(arena: Arena) -> None:
    identity = arena.house.identity
    await a_member(arena.house, EMAIL)
    tokens = await signed_in(arena.house, EMAIL)
    caller = Caller(principal=await identity.authenticating.principal(tokens.access))
    announced = await identity.documents.announce(
        AnnounceDocument(kind="trade_licence", name="Licence"), caller
    )
    outcomes = arena.race(
        "uploads",
        contenders=proof_scale(40, 200),
        document_id=str(announced.id),
        access=tokens.access,
    )
    assert outcomes["ok"] == 1
    # Each writes the user first, so some are told to come again.
    assert set(outcomes) <= {"ok", "document_settled", "stale", "unavailable"}
    assert (await identity.documents.file(announced.id, caller)).content.startswith(b"%PDF-1.7 ")
    assert await arena.count("identity.document_submitted") == 1
