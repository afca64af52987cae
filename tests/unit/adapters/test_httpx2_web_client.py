"""The web client against a real server on this machine."""

import logging
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx2
import pytest
from tests.servers.web import Answered, Asked, web_server

from multiproduct.adapters.contracts.web_client import WebClientContract
from multiproduct.adapters.httpx2 import Httpx2WebClient
from multiproduct.application.ports.web_client import WebRequest, WebUnreachable


def _endless(write: Callable[[bytes], Any]) -> None:
    for _ in range(10_000):
        write(b"x" * 1000)


def _drip(write: Callable[[bytes], Any]) -> None:
    for _ in range(100):
        write(b"x")
        time.sleep(0.05)


def _slow(write: Callable[[bytes], Any]) -> None:
    time.sleep(1.0)


def _answer(asked: Asked) -> Answered:
    name, _, number = asked.path.strip("/").partition("/")
    match name:
        case "echo":
            told = [asked.headers.get("x-given", ""), asked.headers.get("cookie", "")]
            return Answered(
                200,
                "\n".join(told).encode() + b"\n" + asked.body,
                {"X-Method": asked.method, "Set-Cookie": "kept=1; Path=/"},
            )
        case "status":
            return Answered(int(number))
        case "moved":
            return Answered(302, headers={"Location": "/echo"})
        case "bytes":
            return Answered(200, b"x" * int(number))
        case "endless":
            return Answered(writes=_endless)
        case "announced":
            return Answered(headers={"Content-Length": str(10**9)}, writes=_endless)
        case "cut":
            return Answered(headers={"Content-Length": "500"}, writes=lambda write: write(b"short"))
        case "zipped":
            return Answered(200, b"x", {"Content-Encoding": "gzip"})
        case "drip":
            return Answered(writes=_drip)
    return Answered(writes=_slow)


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with web_server(_answer) as url:
        yield url


class TestHttpx2WebClient(WebClientContract):
    @pytest.fixture
    def server_url(self, served: str) -> str:
        return served

    @pytest.fixture
    async def web(self) -> AsyncIterator[Httpx2WebClient]:
        client = Httpx2WebClient()
        yield client
        await client.close()


async def test_no_address_is_logged_but_those_that_a_host_calls(
    served: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = Httpx2WebClient()
    try:
        await client.send(WebRequest(method="GET", url=f"{served}/echo?access_token=a-secret"))
        with pytest.raises(WebUnreachable):
            await client.send(WebRequest(method="GET", url=f"{served}/cut?access_token=a-secret"))
        assert "a-secret" not in caplog.text
        async with httpx2.AsyncClient() as hosts_own:
            await hosts_own.get(f"{served}/echo?of=the-host")
        assert "of=the-host" in caplog.text
    finally:
        await client.close()


def test_what_a_call_holds_is_not_shown() -> None:
    call = WebRequest(method="GET", url="https://x.example/?token=a-secret", headers={"a": "a-secret"})
    assert "a-secret" not in repr(call)


async def test_closing_one_that_was_never_used_does_nothing() -> None:
    await Httpx2WebClient().close()


def test_the_library_is_not_loaded_before_the_first_call() -> None:
    program = (
        "import sys; from multiproduct.adapters.httpx2 import Httpx2WebClient as Client; "
        "Client(); print('httpx2' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
