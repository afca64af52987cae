"""Receivers are called only at addresses that were checked, whatever names and answers say."""

import asyncio
import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.servers.web import Answered, Asked, web_server
from tests.unit.domain.webhooks.ssrf_corpus import NOT_PUBLIC, URLS

from multiproduct.adapters.httpx2 import GuardedReceivers
from multiproduct.adapters.stdlib import SystemHostNames
from multiproduct.application.webhooks import Answer, Delivery, NotDelivered
from multiproduct.domain.webhooks import DestinationPolicy

DEVELOPMENT = DestinationPolicy(allows_loopback=True)
ONE_OF_OURS = ipaddress.ip_network("127.0.0.2/32")
NAME = "hooks.example.com"


class Names:
    """A resolver that answers as it is told, one answer after the other, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        del port
        self.asked.append(host)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not answer:
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        return answer


@contextmanager
def counted_sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every address that a connection is begun to, by any socket of this process."""
    connected: list[Any] = []
    selector = asyncio.selector_events.BaseSelectorEventLoop.sock_connect

    async def counting(self: Any, sock: socket.socket, address: Any) -> None:
        connected.append(address)
        await selector(self, sock, address)

    with monkeypatch.context() as patched:
        patched.setattr(asyncio.selector_events.BaseSelectorEventLoop, "sock_connect", counting)
        yield connected


@asynccontextmanager
async def receivers(**given: Any) -> AsyncIterator[GuardedReceivers]:
    opened = GuardedReceivers(**{"policy": DEVELOPMENT, "names": SystemHostNames(), **given})
    try:
        yield opened
    finally:
        await opened.close()


async def posted(to: GuardedReceivers, url: str, body: bytes = b"{}") -> Answer:
    return await to.post(Delivery(url=url, headers={"webhook-id": "1"}, body=body))


async def refusal(to: GuardedReceivers, url: str) -> str:
    with pytest.raises(NotDelivered) as refused:
        await posted(to, url)
    return refused.value.reason


def _drip(write: Callable[[bytes], Any]) -> None:
    for _ in range(200):
        write(b"x")
        time.sleep(0.05)


def _endless(write: Callable[[bytes], Any]) -> None:
    for _ in range(10_000):
        write(b"x" * 1_000)


ASKED: list[Asked] = []


def _answer(asked: Asked) -> Answered:
    ASKED.append(asked)
    match asked.path:
        case "/moved":
            return Answered(302, headers={"Location": "/landed"})
        case "/later":
            return Answered(429, headers={"Retry-After": "7"})
        case "/drip":
            return Answered(writes=_drip)
        case "/endless":
            return Answered(writes=_endless)
        case "/hang":
            time.sleep(1.5)
        case "/cookie":
            return Answered(200, headers={"Set-Cookie": "a=b"})
    return Answered(200, b"ok")


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with web_server(_answer) as url:
        yield url


async def test_bytes_and_headers_arrive_as_given_and_the_answer_comes_back(served: str) -> None:
    ASKED.clear()
    async with receivers() as to:
        answer = await posted(to, f"{served}/x?y=%20z", b'{"a":1}')
    assert (answer.status, answer.body) == (200, b"ok")
    (asked,) = ASKED
    assert (asked.method, asked.path, asked.query, asked.body) == ("POST", "/x", {"y": " z"}, b'{"a":1}')
    assert asked.headers["webhook-id"] == "1"
    assert asked.headers["host"] == served.removeprefix("http://")


async def test_no_redirect_is_followed_and_no_cookie_kept(served: str) -> None:
    ASKED.clear()
    async with receivers() as to:
        assert (await posted(to, f"{served}/moved")).status == 302
        await posted(to, f"{served}/cookie")
        await posted(to, f"{served}/cookie")
    assert [each.path for each in ASKED] == ["/moved", "/cookie", "/cookie"]
    assert all("cookie" not in each.headers for each in ASKED)


async def test_when_to_come_again_is_told(served: str) -> None:
    async with receivers() as to:
        answer = await posted(to, f"{served}/later")
    assert (answer.status, answer.retry_after) == (429, "7")


async def test_an_endless_answer_is_read_no_further_than_some_kilobytes(served: str) -> None:
    async with receivers() as to:
        answer = await posted(to, f"{served}/endless")
    assert (answer.status, len(answer.body)) == (200, 16_384)


async def test_of_a_dripping_answer_the_status_counts(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multiproduct.adapters.httpx2.guarded_receivers.BODY_SECONDS", 0.2)
    async with receivers() as to:
        answer = await posted(to, f"{served}/drip")
    assert answer.status == 200
    assert set(answer.body) <= {ord("x")}


async def test_a_receiver_that_hangs_is_left_in_time(served: str) -> None:
    async with receivers(timeout=0.3) as to:
        assert await refusal(to, f"{served}/hang") == "timeout"


async def test_a_head_that_drips_is_left_in_time() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        try:
            while True:
                writer.write(b"x: y\r\n")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            await reader.read()
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with receivers(timeout=0.3) as to:
            assert await refusal(to, f"http://127.0.0.1:{port}/") in {"timeout", "protocol"}


async def test_nobody_there_and_no_such_name_are_told_apart() -> None:
    async with receivers() as to:
        assert await refusal(to, "http://127.0.0.1:1/") == "connection"
    async with receivers(names=Names([])) as to:
        assert await refusal(to, f"https://{NAME}/") == "no_such_host"


@pytest.mark.parametrize("policy", [DestinationPolicy(), DEVELOPMENT])
async def test_no_address_of_the_corpus_is_ever_connected_to(
    policy: DestinationPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted_sockets(monkeypatch) as connected:
        answers = [each for address in NOT_PUBLIC for each in ([address], ["1.1.1.1", address])]
        async with receivers(policy=policy, names=Names(*answers)) as to:
            for answer in answers:
                assert await refusal(to, f"https://{NAME}/") == "address_refused", answer
        async with receivers(policy=DestinationPolicy()) as to:
            for url in URLS:
                assert await refusal(to, url) == "address_refused", url
    assert connected == []


async def test_a_socket_that_is_opened_is_counted(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with counted_sockets(monkeypatch) as connected:
        async with receivers() as to:
            await posted(to, served)
    assert len(connected) == 1


async def test_a_name_is_looked_up_once_and_never_again_for_a_connection(served: str) -> None:
    port = served.rpartition(":")[2]
    rebinding = Names(["127.0.0.2"], ["127.0.0.1"])
    policy = DestinationPolicy(ports=frozenset({int(port)}), permitted=(ONE_OF_OURS,))
    async with receivers(policy=policy, names=rebinding, timeout=2.0) as to:
        # Checked as 127.0.0.2, where nobody listens; by now the name leads to 127.0.0.1, where somebody does.
        assert await refusal(to, f"https://{NAME}:{port}/") == "connection"
        assert rebinding.asked == [NAME]
        assert await refusal(to, f"https://{NAME}:{port}/") == "address_refused"


class TlsServer:
    """An https server of one's own authority; notes the names that clients ask for."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        self.names: list[str | None] = []
        self.requests: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests.append(head)
        await reader.readexactly(2)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    def context(self, name: str) -> ssl.SSLContext:
        certificate, key = _certificate(self.folder, name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.sni_callback = lambda _sock, asked, _context: self.names.append(asked)
        return context


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, private


@pytest.mark.parametrize(("certified", "outcome"), [(NAME, 204), ("other.example.com", "tls")])
async def test_tls_is_for_the_name_and_the_connection_for_the_checked_address(
    tmp_path: Path, certified: str, outcome: int | str
) -> None:
    server = TlsServer(tmp_path, "127.0.0.2")
    listening = await asyncio.start_server(server.serve, server.address, 0, ssl=server.context(certified))
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        trusting = ssl.create_default_context(cafile=tmp_path / f"{certified}.pem")
        policy = DestinationPolicy(ports=frozenset({port}), permitted=(ONE_OF_OURS,))
        async with receivers(policy=policy, names=Names(["127.0.0.2"]), tls=trusting) as to:
            if outcome == "tls":
                assert await refusal(to, f"https://{NAME}:{port}/x") == "tls"
                assert server.requests == []
                return
            assert (await posted(to, f"https://{NAME}:{port}/x")).status == outcome
    assert server.names == [NAME]
    assert f"host: {NAME}:{port}".encode() in server.requests[0].lower()


async def test_a_proxy_of_the_environment_is_not_used(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with receivers() as to:
        assert (await posted(to, served)).status == 200


async def test_looking_names_up_has_threads_of_its_own() -> None:
    names = SystemHostNames()
    assert "127.0.0.1" in await names.addresses("localhost", 80) or "::1" in await names.addresses(
        "localhost", 80
    )
    assert any(each.name.startswith("names") for each in threading.enumerate())
    names.close()
