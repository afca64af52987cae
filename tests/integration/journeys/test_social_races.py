"""A browser sent to a provider comes back once, and the last way in stays, however many try at once from
several processes, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.migrated import migrated
from tests.integration.journeys.racing import race
from tests.servers.provider import TestProvider, running_provider
from tests.software_authenticator import SoftwareAuthenticator

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import AddPasskey, SocialProof, StartSocial
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.identity import Provider
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

PROCESSES = 4


@pytest.fixture
def provider() -> Iterator[TestProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/race.db"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
async def settings(url: str, tmp_path: Path, provider: TestProvider) -> dict[str, Any]:
    await migrated(url)
    return {
        **provider.settings,
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


async def test_of_many_that_come_back_with_one_state_one_signs_in(
    house: Multiproduct, settings: dict[str, Any], provider: TestProvider
) -> None:
    departure = await house.identity.social_proving.start(Provider.GOOGLE, StartSocial())
    query = {name: values[0] for name, values in parse_qs(urlsplit(departure.url).query).items()}
    provider.codes["code-1"] = {"id_token": provider.token(nonce=query["nonce"])}
    provider.challenges["code-1"] = query["code_challenge"]
    contenders = proof_scale(200, 1_000)
    outcomes = race(
        "returns",
        settings=settings,
        contenders=contenders,
        processes=PROCESSES,
        state=query["state"],
        code="code-1",
        browser=departure.browser,
    )
    assert outcomes == {"ok": 1, "social_state_invalid": contenders - 1}
    assert provider.asked["/token"] == 1
    async with house.container.units.view(SYSTEM) as view:
        assert await view.audit_trail.count(AuditFilter(event="identity.signed_in")) == 1
        assert await view.audit_trail.count(AuditFilter(event="identity.user_registered")) == 1


async def test_of_the_last_two_ways_in_given_up_at_once_one_stays(
    house: Multiproduct, settings: dict[str, Any], provider: TestProvider
) -> None:
    proof = SocialProof(id_token=provider.token(aud=provider.settings["facebook_app_id"]))
    tokens: Any = await house.identity.social_sign_in.by_token(Provider.FACEBOOK, proof)
    caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
    (account,) = (await house.identity.social_linking.accounts(caller)).items
    offered = await house.identity.passkeys.registration_options(caller)
    credential = SoftwareAuthenticator().create(offered.public_key)
    passkey = await house.identity.passkeys.register(
        AddPasskey(challenge_id=offered.challenge_id, credential=credential), caller
    )
    contenders = proof_scale(40, 200)
    outcomes = race(
        "gives_up_a_way_in",
        settings=settings,
        contenders=contenders,
        processes=PROCESSES,
        access=tokens.access,
        account_id=str(account.id),
        passkey_id=str(passkey.id),
    )
    half = contenders // 2
    assert outcomes == {"ok": 1, "not_found": half - 1, "last_way_in": half}
    accounts = (await house.identity.social_linking.accounts(caller)).items
    passkeys = (await house.identity.passkeys.mine(caller)).items
    assert len(accounts) + len(passkeys) == 1
