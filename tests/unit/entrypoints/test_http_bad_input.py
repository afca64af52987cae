"""Requests that are wrong in every way: a problem document that names the field, never a 500."""

import json
from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.unit.entrypoints.http_service import BASE, PASSWORD, Service, ask, running_service

from multiproduct.application.identity import StartRegistration, UpdateProfile, VerifyRegistration
from multiproduct.application.ports.rate_limiter import Limit, Standing
from multiproduct.domain.shared import FieldProblem, InvalidInput, MultiproductError
from multiproduct.domain.shared.errors import Kind
from multiproduct.entrypoints.http.documents import check_values
from multiproduct.entrypoints.http.limit_headers import limit_headers
from multiproduct.entrypoints.http.problems import STATUS, invalid_input, problem_document

SIGN_UP = f"{BASE}/registration"
JSON = (b"content-type", b"application/json")


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


def fields(answer_body: bytes) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in json.loads(answer_body).get("errors", [])]


@pytest.mark.parametrize(
    ("body", "status", "found"),
    [
        (b"{}", 422, [("email", "required")]),
        (b"", 422, [("email", "required")]),
        (b'{"email": 5}', 422, [("email", "wrong_type")]),
        (b'{"email": null, "phone": []}', 422, [("phone", "wrong_type")]),
        (b'{"email": "a@b.co", "passwort": "x"}', 422, [("passwort", "unknown"), ("password", "required")]),
        (
            b'{"email": "a@b", "password": "short", "username": ".", "locale": "xx", "time_zone": 5, "x": 1}',
            422,
            [
                ("time_zone", "wrong_type"),
                ("x", "unknown"),
                ("email", "invalid_email"),
                ("username", "too_short"),
                ("password", "too_short"),
                ("locale", "invalid_locale"),
            ],
        ),
        (
            b'{"email": "\\u0000", "first_name": "a\\u0000"}',
            422,
            [("email", "invalid"), ("first_name", "invalid")],
        ),
        (b'{"a": 1, "a": 2, "b": 1, "b": 2}', 422, [("a", "invalid"), ("b", "invalid")]),
        (b'{"email": "' + b"a" * 300 + b'"}', 422, [("email", "too_long")]),
        (b'{"email": "a@b.co\\u0000"}', 422, [("email", "invalid")]),
        (b'{"email": "\\ud800@b.co"}', 422, [("email", "invalid")]),
        (b'{"em\\ud800ail": "x"}', 422, [("em?ail", "unknown")]),
        (b'{"email": "a@b.co", "email": "c@d.co"}', 422, [("email", "invalid")]),
        (b'{"email": 1e999}', 422, [("email", "invalid")]),
        (b'{"email": ' + b"[" * 40 + b"]" * 40 + b"}", 422, [("email" + ".0" * 31, "too_deep")]),
        (b'{"email": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", 422, [("body", "too_deep")]),
        (b"[]", 422, [("body", "wrong_type")]),
        (b'"text"', 422, [("body", "wrong_type")]),
        (b"null", 422, [("body", "wrong_type")]),
        (b'{"email": NaN}', 400, []),
        (b'{"email": -Infinity}', 400, []),
        (b'{"email": "a@b.co"', 400, []),
        (b'{"email": "\xff"}', 400, []),
        (b"\xef\xbb\xbf{}", 400, []),
        (b'{"email": ' + b"9" * 5000 + b"}", 400, []),
    ],
)
async def test_a_bad_body_is_refused_and_the_field_named(service, body, status, found) -> None:
    answer = await ask(service.app, SIGN_UP, method="POST", headers=[JSON], chunks=[body])
    assert answer.status == status, answer.body
    assert answer.header("content-type") == "application/problem+json"
    assert fields(answer.body) == found


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (b"text/plain", 415),
        (b"application/x-www-form-urlencoded", 415),
        (b"application/json; charset=latin-1", 415),
        (b"multipart/form-data; boundary=x", 415),
        (b"application/json; charset=utf-8", 202),
        (b"Application/JSON", 202),
    ],
)
async def test_only_json_is_read_on_canonical_paths(service, content_type, status) -> None:
    body = json.dumps({"email": "tony@stark.com", "password": PASSWORD}).encode()
    answer = await ask(
        service.app, SIGN_UP, method="POST", headers=[(b"content-type", content_type)], chunks=[body]
    )
    assert answer.status == status


async def test_a_body_without_a_content_type_is_not_guessed_at(service) -> None:
    assert (await ask(service.app, SIGN_UP, method="POST", chunks=[b"{}"])).status == 415


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_beyond_the_limit_is_refused_announced_or_streamed(announced) -> None:
    async with running_service(max_body_bytes=1_000) as service:
        headers = [JSON, (b"content-length", b"3000")] if announced else [JSON]
        answer = await ask(service.app, SIGN_UP, method="POST", headers=headers, chunks=[b" " * 500] * 6)
    assert (answer.status, json.loads(answer.body)["code"]) == (413, "too_large")


async def test_an_unknown_path_and_a_wrong_method_are_problems_too(service) -> None:
    unknown = await service.client.get("/api/v1/identity/nothing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    for method in ("DELETE", "TRACE", "PROPFIND"):
        answer = await service.client.request(method, f"{BASE}/sign-in")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer.headers["allow"] == "OPTIONS, POST"


async def test_options_tells_the_methods_and_head_answers_without_a_body(service) -> None:
    options = await service.client.options(f"{BASE}/sign-in")
    assert (options.status_code, options.headers["allow"]) == (204, "OPTIONS, POST")
    got = await service.client.get("/livez")
    head = await service.client.head("/livez")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (b"", [("username", "required")]),
        (b"username=", [("username", "required")]),
        (b"username=" + b"a" * 257, [("username", "too_long")]),
        (b"username=a%00b", [("username", "invalid")]),
        (b"username=%ff", [("username", "invalid")]),
        (b"username=tony&username=pepper", [("username", "wrong_type")]),
        (b"username=tony&other=1", [("other", "unknown")]),
    ],
)
async def test_a_bad_query_is_refused_and_the_field_named(service, query, found) -> None:
    answer = await ask(service.app, f"{BASE}/usernames/check", query=query)
    assert (answer.status, fields(answer.body)) == (422, found)


async def test_a_query_of_thousands_of_fields_is_not_read(service) -> None:
    query = b"&".join(b"f%d=1" % number for number in range(2_000))
    answer = await ask(service.app, f"{BASE}/usernames/check", query=query)
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "malformed")


@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=10,
    )
)
def test_whatever_json_is_sent_is_a_command_or_names_what_is_wrong(document) -> None:
    for command in (StartRegistration, UpdateProfile, VerifyRegistration):
        assert all(problem.field for problem in problems_of(command, document))


def problems_of(command, document) -> Sequence[FieldProblem]:
    try:
        check_values({"email": document})
        command.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        return invalid_input(error).problems
    except InvalidInput as error:
        return error.problems
    return ()


async def test_thousands_of_unknown_fields_get_a_short_answer(service) -> None:
    answer = await service.client.post(SIGN_UP, json={f"field{number}": 1 for number in range(5_000)})
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 50


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"date_of_birth": "31.12.2000"}, [("date_of_birth", "invalid_date")]),
        ({"date_of_birth": 5}, [("date_of_birth", "wrong_type")]),
        ({"gender": "none"}, [("gender", "not_allowed")]),
        ({"address": {"country": "Taiwan"}}, [("address.country", "invalid")]),
        ({"address": {"planet": "Mars"}}, [("address.planet", "unknown")]),
        ({"time_zone": "Mars/Olympus"}, [("time_zone", "invalid_time_zone")]),
    ],
)
async def test_problems_of_a_profile_have_dotted_paths(service, document, found) -> None:
    await service.signed_up()
    bearer = {"authorization": f"Bearer {(await service.signed_in())['access']}"}
    answer = await service.client.patch(f"{BASE}/me", json=document, headers=bearer)
    assert (answer.status_code, fields(answer.content)) == (422, found)


@pytest.mark.parametrize(
    "document",
    [
        {"challenge_id": "not-an-id", "otp": "123456"},
        {"challenge_id": "00000000-0000-0000-0000-000000000000", "otp": "１２３４５６"},
        {"token": "ünïcode"},
        {"email": "tony@stark.com", "otp": "é"},
        {"email": "x" * 100, "otp": "123456"},
    ],
)
async def test_odd_answers_to_a_code_are_refused_as_input(service, document) -> None:
    answer = await service.client.post(f"{BASE}/registration/verify", json=document)
    assert answer.status_code == 422


async def test_what_nobody_foresaw_is_logged_and_answered_without_details(
    service, monkeypatch, caplog
) -> None:
    async def fail(*_arguments):
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(type(service.container.identity.profile), "me", fail)
    await service.signed_up()
    tokens = await service.signed_in()
    answer = await service.client.get(
        f"{BASE}/me",
        headers={"authorization": f"Bearer {tokens['access']}", "x-request-id": "trace-7"},
    )
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert "42" not in answer.text
    assert "request trace-7 failed" in caplog.text


def test_every_kind_of_error_has_a_status() -> None:
    assert STATUS.keys() == set(Kind)


async def test_every_known_error_has_words_in_every_language(service) -> None:
    translator = service.container.translator
    remaining = [MultiproductError]
    while remaining:
        error_class = remaining.pop()
        remaining += error_class.__subclasses__()
        for locale in translator.locales:
            error = error_class.__new__(error_class)
            error.params = {}
            error.retry_after = error.line = error.column = 1
            error.expected = None
            error.problems = error.suggestions = error.methods = ()
            document = problem_document(error, locale=locale, translator=translator)
            assert not document["title"].startswith("error."), (error_class, locale)
            assert not document["detail"].startswith("error."), (error_class, locale)


async def test_problems_are_worded_in_the_language_asked_for(service) -> None:
    answer = await service.client.post(SIGN_UP, json={}, headers={"accept-language": "fr, es;q=0.8"})
    assert answer.headers["content-language"] == "es"
    assert answer.json()["errors"][0]["message"] != "This is required."
    wished = await service.client.post(f"{SIGN_UP}?lang=fa", json={}, headers={"accept-language": "es"})
    assert wished.headers["content-language"] == "fa"
    assert wished.headers["vary"] == "Accept-Language"


async def test_a_used_up_limit_says_when_to_come_back() -> None:
    async with running_service(rate_limit_profile="fluxus") as service:
        answers = [await service.client.get(f"{BASE}/usernames/check?username=tony.s") for _ in range(101)]
    assert [answer.status_code for answer in answers] == [200] * 100 + [429]
    refused = answers[-1]
    assert refused.headers["ratelimit-policy"] == '"username_check";q=100;w=60'
    assert refused.headers["ratelimit"].startswith('"username_check";r=0;t=')
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["code"] == "too_many_requests"


def test_limits_are_told_as_structured_fields() -> None:
    minute, hour = Limit("minute", 60, 60), Limit("hour", 1000, 3600)
    standings = [
        Standing(limit=minute, admitted=True, remaining=13, reset=31),
        Standing(limit=hour, admitted=True, remaining=900, reset=3600),
        Standing(limit=minute, admitted=True, remaining=12, reset=31),
    ]
    assert limit_headers(standings) == [
        (b"ratelimit-policy", b'"minute";q=60;w=60, "hour";q=1000;w=3600'),
        (b"ratelimit", b'"minute";r=12;t=31, "hour";r=900;t=3600'),
    ]
    assert limit_headers([]) == []
