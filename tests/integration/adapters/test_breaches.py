"""The breach service, over HTTP to a server that the test starts."""

import hashlib

import pytest
from tests.integration.adapters.web_stub import web_stub

from multiproduct.adapters.breaches import RangeBreachedPasswords
from multiproduct.adapters.httpx2 import Httpx2WebClient
from multiproduct.application.ports.breaches import BreachServiceUnreachable

PASSWORD = "correct horse battery staple"
DIGEST = hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.fixture
async def stub():
    async with web_stub() as served:
        yield served


@pytest.fixture
async def service(stub):
    web = Httpx2WebClient()
    yield RangeBreachedPasswords(url=stub.url + "/", web=web)
    await web.close()


async def test_a_password_that_is_listed_is_known(service, stub):
    stub.body = f"{'0' * 35}:3\r\n{DIGEST[5:]}:12\r\n".encode()
    assert await service.knows(PASSWORD)


async def test_a_password_that_is_not_listed_is_not(service, stub):
    stub.body = f"{'0' * 35}:3\r\n{'F' * 35}:12".encode()
    assert not await service.knows(PASSWORD)


async def test_padding_counts_for_nothing(service, stub):
    stub.body = f"{DIGEST[5:]}:0\r\n".encode()
    assert not await service.knows(PASSWORD)


async def test_the_service_is_told_five_digits_and_asked_to_pad(service, stub):
    await service.knows(PASSWORD)
    (asked,) = stub.asked
    assert (asked.method, asked.path, asked.body) == ("GET", f"/range/{DIGEST[:5]}", b"")
    assert asked.headers["add-padding"] == "true"
    told = f"{asked.path} {asked.headers}"
    assert DIGEST[5:15] not in told
    assert PASSWORD not in told


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500, 503])
async def test_a_service_without_an_answer_is_unreachable(service, stub, status):
    stub.status = status
    with pytest.raises(BreachServiceUnreachable, match=str(status)):
        await service.knows(PASSWORD)


async def test_a_service_that_hangs_up_is_unreachable(service, stub):
    stub.hangs_up = True
    with pytest.raises(BreachServiceUnreachable):
        await service.knows(PASSWORD)


async def test_an_answer_without_end_is_not_read_to_it(service, stub):
    stub.body = b"0" * 300_000
    with pytest.raises(BreachServiceUnreachable):
        await service.knows(PASSWORD)
