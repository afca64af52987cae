"""The OpenAPI document says what the tables say, and the pages over it need nobody else's server."""

import json
import re
from collections.abc import AsyncIterator, Iterator

import pytest
import yaml
from openapi_pydantic import OpenAPI
from tests.unit.entrypoints.http_service import Service, ask, running_service

from multiproduct.entrypoints.http import documentation
from multiproduct.entrypoints.http.dialects import ALIASES
from multiproduct.entrypoints.http.endpoint_tables import ENDPOINTS


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(test_clock=True) as running:
        yield running


@pytest.fixture
async def document(service):
    return (await service.client.get("/schema/?format=json")).json()


async def test_the_document_is_openapi_3_1_as_yaml_or_json(service) -> None:
    as_yaml = await service.client.get("/schema/")
    as_json = await service.client.get("/schema/", headers={"accept": "application/json"})
    assert as_yaml.headers["content-type"] == "application/yaml"
    assert as_json.headers["content-type"] == "application/json"
    assert yaml.safe_load(as_yaml.text) == as_json.json()
    assert OpenAPI.model_validate(as_json.json()).openapi == "3.1.0"
    assert "ratelimit" not in as_json.headers


def fields_in(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for each in node.values():
            yield from fields_in(each)
    elif isinstance(node, list):
        for each in node:
            yield from fields_in(each)


async def test_nobody_is_asked_for_a_hint_or_a_secret_question(document) -> None:
    fields = set(fields_in(document))
    assert "password" in fields
    assert [field for field in fields if re.search("hint|question|maiden", field)] == []


async def test_every_endpoint_and_alias_is_in_it_once(document) -> None:
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    by_name = {endpoint.name: endpoint for endpoint in ENDPOINTS}
    expected = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    expected |= {(by_name[name].method, alias.path) for alias in ALIASES for name in alias.endpoints}
    expected |= {("GET", "/dev/mailbox"), ("GET", "/dev/clock"), ("POST", "/dev/clock")}
    assert described == expected
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))


async def test_every_reference_leads_somewhere(document) -> None:
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        place = document
        for part in reference.split("/"):
            place = place[part]
        assert place


async def test_a_dialect_is_described_in_its_own_names(document) -> None:
    schemas = document["components"]["schemas"]
    assert "phone_number" in schemas["UserView_multiproduct"]["properties"]
    assert "phone" not in schemas["UserView_multiproduct"]["properties"]
    assert {"date_joined", "created_at"} <= schemas["UserView_fluxus"]["properties"].keys()
    assert schemas["StartRegistration"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["StartRegistration_fluxus"]
    tags = document["paths"]["/auth/kn/signup/"]["post"]["tags"]
    assert tags == ["multiproduct"]


async def test_the_document_says_who_may_and_what_can_go_wrong(document) -> None:
    me = document["paths"]["/api/v1/identity/me"]["patch"]
    assert me["security"] == [{"bearer": []}]
    assert {"200", "400", "401", "403", "409", "413", "415", "422", "429", "503"} == me["responses"].keys()
    sign_up = document["paths"]["/api/v1/identity/registration"]["post"]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in sign_up["parameters"]
    check = document["paths"]["/auth/kn/check-username/"]["get"]["parameters"]
    assert {"name": "username", "in": "query"}.items() <= check[-1].items()
    assert check[-1]["required"] is True


async def test_what_the_document_promises_is_what_comes(service, document) -> None:
    for endpoint in ENDPOINTS:
        answer = await service.client.request(endpoint.method, endpoint.path, json={})
        assert (
            str(answer.status_code) in document["paths"][endpoint.path][endpoint.method.lower()]["responses"]
        )


async def test_the_reader_is_served_whole_by_ourselves(service) -> None:
    page = await service.client.get("/")
    sources = re.findall(r'(?:src|href|spec-url)="([^"]+)"', page.text)
    assert sources
    for source in sources:
        assert source.startswith("/")
        assert (await service.client.get(source)).status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_without_the_bundle_the_reader_is_a_plain_list(service, monkeypatch) -> None:
    monkeypatch.setattr(documentation, "_BUNDLE_PACKAGE", "a_package_that_is_not_there")
    page = await service.client.get("/")
    assert "/api/v1/identity/sign-in" in page.text
    assert "<script" not in page.text
    assert (await service.client.get("/static/redoc.js")).status_code == 404


async def test_the_index_leads_to_the_contexts_and_the_documents(service) -> None:
    index = (await service.client.get("/api/v1/")).json()
    assert index["contexts"]["identity"]["sign_in"] == "/api/v1/identity/sign-in"
    for link in index["links"].values():
        assert (await service.client.get(link)).status_code == 200


async def test_mounted_elsewhere_the_document_names_the_place(service) -> None:
    mounted = await ask(service.app, "/schema/", query=b"format=json", root_path="/shop")
    assert json.loads(mounted.body)["servers"] == [{"url": "/shop"}]
    alone = await ask(service.app, "/schema/", query=b"format=json")
    assert json.loads(alone.body)["servers"] == [{"url": "/"}]
