"""A body that takes its time: who asks is judged when all of it is there, and one without end is given up."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest
from tests.unit.entrypoints.http_service import BASE, Service, ask, running_service

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity.ports import Sessions
from multiproduct.entrypoints.http import documents

BANK = {"holder": "Tony", "iban": "GB82WEST12345698765432"}
UPLOAD = f"{BASE}/me/avatar"
Ending = Callable[[Service, dict[str, str]], Awaitable[httpx2.Response]]


@pytest.fixture
async def service(anyio_backend: str) -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        await running.signed_up()
        yield running


async def a_bearer(service: Service) -> dict[str, str]:
    return {"authorization": f"Bearer {(await service.signed_in())['access']}"}


async def slowly(content: bytes, meanwhile: Callable[[], Awaitable[httpx2.Response]]) -> AsyncIterator[bytes]:
    yield content[:1]
    assert (await meanwhile()).status_code == 200
    yield content[1:]


async def _signed_out_everywhere(service: Service, other: dict[str, str]) -> httpx2.Response:
    return await service.client.delete(f"{BASE}/me/sessions", headers=other)


async def _erased(service: Service, other: dict[str, str]) -> httpx2.Response:
    return await service.client.delete(f"{BASE}/me", headers=other)


@pytest.mark.parametrize("ending", [_signed_out_everywhere, _erased])
@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", f"{BASE}/me/email", json.dumps({"email": "thief@evil.com"}).encode()),
        ("PUT", f"{BASE}/me/bank-details", json.dumps(BANK).encode()),
        ("PUT", UPLOAD, b"GIF89a"),
        ("PUT", f"{BASE}/me/bank-details", b"{broken"),
    ],
)
async def test_a_session_that_ends_while_the_body_comes_does_nothing_and_learns_nothing(
    service: Service, ending: Ending, method: str, path: str, content: bytes
) -> None:
    mine, other = await a_bearer(service), await a_bearer(service)
    kind = "application/octet-stream" if path == UPLOAD else "application/json"
    answer = await service.client.request(
        method,
        path,
        content=slowly(content, lambda: ending(service, other)),
        headers=mine | {"content-type": kind},
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


@pytest.mark.parametrize("path", [UPLOAD, f"{BASE}/me/bank-details"])
@pytest.mark.parametrize("token", [None, b"Bearer forged", b"Basic dG9ueTpz", "foreign"])
async def test_nobody_has_a_body_read_without_a_token_that_was_issued_here(
    service: Service, path: str, token: bytes | str | None
) -> None:
    if token == "foreign":
        async with running_service(secret_key="another installation's secret, of some length") as elsewhere:
            await elsewhere.signed_up()
            token = (await a_bearer(elsewhere))["authorization"].encode()
    headers = [] if token is None else [(b"authorization", bytes(token))]
    # There is nothing to read: whoever tries fails.
    answer = await ask(service.app, path, method="PUT", headers=headers, chunks=())
    assert answer.status == 401


async def test_a_request_reads_the_standing_of_its_session_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = await a_bearer(service)
    async with service.container.units.view(SYSTEM) as view:
        kind: type[Sessions] = type(view.sessions)
    read, original = [], kind.standing

    async def counted(self, id, *, now):
        read.append(id)
        return await original(self, id, now=now)

    monkeypatch.setattr(kind, "standing", counted)
    for method, path, sent, status in (
        ("GET", f"{BASE}/me", {}, 200),
        ("PUT", f"{BASE}/me/bank-details", {"json": BANK}, 200),
        ("PUT", f"{BASE}/me/bank-details", {"content": b"{broken"}, 415),
        ("PUT", UPLOAD, {"content": b"no picture"}, 422),
    ):
        read.clear()
        answer = await service.client.request(method, path, headers=mine, **sent)
        assert answer.status_code == status, answer.text
        assert len(read) == 1, (method, path)


@pytest.mark.parametrize("path", [f"{BASE}/sign-in", "/reset-password/some-token"])
async def test_a_body_without_an_end_is_given_up(
    service: Service, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(documents, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(documents, "SLOWEST_BYTES_A_SECOND", 1e12)

    async def without_end() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.01)

    asked = service.client.post(path, content=without_end(), headers={"content-type": "application/json"})
    async with asyncio.timeout(30):
        assert (await asked).status_code == 400
