"""Telephones, passwords and people from elsewhere on real databases: the same as in memory, and under
contention."""

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.integration.journeys.migrated import migrated

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    ChangePassword,
    ImportUsers,
    RequestPhoneCode,
    SetPassword,
    SignInByPhone,
    SignInWithPassword,
    Tokens,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import InvalidInput, TooManyRequests
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

NUMBER = "+886912345678"
PASSWORD, NEW = "correct horse battery staple", "a paper boat under the bridge"
CONTENDERS = 40


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[Multiproduct]:
    settings = Settings(
        database_url=await migrated(url),
        mailbox_dir=folder / "mailbox",
        password_cost="test",
        rate_limit_profile="unlimited",
        inline_worker=False,
    )
    async with Multiproduct.from_settings(settings) as house:
        yield house


async def code_of(house: Multiproduct) -> tuple[SignInByPhone, str]:
    """An answer to a fresh code, and the code."""
    sent = await house.identity.phone_sign_in.request(RequestPhoneCode(phone=NUMBER))
    await house.drain()
    assert house.container.mailbox is not None
    (text, *_) = await house.container.mailbox.messages(NUMBER)
    found = re.search(r"\b\d{6}\b", text.text)
    assert found is not None
    return SignInByPhone(challenge_id=sent.challenge_id, otp=found[0]), found[0]


async def signed_in(house: Multiproduct) -> Tokens:
    answer, _ = await code_of(house)
    tokens = await house.identity.phone_sign_in.verify(answer)
    assert isinstance(tokens, Tokens)
    return tokens


class Journeys:
    """Needs the fixture `house`."""

    async def test_of_many_right_answers_at_once_one_makes_the_account(self, house: Multiproduct) -> None:
        answer, _ = await code_of(house)
        outcomes = await asyncio.gather(
            *(house.identity.phone_sign_in.verify(answer) for _ in range(CONTENDERS)), return_exceptions=True
        )
        assert len([each for each in outcomes if isinstance(each, Tokens)]) == 1
        assert all(isinstance(each, Tokens | InvalidCode) for each in outcomes), outcomes
        async with house.container.units.view(SYSTEM) as view:
            rows = await view.audit_trail.find(AuditFilter(event="identity.user_registered"), limit=9)
        assert len(list(rows)) == 1

    async def test_of_many_wrong_answers_at_once_five_are_judged(self, house: Multiproduct) -> None:
        answer, code = await code_of(house)
        wrong = answer.model_copy(update={"otp": "x" + code})
        outcomes = await asyncio.gather(
            *(house.identity.phone_sign_in.verify(wrong) for _ in range(CONTENDERS)), return_exceptions=True
        )
        assert all(isinstance(each, InvalidCode | TooManyRequests) for each in outcomes), outcomes
        async with house.container.units.view(SYSTEM) as view:
            assert await view.audit_trail.count(AuditFilter(event="otp.wrong_code_given")) == 5
        with pytest.raises(InvalidCode):
            await house.identity.phone_sign_in.verify(answer)

    async def test_two_codes_for_one_new_number_lead_to_one_account(self, house: Multiproduct) -> None:
        answers = [(await code_of(house))[0] for _ in range(4)]
        outcomes = await asyncio.gather(*(house.identity.phone_sign_in.verify(answer) for answer in answers))
        assert len({each.user.id for each in outcomes if isinstance(each, Tokens)}) == 1
        assert len(outcomes) == 4

    async def test_a_first_password_is_set_and_changed(self, house: Multiproduct) -> None:
        tokens = await signed_in(house)
        caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
        await house.identity.password_change.set(SetPassword(new_password=PASSWORD), caller)
        with pytest.raises(InvalidInput):
            await house.identity.password_change.change(
                ChangePassword(current_password="not it", new_password=NEW), caller
            )
        await house.identity.password_change.change(
            ChangePassword(current_password=PASSWORD, new_password=NEW), caller
        )
        await house.identity.sign_in.with_password(SignInWithPassword(phone=NUMBER, password=NEW))

    async def test_of_many_changes_from_one_password_at_once_one_is_made(self, house: Multiproduct) -> None:
        tokens = await signed_in(house)
        caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
        await house.identity.password_change.set(SetPassword(new_password=PASSWORD), caller)
        changes = [
            ChangePassword(current_password=PASSWORD, new_password=f"{NEW} {number}") for number in range(8)
        ]
        outcomes = await asyncio.gather(
            *(house.identity.password_change.change(change, caller) for change in changes),
            return_exceptions=True,
        )
        assert len([each for each in outcomes if not isinstance(each, BaseException)]) == 1, outcomes

    async def test_people_from_elsewhere_come_once_and_sign_in_as_before(self, house: Multiproduct) -> None:
        digest = base64.b64encode(hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), b"salt", 1000)).decode()
        rows = [
            {"external_id": str(number), "email": f"p{number}@stark.com", "username": f"person.{number % 9}"}
            for number in range(10)
        ]
        rows[0]["password_hash"] = f"pbkdf2_sha256$1000$salt${digest}"
        command = ImportUsers(source="shop", rows=rows)
        report = await house.identity.importing.import_users(command, SYSTEM)
        assert (report.imported, report.present) == (9, 0)
        assert [(each.row, each.problems) for each in report.refused] == [(9, ["username: username_taken"])]
        again = await house.identity.importing.import_users(command, SYSTEM)
        assert (again.imported, again.present) == (0, 9)
        by_password = SignInWithPassword(email="p0@stark.com", password=PASSWORD)
        await house.identity.sign_in.with_password(by_password)
        async with house.container.units.view(SYSTEM) as view:
            user = await view.users.find_by_email("p0@stark.com")
        assert user.password_hash.startswith("$argon2id$")


class TestOnSqlite(Journeys):
    @pytest.fixture
    async def house(self, tmp_path: Path) -> AsyncIterator[Multiproduct]:
        async with opened(f"sqlite:///{tmp_path}/multiproduct.db", tmp_path) as house:
            yield house


class TestOnPostgres(Journeys):
    @pytest.fixture
    async def house(self, postgres_database: str, tmp_path: Path) -> AsyncIterator[Multiproduct]:
        async with opened(postgres_database, tmp_path) as house:
            yield house
