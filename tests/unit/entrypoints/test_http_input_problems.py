"""Everything that is wrong with a document is told in one answer, under the names that the client uses."""

from collections.abc import AsyncIterator

import pytest
from pydantic import BaseModel, ValidationError, model_validator
from tests.unit.entrypoints.http_service import BASE, PASSWORD, Service, ask, running_service

from multiproduct.application.identity import StartRegistration, UpdateProfile
from multiproduct.application.input_findings import InputFindings
from multiproduct.domain.shared import FieldProblem, InvalidInput, Unavailable
from multiproduct.entrypoints.http.dialects import ALIASES, FIELD_NAMES
from multiproduct.entrypoints.http.documents import Sent
from multiproduct.entrypoints.http.endpoint_tables import ENDPOINTS
from multiproduct.entrypoints.http.partial_commands import partial_command
from multiproduct.entrypoints.http.problems import invalid_input


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


def found(answer) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(each["field"], each["code"]) for each in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("path", "document", "problems"),
    [
        (
            "registration",
            {"email": "tony", "password": "short", "username": "a b c", "locale": "xx", "time_zone": "Mars"},
            [
                ("email", "invalid_email"),
                ("username", "invalid_username"),
                ("password", "too_short"),
                ("locale", "invalid_locale"),
                ("time_zone", "invalid_time_zone"),
            ],
        ),
        (
            "registration",
            {"email": 5, "password": "password1", "first_name": []},
            [("email", "wrong_type"), ("first_name", "wrong_type"), ("password", "password_common")],
        ),
        (
            "registration/verify",
            {"challenge_id": "x", "username": "admin", "otp": 5},
            [("challenge_id", "invalid"), ("otp", "wrong_type"), ("username", "reserved_username")],
        ),
        (
            "registration/resend",
            {"email": "tony", "phon": "1"},
            [("phon", "unknown"), ("email", "invalid_email")],
        ),
        ("sign-in", {"password": "a" * 2_000}, [("password", "too_long"), ("email", "required")]),
        (
            "sign-in",
            {"email": "tony", "otp": "1", "extra": 1},
            [("extra", "unknown"), ("email", "invalid_email")],
        ),
        ("sign-in/code", {"email": "tony", "extra": 1}, [("extra", "unknown"), ("email", "invalid_email")]),
        ("password-reset", {"phone": "12", "extra": 1}, [("extra", "unknown"), ("phone", "invalid_phone")]),
        (
            "password-reset/confirm",
            {"otp": "1", "new_password": "12345678"},
            [("challenge_id", "required"), ("new_password", "password_common")],
        ),
        (
            "password-reset/confirm",
            {"email": "tony"},
            [("new_password", "required"), ("otp", "required"), ("email", "invalid_email")],
        ),
    ],
)
async def test_values_of_a_wrong_type_and_broken_rules_are_told_together(service, path, document, problems):
    assert found(await service.client.post(f"{BASE}/{path}", json=document)) == problems


async def test_a_profile_is_judged_as_a_whole(service):
    await service.signed_up()
    bearer = {"authorization": f"Bearer {(await service.signed_in())['access']}"}
    document = {
        "username": "-",
        "locale": "xx",
        "time_zone": "Mars",
        "gender": "x",
        "address": {"cuntry": "TW"},
    }
    answer = await service.client.patch(f"{BASE}/me", json=document, headers=bearer)
    assert found(answer) == [
        ("gender", "not_allowed"),
        ("address.cuntry", "unknown"),
        ("username", "too_short"),
        ("locale", "invalid_locale"),
        ("time_zone", "invalid_time_zone"),
    ]
    assert "Did you mean country?" in answer.text


async def test_in_an_alias_all_of_it_has_the_names_of_the_client(service):
    document = {"phone_number": "12", "password1": "short", "password2": "other", "username": 7, "age": 40}
    assert found(await service.client.post("/auth/kn/signup/", json=document)) == [
        ("password2", "not_same"),
        ("username", "wrong_type"),
        ("phone_number", "invalid_phone"),
        ("password1", "too_short"),
    ]
    both = await service.client.post(
        "/auth/kn/login/",
        json={"email": "tony@stark.com", "phone_number": "+886912345678", "password": PASSWORD},
    )
    assert found(both) == [("email", "one_of")]
    assert "phone_number" in both.json()["errors"][0]["message"]


@pytest.mark.parametrize("alias", ALIASES, ids=lambda alias: alias.path)
async def test_no_problem_in_an_alias_speaks_of_a_name_that_is_not_its_own(service, alias):
    canonical = {row.canonical for row in FIELD_NAMES if row.dialect == alias.dialect}
    hidden = {name for name in canonical if name not in alias.answers.get(name, ())}
    by_name = {endpoint.name: endpoint for endpoint in ENDPOINTS}
    for name in alias.endpoints:
        if not by_name[name].has_body:
            continue
        for document in ({}, {"otp": "1"}, {"password": "x"}):
            answer = await service.client.request(by_name[name].method, alias.path, json=document)
            named = {each["field"] for each in answer.json().get("errors", [])}
            assert named.isdisjoint(hidden)


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("pasword", "password"),
        ("passwort", "password"),
        ("userName", "username"),
        ("firstname", "first_name"),
        ("xyz", None),
        ("p" * 70, None),
    ],
)
async def test_an_unknown_field_is_told_with_the_one_that_it_is_like(service, name, like):
    document = {"email": "tony@stark.com", "password": PASSWORD, name: "x"}
    answer = await service.client.post(f"{BASE}/registration", json=document)
    assert found(answer) == [(name, "unknown")]
    message = answer.json()["errors"][0]["message"]
    assert message == ("There is no such field." + (f" Did you mean {like}?" if like else ""))


def test_a_field_deep_inside_is_compared_with_its_neighbours():
    with pytest.raises(ValidationError) as refusal:
        UpdateProfile.model_validate({"address": {"citty": "x"}, "line1": "y"})
    assert invalid_input(refusal.value, UpdateProfile).problems == (
        FieldProblem("address.citty", "unknown", (("nearest", "city"),)),
        FieldProblem("line1", "unknown"),
    )


async def test_a_method_that_is_not_there_is_answered_with_those_that_are(service):
    answer = await service.client.delete(f"{BASE}/me/bank-details/nothing")
    assert answer.status_code == 404
    answer = await service.client.put(f"{BASE}/sign-in", json={})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "OPTIONS, POST"
    assert answer.json()["detail"] == "This address answers only: OPTIONS, POST."


@pytest.mark.parametrize(
    ("path", "readable"),
    [
        (f"{BASE}/sign-in", "application/json"),
        ("/api/auth/login/", "application/json, application/x-www-form-urlencoded"),
    ],
)
@pytest.mark.parametrize("sent", [b"text/plain", b"application/json; charset=latin-1"])
async def test_a_content_type_that_is_not_read_is_answered_with_those_that_are(service, path, readable, sent):
    answer = await ask(service.app, path, method="POST", headers=[(b"content-type", sent)], chunks=[b"{}"])
    assert (answer.status, answer.header("accept")) == (415, readable)
    assert f"one of these types: {readable}.".encode() in answer.body


async def test_how_long_to_wait_stands_in_the_body_as_in_the_header(service):
    await service.post(f"{BASE}/registration", email="tony@stark.com", password=PASSWORD)
    refused = await service.post(f"{BASE}/registration/resend", email="tony@stark.com")
    assert refused.status_code == 429
    assert refused.json()["retry_after"] == int(refused.headers["retry-after"]) > 0


async def test_what_is_not_to_be_had_just_now_says_when_to_come_back(service, monkeypatch):
    async def fail(*_arguments, **_keywords):
        raise Unavailable(what="passwords", retry_after=3)

    monkeypatch.setattr(type(service.container.identity.sign_in), "with_password", fail)
    answer = await service.post(f"{BASE}/sign-in", email="tony@stark.com", password=PASSWORD)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["retry_after"]) == (503, "3", 3)


def test_a_rule_is_not_asked_about_a_field_that_is_wrong_already():
    findings = InputFindings([FieldProblem("address.city", "wrong_type")])
    asked = []
    assert findings.read(lambda: asked.append("x"), "email", "address") is None
    assert asked == []
    assert findings.read(lambda: "read", "email") == "read"
    with pytest.raises(InvalidInput) as refusal:
        findings.refuse()
    assert refusal.value.problems == (FieldProblem("address.city", "wrong_type"),)
    InputFindings().refuse()


class Pair(BaseModel):
    first: int
    second: int = 2

    @model_validator(mode="after")
    def _differ(self) -> "Pair":
        if self.first == self.second:
            raise ValueError("alike")
        return self


def test_what_is_left_of_a_command_has_its_good_fields_and_nothing_for_the_others():
    left = partial_command(Pair, Sent({"first": "x", "second": 5, "other": 1}), without=["first", "other"])
    assert isinstance(left, Pair)
    assert (left.first, left.second) == (None, 5)
    as_text = partial_command(Pair, Sent({"first": "7", "second": ["1", "2"]}, is_text=True), without=[])
    assert (as_text.first, as_text.second) == (7, 2)
    alike = partial_command(Pair, Sent({"first": 5, "second": 5}), without=[])
    assert (alike.first, alike.second) == (None, 2)
    assert isinstance(partial_command(StartRegistration, Sent({}), without=[]), StartRegistration)
