"""A browser sent to a provider comes back once, and the last way in stays, however many try at once from
several processes, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.one_time_things import oauth_state
from tests.integration.journeys.racing import Arena, used_once
from tests.servers.provider import TestProvider, running_provider
from tests.software_authenticator import SoftwareAuthenticator

from multiproduct.application.caller import Caller
from multiproduct.application.identity import AddPasskey, SocialProof
from multiproduct.domain.identity import Provider


@pytest.fixture
def provider() -> Iterator[TestProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def race_settings(provider: TestProvider) -> dict[str, Any]:
    return dict(provider.settings)


async def test_of_many_that_come_back_with_one_state_one_signs_in(
    arena: Arena, provider: TestProvider
) -> None:
    await used_once(arena, oauth_state(provider))
    assert provider.asked["/token"] == 1


async def test_of_the_last_two_ways_in_given_up_at_once_one_stays(
    arena: Arena, provider: TestProvider
) -> None:
    identity = arena.house.identity
    proof = SocialProof(id_token=provider.token(aud=provider.settings["facebook_app_id"]))
    tokens: Any = await identity.social_sign_in.by_token(Provider.FACEBOOK, proof)
    caller = Caller(principal=await identity.authenticating.principal(tokens.access))
    (account,) = (await identity.social_linking.accounts(caller)).items
    offered = await identity.passkeys.registration_options(caller)
    credential = SoftwareAuthenticator().create(offered.public_key)
    passkey = await identity.passkeys.register(
        AddPasskey(challenge_id=offered.challenge_id, credential=credential), caller
    )
    contenders = proof_scale(40, 200)
    outcomes = arena.race(
        "gives_up_a_way_in",
        contenders=contenders,
        access=tokens.access,
        account_id=str(account.id),
        passkey_id=str(passkey.id),
    )
    half = contenders // 2
    assert outcomes == {"ok": 1, "not_found": half - 1, "last_way_in": half}
    accounts = (await identity.social_linking.accounts(caller)).items
    passkeys = (await identity.passkeys.mine(caller)).items
    assert len(accounts) + len(passkeys) == 1
