"""Bringing people over: who comes, who does not and why, and that they can sign in as before."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from tests.unit.application.identity.people import a_member, open_house

from multiproduct.application.caller import SYSTEM, Caller, Principal
from multiproduct.application.identity import ImportReport, ImportUsers, SignInWithPassword
from multiproduct.application.identity.import_commands import MAX_ROWS
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.identity import InvalidCredentials
from multiproduct.domain.shared import Forbidden, Unauthenticated

PASSWORD = "correct horse battery staple"
# django.contrib.auth.hashers.make_password(PASSWORD, salt="salt") with 1000 iterations
DJANGO = "pbkdf2_sha256$1000$salt$"


def a_django_hash(password=PASSWORD):
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", 1000)
    return DJANGO + base64.b64encode(digest).decode()


async def bring(house, *rows, source="shop"):
    return await house.identity.importing.import_users(ImportUsers(source=source, rows=list(rows)), SYSTEM)


async def find(house, email):
    async with house.container.units.view(SYSTEM) as view:
        return await view.users.find_by_email(email)


async def test_people_come_with_all_they_had():
    async with open_house() as house:
        report = await bring(
            house,
            {
                "external_id": "17",
                "username": "Tony+Stark@Malibu",
                "email": "Tony@Stark.com",
                "phone": "+886 912 345 678",
                "first_name": "Tony",
                "last_name": "Stark",
                "password_hash": a_django_hash(),
                "email_verified": True,
                "locale": "es",
                "time_zone": "America/Los_Angeles",
                "created_at": "2019-05-29T10:00:00",
            },
        )
        assert report == ImportReport(imported=1, present=0, refused=[])
        user = await find(house, "tony@stark.com")
        assert user.username.display == "Tony+Stark@Malibu"
        assert str(user.phone) == "+886912345678"
        assert (user.first_name, user.last_name, user.locale) == ("Tony", "Stark", "es")
        assert (user.email_verified, user.phone_verified) == (True, False)
        assert user.created_at == datetime(2019, 5, 29, 10, tzinfo=UTC)
        assert user.roles == {"standard_user"}


async def test_they_sign_in_as_before_and_their_hash_is_brought_up_to_date_by_it():
    async with open_house() as house:
        await bring(house, {"email": "tony@stark.com", "password_hash": a_django_hash()})
        wrong = SignInWithPassword(email="tony@stark.com", password=PASSWORD + "!")
        with pytest.raises(InvalidCredentials):
            await house.identity.sign_in.with_password(wrong)
        assert (await find(house, "tony@stark.com")).password_hash == a_django_hash()
        right = SignInWithPassword(email="tony@stark.com", password=PASSWORD)
        await house.identity.sign_in.with_password(right)
        assert (await find(house, "tony@stark.com")).password_hash.startswith("$argon2id$")
        await house.identity.sign_in.with_password(right)


async def test_bringing_the_same_people_again_changes_nothing():
    async with open_house() as house:
        rows = [
            {"external_id": "1", "email": "a@stark.com"},
            {"email": "b@stark.com", "username": "b.b"},
            {"phone": "+886912345678"},
        ]
        assert (await bring(house, *rows)).imported == 3
        first = await find(house, "a@stark.com")
        changed = [{**rows[0], "first_name": "Other", "email": "moved@stark.com"}, *rows[1:]]
        assert await bring(house, *changed) == ImportReport(imported=0, present=3, refused=[])
        assert await find(house, "a@stark.com") == first
        assert await find(house, "moved@stark.com") is None


async def test_ids_of_two_systems_are_two_peoples():
    async with open_house() as house:
        await bring(house, {"external_id": "1", "email": "a@stark.com"})
        report = await bring(house, {"external_id": "1", "email": "b@stark.com"}, source="crm")
        assert report.imported == 1


async def test_a_row_that_cannot_come_keeps_no_other_from_coming():
    async with open_house() as house:
        await a_member(house, "member@stark.com", "member.one")
        report = await bring(
            house,
            {"external_id": "0", "email": "good@stark.com"},
            {"external_id": "1", "email": "no address"},
            {"external_id": "2"},
            {"external_id": "3", "email": "c@stark.com", "password_hash": "md5$x$y"},
            {"external_id": "4", "email": "d@stark.com", "password_hash": "$2b$31$" + "a" * 53},
            {"external_id": "5", "email": "member@stark.com"},
            {"external_id": "6", "email": "e@stark.com", "username": "Member.One"},
            {"external_id": "7", "email": "f@stark.com", "shoe_size": 44, "created_at": "soon"},
            {"external_id": "8", "email": "f@stark.com", "phone": "12", "locale": "tlh"},
            {"external_id": "9", "email": "also.good@stark.com"},
        )
        assert report.imported == 2
        assert {each.row: each.problems for each in report.refused} == {
            1: ["email: invalid_email"],
            2: ["email: required"],
            3: ["password_hash: not_allowed"],
            4: ["password_hash: not_allowed"],
            5: ["email: email_taken"],
            6: ["username: username_taken"],
            7: ["created_at: datetime_from_date_parsing", "shoe_size: extra_forbidden"],
            8: ["phone: invalid_phone", "locale: invalid_locale"],
        }


async def test_an_unusable_password_of_django_is_none():
    async with open_house() as house:
        await bring(house, {"email": "tony@stark.com", "password_hash": "!x9dk2l"})
        assert (await find(house, "tony@stark.com")).password_hash is None


async def test_somebody_who_was_not_active_may_not_sign_in():
    async with open_house() as house:
        await bring(house, {"email": "tony@stark.com", "password_hash": a_django_hash(), "is_active": False})
        with pytest.raises(InvalidCredentials):
            await house.identity.sign_in.with_password(
                SignInWithPassword(email="tony@stark.com", password=PASSWORD)
            )


async def test_nobody_is_sent_anything_and_each_is_audited():
    async with open_house() as house:
        await bring(house, {"email": "a@stark.com"}, {"email": "b@stark.com"})
        await house.drain()
        assert await house.container.mailbox.messages() == []
        async with house.container.units.view(SYSTEM) as view:
            rows = list(await view.audit_trail.find(AuditFilter(event="identity.user_imported"), limit=9))
        assert len(rows) == 2
        assert "stark.com" not in repr(rows)


async def test_it_needs_the_permission():
    async with open_house() as house:
        command = ImportUsers(source="shop", rows=[])
        with pytest.raises(Unauthenticated):
            await house.identity.importing.import_users(command, Caller())
        member = await a_member(house, "tony@stark.com")
        with pytest.raises(Forbidden):
            await house.identity.importing.import_users(
                command, Caller(principal=Principal(user_id=member.id))
            )


def test_a_batch_has_an_end():
    with pytest.raises(ValueError, match="at most"):
        ImportUsers(source="shop", rows=[{}] * (MAX_ROWS + 1))


@pytest.mark.parametrize(
    "created_at",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00",
    ],
)
async def test_a_moment_that_no_calendar_holds_everywhere_refuses_its_row_and_no_other(created_at):
    async with open_house() as house:
        rows = ({"email": "tony@stark.com", "created_at": created_at}, {"email": "pepper@stark.com"})
        report = await bring(house, *rows)
        assert report.imported == 1
        assert [(each.row, each.problems) for each in report.refused] == [(0, ["created_at: invalid_date"])]
