"""The user name engine: answers that are advice, and suggestions that can be had."""

import asyncio

import pytest
from tests.unit.application.identity.people import PASSWORD, a_member, open_house, sign_up

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import CheckUsername, CreateAdmin
from multiproduct.application.identity.username_answers import AvailabilityCodec, FlagCodec
from multiproduct.domain.identity import Username, UsernameTaken
from multiproduct.domain.shared import InvalidInput, TooManyRequests

TONY = "tony@stark.com"


@pytest.fixture
async def house():
    async with open_house() as house:
        yield house


async def check(house, name):
    return await house.identity.usernames.check(CheckUsername(username=name))


async def test_a_free_name_can_be_had(house):
    answer = await check(house, "Iron.Man")
    assert (answer.username, answer.available, answer.reason, answer.suggestions) == (
        *("Iron.Man", True, None),
        [],
    )
    assert (await a_member(house, TONY, "Iron.Man")).username == "Iron.Man"


@pytest.mark.parametrize("writing", ["iron.man", "Iron.Man", "IRON.MAN"])
async def test_a_name_is_taken_in_every_case(house, writing):
    await a_member(house, TONY, "Iron.Man")
    answer = await check(house, writing)
    assert (answer.username, answer.available, answer.reason) == (writing, False, "username_taken")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("admin", "reserved_username"),
        ("ADM1N", "reserved_username"),
        ("stark", "reserved_username"),
        ("Stark.Support", "reserved_username"),
        ("ab", "too_short"),
        ("x" * 31, "too_long"),
        ("iron..man", "invalid_username"),
        ("iron man", "invalid_username"),
        ("iröñ.man", "invalid_username"),
        ("12345", "invalid_username"),
        (" ", "required"),
        ("\u202eiron.man", "invalid_username"),
    ],
)
async def test_a_name_that_breaks_a_rule_is_told_which(house, name, reason):
    answer = await check(house, name)
    assert (answer.username, answer.available, answer.reason) == (name, False, reason)


@pytest.mark.parametrize(
    "wanted",
    ["iron.man", "admin", "stark", "ab", "x" * 200, "iron man", "鋼鐵人", "\0", "...", TONY, "12345"],
)
async def test_four_or_more_suggestions_are_free_and_valid_and_different(house, wanted):
    await a_member(house, TONY, "iron.man")
    answer = await check(house, wanted)
    assert len({name.lower() for name in answer.suggestions}) == len(answer.suggestions) >= 4
    for name in answer.suggestions:
        Username.parse(name, house.identity.usernames._policy)
        assert (await check(house, name)).available
    assert (await a_member(house, "x@stark.com", answer.suggestions[-1])).username == answer.suggestions[-1]


async def test_suggestions_that_are_taken_are_not_made(house):
    await a_member(house, TONY, "iron.man")
    first = (await check(house, "iron.man")).suggestions
    for number, name in enumerate(first[:3]):
        await a_member(house, f"p{number}@stark.com", name)
    with pytest.raises(UsernameTaken) as refusal:
        await sign_up(house, "late@stark.com", "iron.man")
    assert not {*refusal.value.suggestions} & {*first[:3]}
    assert len(refusal.value.suggestions) >= 4


async def test_a_remembered_answer_is_dropped_when_the_name_is_claimed(house):
    assert (await check(house, "iron.man")).available
    assert house.identity.usernames.peek("iron.man").available
    assert house.identity.usernames.remembered_as("Iron.Man") == "iron.man"
    await a_member(house, TONY, "Iron.Man")
    assert house.identity.usernames.peek("iron.man") is None
    assert not (await check(house, "iron.man")).available


async def test_an_answer_is_worked_out_once_for_all_its_writings(house):
    usernames = house.identity.usernames
    for writing in ("iron.man", "Iron.Man", "IRON.MAN"):
        await check(house, writing)
    assert usernames._cached.loads == 1
    await asyncio.gather(*(check(house, "war.machine") for _ in range(20)))
    assert usernames._cached.loads == 2


async def test_a_name_that_is_not_ascii_is_never_remembered(house):
    usernames = house.identity.usernames
    for _ in range(3):
        assert not (await check(house, "İron.man")).available
    assert usernames._cached.loads == 0
    assert usernames.remembered_as("İron.man") is None


async def test_an_answer_is_only_advice_and_the_claim_decides(house):
    first = await sign_up(house, TONY, "iron.man")
    second = await sign_up(house, "pepper@stark.com", "iron.man")
    assert first.challenge_id != second.challenge_id
    assert (await check(house, "iron.man")).available


async def test_an_imported_name_that_nobody_could_choose_stays_reserved(house):
    await house.identity.administration.create_member(
        CreateAdmin(email=TONY, username="admin", password=PASSWORD), SYSTEM
    )
    with pytest.raises(InvalidInput):
        await sign_up(house, "pepper@stark.com", "admin")
    assert (await check(house, "admin")).reason == "reserved_username"


async def test_a_hundred_checks_a_minute_are_answered(house):
    caller = Caller(ip="192.0.2.7")
    for number in range(100):
        await house.identity.usernames.check(CheckUsername(username=f"name{number}"), caller)
    with pytest.raises(TooManyRequests) as refusal:
        await house.identity.usernames.check(CheckUsername(username="name"), caller)
    assert refusal.value.params["scope"] == "username_check"
    await house.identity.usernames.check(CheckUsername(username="name"), Caller(ip="192.0.2.8"))


async def test_generated_names_are_valid_and_differ(house):
    names = house.identity.usernames.generated(50)
    assert len({name.key for name in names}) == 50


async def test_answers_pass_through_the_shared_cache_unchanged(house):
    await a_member(house, TONY, "iron.man")
    for name in ("iron.man", "war.machine"):
        answer = await check(house, name)
        assert AvailabilityCodec().decode(AvailabilityCodec().encode(answer)) == answer
    for flag in (True, False):
        assert FlagCodec().decode(FlagCodec().encode(flag)) is flag
    for codec in (AvailabilityCodec(), FlagCodec()):
        with pytest.raises(ValueError, match=r"[Ii]nvalid"):
            codec.decode(b"garbage")
