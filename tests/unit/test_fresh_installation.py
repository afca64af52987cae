"""What a new installation comes with: tables and roles, and nobody who could sign in."""

from pathlib import Path

from multiproduct.adapters.sql import migrate
from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import ListUsers
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings


async def test_there_are_no_accounts_that_come_with_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/fresh.db"
    await migrate(url)
    settings = Settings(database_url=url, mailbox_dir=tmp_path / "mailbox", password_cost="test")
    async with Multiproduct.from_settings(settings) as house:
        assert (await house.identity.user_listing.find(ListUsers(), SYSTEM)).items == []
