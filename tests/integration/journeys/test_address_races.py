"""One address for many: the unique index decides whose it becomes, and a proof is good once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.migrated import migrated
from tests.integration.journeys.racing import race

from multiproduct.adapters.stdlib import DerivedSecrets
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import ChangeEmail, CreateAdmin, SignInWithPassword
from multiproduct.application.otp import CodeBook
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.otp import OtpPolicy
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

WANTED, PASSWORD = "wanted@stark.com", "correct horse battery staple"
PROCESSES = 4


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/race.db"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
async def settings(url: str, tmp_path: Path) -> dict[str, Any]:
    await migrated(url)
    return {
        "database_url": url,
        "mailbox_dir": str(tmp_path / "mailbox"),
        "password_cost": "test",
        "rate_limit_profile": "unlimited",
        "inline_worker": False,
    }


@pytest.fixture
async def house(settings: dict[str, Any]) -> AsyncIterator[Multiproduct]:
    async with Multiproduct.from_settings(Settings(**settings)) as opened:
        yield opened


async def a_link(house: Multiproduct, number: int) -> str:
    """The link with which another person proves the one address that all want."""
    email = f"p{number}@stark.com"
    command = CreateAdmin(email=email, username=f"person{number}", password=PASSWORD)
    await house.identity.administration.create_member(command, SYSTEM)
    tokens = await house.identity.sign_in.with_password(SignInWithPassword(email=email, password=PASSWORD))
    caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
    sent = await house.identity.contact_changes.request(ChangeEmail(email=WANTED), caller)
    return await link_of(house, sent.challenge_id)


async def link_of(house: Multiproduct, challenge_id: UUID) -> str:
    # Not every one is mailed: a mailbox is not flooded because many ask for it.
    peppers = DerivedSecrets(masters=house.container.settings.secrets)
    async with house.container.units.view(SYSTEM) as view:
        challenge = await view.challenges.find(challenge_id)
    link = CodeBook(peppers=peppers, policy=OtpPolicy()).link_token(challenge)
    assert link is not None
    return link


async def changes(house: Multiproduct) -> int:
    async with house.container.units.view(SYSTEM) as view:
        return int(await view.audit_trail.count(AuditFilter(event="identity.contact_changed")))


async def owner(house: Multiproduct) -> Any:
    async with house.container.units.view(SYSTEM) as view:
        return await view.users.find_by_email(WANTED)


async def test_of_many_people_who_prove_one_address_one_gets_it(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    people = proof_scale(8, 200)
    links = [await a_link(house, number) for number in range(people)]
    outcomes = race("address_proofs", settings=settings, contenders=people, processes=PROCESSES, links=links)
    assert outcomes == {"ok": 1, "email_taken": people - 1}
    assert await changes(house) == 1
    assert (await owner(house)).username.display.startswith("person")


async def test_a_proof_offered_many_times_is_good_once(house: Multiproduct, settings: dict[str, Any]) -> None:
    contenders = proof_scale(80, 1_000)
    outcomes = race(
        "address_proofs",
        settings=settings,
        contenders=contenders,
        processes=PROCESSES,
        links=[await a_link(house, 1)],
    )
    assert outcomes["ok"] == 1
    assert outcomes["invalid_code"] == contenders - 1
    assert await changes(house) == 1
