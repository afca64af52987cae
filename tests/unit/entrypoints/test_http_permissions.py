"""Every endpoint, tried by everybody: exactly those come in that the written matrix admits."""

from typing import Any

import pytest
from tests.unit.application.identity.role_holders import a_holder, a_kept_role
from tests.unit.entrypoints.http_service import Service, running_service
from tests.unit.entrypoints.permission_matrix import (
    ANONYMOUS,
    BUILT_IN,
    JUST_ENOUGH,
    MATRIX,
    PERSONAS,
)

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.application.caller import SYSTEM
from multiproduct.entrypoints.http.endpoint_tables import ENDPOINTS
from multiproduct.entrypoints.http.endpoints import Access, Endpoint
from multiproduct.entrypoints.http.openapi_schemas import canonical_schemas

REFUSALS = frozenset({"unauthenticated", "forbidden"})
HOW = "add a row for it to MATRIX in tests/unit/entrypoints/permission_matrix.py, as its docstring tells"


@pytest.fixture(scope="module")
async def service():
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


def example_of(endpoint: Endpoint) -> dict[str, Any]:
    """A document that the endpoint can read, so that who it is decides and not what they say."""
    if not endpoint.commands:
        return {}
    schema = canonical_schemas([endpoint])[endpoint.commands[0].__name__]
    example: dict[str, Any] = schema["examples"][0]
    return example


def carried_by(endpoint: Endpoint, token: str | None) -> dict[str, Any]:
    """What a request to it carries, as the client takes it."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    if endpoint.upload is not None:
        return {"content": b"a file", "headers": headers | {"content-type": endpoint.upload.media_types[0]}}
    example = example_of(endpoint)
    return {"headers": headers, **({"json": example} if endpoint.has_body else {"params": example})}


async def token_of(service: Service, persona: str, endpoint: Endpoint) -> str | None:
    """A fresh session of somebody fresh, as using it may end it."""
    if persona == ANONYMOUS:
        return None
    if persona in BUILT_IN:
        return (await a_holder(service.container, persona)).token
    needed = {endpoint.permission, *MATRIX[endpoint.name].also} - {None} if persona == JUST_ENOUGH else ()
    role = await a_kept_role(service.container, needed)
    return (await a_holder(service.container, role.key)).token


async def is_admitted(service: Service, persona: str, endpoint: Endpoint) -> bool:
    """Whether the endpoint answers anything but that this person must not."""
    path = endpoint.path.format(**{name: a_uuid() for name in endpoint.parameters})
    token = await token_of(service, persona, endpoint)
    answer = await service.client.request(endpoint.method, path, **carried_by(endpoint, token))
    assert answer.status_code < 500, answer.text
    problem = answer.json() if answer.headers["content-type"] == "application/problem+json" else {}
    unread = {"required", "unknown", "wrong_type"} & {each["code"] for each in problem.get("errors", ())}
    assert not unread, f"the example of {endpoint.name} is no document that it reads: {answer.text}"
    return problem.get("code") not in REFUSALS


def test_every_endpoint_has_a_row():
    missing = [endpoint.name for endpoint in ENDPOINTS if endpoint.name not in MATRIX]
    assert not missing, f"nobody has written down who is admitted to {missing}: {HOW}"


def test_every_row_is_that_of_an_endpoint():
    gone = sorted(MATRIX.keys() - {endpoint.name for endpoint in ENDPOINTS})
    assert not gone, f"there are no endpoints called {gone}: take their rows out of permission_matrix.py"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
async def test_exactly_those_are_admitted_whom_the_matrix_names(service: Service, endpoint: Endpoint) -> None:
    row = MATRIX.get(endpoint.name)
    assert row is not None, f"nobody has written down who is admitted to {endpoint.name}: {HOW}"
    assert endpoint.permission == row.needs
    admitted = {persona for persona in PERSONAS if await is_admitted(service, persona, endpoint)}
    assert admitted == row.admits


async def test_every_permission_that_an_endpoint_needs_can_be_granted(service: Service) -> None:
    listed = await service.container.identity.roles.permissions(SYSTEM)
    needed = {endpoint.permission for endpoint in ENDPOINTS if endpoint.permission}
    assert needed <= {each.name for each in listed.items}
    assert all(endpoint.access is Access.SIGNED_IN for endpoint in ENDPOINTS if endpoint.permission)
