"""An account that is being linked while its person is erased is not left behind; on PostgreSQL, where both go
on at once."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from tests.integration.journeys.migrated import migrated
from tests.servers.provider import running_provider
from tests.unit.application.identity.people import a_member, signed_in

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import SocialProof, social_linking
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import Provider, User
from multiproduct.domain.shared import Unauthenticated
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

PATIENCE_SECONDS = 90


async def test_a_link_under_way_does_not_outlive_the_erasure(
    postgres_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrated(postgres_database)
    there, go_on = asyncio.Event(), asyncio.Event()
    read = social_linking.present_user

    async def read_and_wait(unit: IdentityUnit, user_id: UUID) -> User:
        user = await read(unit, user_id)
        there.set()
        await go_on.wait()
        return user

    with running_provider() as provider:
        settings = Settings(
            _env_file=None,
            database_url=postgres_database,
            mailbox_dir=str(tmp_path / "mailbox"),
            password_cost="test",
            rate_limit_profile="unlimited",
            **provider.settings,
        )
        async with asyncio.timeout(PATIENCE_SECONDS), Multiproduct.from_settings(settings) as house:
            await a_member(house, "tony@stark.com")
            tokens = await signed_in(house, "tony@stark.com")
            owner = Caller(principal=await house.identity.authenticating.principal(tokens.access))
            monkeypatch.setattr(social_linking, "present_user", read_and_wait)
            proof = SocialProof(id_token=provider.token(email="tony@gmail.com", email_verified=True))
            linking = asyncio.create_task(
                house.identity.social_linking.link_by_token(Provider.GOOGLE, proof, owner)
            )
            await there.wait()
            await house.identity.erasing.erase_own(owner)
            go_on.set()
            with pytest.raises(Unauthenticated):
                await linking
            async with house.container.units.view(SYSTEM) as view:
                assert await view.social_accounts.of_user(owner.require_user()) == []
