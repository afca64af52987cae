"""The examples of the OpenAPI document are what its schemas describe and what the service would take."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import jsonschema_rs
import pytest
from tests.unit.entrypoints.http_service import Service, running_service

from multiproduct.application.input_findings import InputFindings
from multiproduct.domain.shared.errors import Kind
from multiproduct.entrypoints.http.endpoint_tables import ENDPOINTS
from multiproduct.entrypoints.http.endpoints import Either
from multiproduct.entrypoints.http.openapi_answers import EXAMPLES
from multiproduct.entrypoints.http.openapi_words import EXAMPLE_FIELDS, FIELDS
from multiproduct.entrypoints.http.problems import STATUS, status_of

SHOWN_WHERE_ANSWERED = {"Problem"}


@pytest.fixture(scope="module")
async def service(anyio_backend: str) -> AsyncIterator[Service]:
    async with running_service(test_clock=True) as running:
        yield running


@pytest.fixture(scope="module")
async def document(service: Service) -> dict[str, Any]:
    return (await service.client.get("/schema/?format=json")).json()


def objects(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object":
            yield name, schema


def validator(document: dict[str, Any], name: str) -> Any:
    schemas = {"components": {"schemas": document["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator(
        {**schemas, "$ref": f"#/components/schemas/{name}"}, validate_formats=True
    )


async def test_every_object_has_an_example_that_fits_its_schema(document) -> None:
    for name, schema in objects(document):
        if name in SHOWN_WHERE_ANSWERED:
            continue
        assert schema["examples"], name
        for example in schema["examples"]:
            assert [error.message for error in validator(document, name).iter_errors(example)] == [], name


async def test_an_example_that_does_not_fit_would_be_noticed(document) -> None:
    assert not validator(document, "CodeSent" + "Answer").is_valid({"challenge_id": "x"})
    assert not validator(document, "StartRegistration").is_valid({"nobody": "knows"})


async def test_every_field_and_parameter_says_what_it_is(document) -> None:
    for name, schema in objects(document):
        for field, own in schema["properties"].items():
            assert own["description"].endswith((".", "`")), (name, field)
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation["parameters"]:
                shown = (
                    document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
                    if "$ref" in parameter
                    else parameter
                )
                assert shown["description"]
                assert "example" in shown


async def test_every_word_is_used(document) -> None:
    schemas = dict(objects(document))
    used = {name for schema in schemas.values() for name in schema["properties"]}
    used |= {parameter["name"] for item in document["paths"].values() for operation in item.values()
             for parameter in operation["parameters"] if "name" in parameter}  # fmt: skip
    commands = {command.__name__ for endpoint in ENDPOINTS for command in endpoint.commands}
    known = set(schemas) | commands | {name.removesuffix("Answer") for name in schemas} | {"ReadMailbox"}
    for word in FIELDS:
        schema, _, field = word.rpartition(".")
        assert field in used, word
        assert not schema or schema in known, word
    assert set(EXAMPLE_FIELDS) <= known


async def test_an_example_command_is_one_that_no_rule_refuses(service, document) -> None:
    for endpoint in ENDPOINTS:
        for command in endpoint.commands:
            if not endpoint.has_body:
                continue
            (shown,) = document["components"]["schemas"][command.__name__]["examples"]
            if isinstance(endpoint.command, Either):
                assert (endpoint.command.field in shown) is (command is endpoint.command.present)
            findings = InputFindings()
            if endpoint.check is not None:
                read = command.model_validate_json(json.dumps(shown), strict=True)
                endpoint.check(service.container, read, findings)
            assert findings.problems == (), command.__name__


async def test_an_example_in_a_dialect_has_the_names_of_the_dialect(document) -> None:
    schemas = document["components"]["schemas"]
    (shown,) = schemas["UserView_multiproduct"]["examples"]
    assert {"phone_number", "is_verified"} <= shown.keys()
    assert not {"phone", "is_email_verified"} & shown.keys()
    (nested,) = schemas["Tokens_multiproduct"]["examples"]
    assert nested["user"] == shown


async def test_every_status_shows_problems_that_fit_and_have_it(document) -> None:
    problems = validator(document, "Problem")
    for name, response in document["components"]["responses"].items():
        media_type = response["content"]["application/problem+json"]
        assert media_type["examples"], name
        for code, shown in media_type["examples"].items():
            assert [error.message for error in problems.iter_errors(shown["value"])] == [], (name, code)
            assert (shown["value"]["code"], str(shown["value"]["status"])) == (code, name[7:10])
            assert "{" not in json.dumps([shown["value"]["title"], shown["value"]["detail"]])
    for status, errors in EXAMPLES.items():
        assert {status_of(error) for error in errors} == {status}
    promised = {STATUS[kind] for kind in Kind} - {405, 410, 500}
    assert promised == set(EXAMPLES)


async def test_an_error_that_an_endpoint_names_is_among_the_examples() -> None:
    shown = {error.code for errors in EXAMPLES.values() for error in errors}
    assert {error.code for endpoint in ENDPOINTS for error in endpoint.errors} <= shown


async def test_counted_answers_promise_the_limits_and_refusals_the_wait(document) -> None:
    responses = document["components"]["responses"]
    for status in ("429", "503"):
        for suffix in ("", "Counted"):
            assert "Retry-After" in responses[f"Problem{status}{suffix}"]["headers"]
    limits = {"RateLimit", "RateLimit-Policy"}
    assert limits <= responses["Problem422Counted"]["headers"].keys()
    assert not limits & responses["Problem422"]["headers"].keys()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            good = next(answer for status, answer in operation["responses"].items() if status < "300")
            speaks = {"Content-Language"} if "application/json" in good["content"] else set()
            assert {"X-Request-ID", *speaks} <= good["headers"].keys()
            assert (limits <= good["headers"].keys()) is ("429" in operation["responses"]), path
            assert all(header["description"] for header in good["headers"].values())


async def test_the_promised_headers_come(service, document) -> None:
    good = await service.client.get("/api/v1/identity/usernames/check?username=tony.s")
    promised = document["paths"]["/api/v1/identity/usernames/check"]["get"]["responses"]["200"]["headers"]
    assert {name.lower() for name in promised} <= good.headers.keys()
    refused = await service.client.get("/api/v1/identity/me")
    promised = document["components"]["responses"]["Problem401"]["headers"]
    assert {name.lower() for name in promised} <= refused.headers.keys()
