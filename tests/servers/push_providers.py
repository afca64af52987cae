"""Stand-ins for Apple, Google and a browser's push service: over TLS, and HTTP/2 where the real one has it.

They check what they are sent with means of their own: PyJWT for tokens, http_ece for what is encrypted.
"""

import asyncio
import base64
import datetime as dt
import ipaddress
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import http_ece
import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypercorn.asyncio import serve
from hypercorn.config import Config

App = Callable[[Any, Any, Any], Awaitable[None]]


def pem_of(key: Any) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def text_of(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


@dataclass(frozen=True)
class Authority:
    """A certificate for this machine that signs itself, and what trusts it."""

    certificate: Path
    key: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = dt.datetime.now(dt.UTC)
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        certificate, private = folder / "authority.pem", folder / "authority.key"
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        private.write_text(pem_of(key))
        return cls(certificate, private)

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)


@asynccontextmanager
async def serving(app: App, authority: Authority, *, speaks: tuple[str, ...]) -> AsyncIterator[str]:
    """The address of a server on this loop, without a slash at its end. `speaks` are names of ALPN."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    config = Config()
    config.bind = [f"fd://{listening.detach()}"]
    config.certfile, config.keyfile = str(authority.certificate), str(authority.key)
    config.alpn_protocols = list(speaks)
    config.accesslog = config.errorlog = None
    config.graceful_timeout = 0.2
    over = asyncio.Event()
    task = asyncio.create_task(serve(app, config, shutdown_trigger=over.wait))
    try:
        yield f"https://localhost:{port}"
    finally:
        over.set()
        await asyncio.wait_for(task, 20)


@dataclass(frozen=True)
class Received:
    path: str
    headers: Mapping[str, str]
    body: bytes
    http: str
    document: Any = None


@dataclass
class Says:
    """What a stand-in answers. `hangs` answers nothing at all."""

    status: int = 200
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    hangs: bool = False


async def received(scope: Any, receive: Any, read: Callable[[bytes], Any] = lambda _: None) -> Received:
    body = b""
    while True:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    return Received(scope["path"], headers, body, scope["http_version"], read(body))


async def answer(send: Any, says: Says) -> None:
    if says.hangs:
        await asyncio.Event().wait()
    body = says.raw if says.raw is not None else b""
    if says.document is not None:
        body = json.dumps(says.document).encode()
    headers = [(name.encode(), value.encode()) for name, value in says.headers.items()]
    await send({"type": "http.response.start", "status": says.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


class Apns:
    """Takes a token of ours that Apple would take: ES256, our key and team, no older than an hour."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.key_id, self.team_id, self.topic = "ABC123DEFG", "DEF123GHIJ", "com.stark.app"
        self.taken: list[Received] = []
        self.tokens: list[str] = []
        self.rule: Callable[[Received], Says] = lambda _: Says()
        self.now = lambda: dt.datetime.now(dt.UTC)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await lifespan(receive, send)
        asked = await received(scope, receive, json.loads)
        self.taken.append(asked)
        refusal = self._refusal(asked)
        await answer(send, Says(403, {"reason": refusal}) if refusal else self.rule(asked))
        return None

    def _refusal(self, asked: Received) -> str | None:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme != "bearer":
            return "MissingProviderToken"
        self.tokens.append(token)
        try:
            head = jwt.get_unverified_header(token)
            claims = jwt.decode(
                token, self.key.public_key(), algorithms=["ES256"], options={"verify_iat": False}
            )
        except jwt.InvalidTokenError:
            return "InvalidProviderToken"
        if (head["kid"], claims["iss"]) != (self.key_id, self.team_id):
            return "InvalidProviderToken"
        age = self.now().timestamp() - claims["iat"]
        return "ExpiredProviderToken" if not -60 <= age <= 3_600 else None


class Fcm:
    """Google's token endpoint and FCM in one. A token is good until it is recalled."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        self.project, self.email = "stark-industries", "push@stark-industries.example"
        self.url = ""
        self.taken: list[Received] = []
        self.granted: list[str] = []
        self.good: set[str] = set()
        self.expires_in = 3_600
        self.rule: Callable[[Received], Says] = lambda asked: Says(
            200, {"name": f"projects/{self.project}/messages/0:1"}
        )
        self.grants: Callable[[], Says | None] = lambda: None

    def account(self) -> str:
        return json.dumps(
            {
                "type": "service_account",
                "project_id": self.project,
                "client_email": self.email,
                "private_key_id": "k1",
                "private_key": pem_of(self.key),
                "token_uri": f"{self.url}/token",
            }
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await lifespan(receive, send)
        if scope["path"] == "/token":
            asked = await received(scope, receive, lambda body: parse_qs(body.decode()))
            await answer(send, self._granting(asked))
            return None
        asked = await received(scope, receive, json.loads)
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.good:
            error = {"code": 401, "message": "no", "status": "UNAUTHENTICATED"}
            await answer(send, Says(401, {"error": error}))
            return None
        self.taken.append(asked)
        await answer(send, self.rule(asked))
        return None

    def _granting(self, asked: Received) -> Says:
        other = self.grants()
        if other is not None:
            return other
        claims = jwt.decode(
            asked.document["assertion"][0],
            self.key.public_key(),
            algorithms=["RS256"],
            audience=f"{self.url}/token",
            options={"verify_iat": False},
        )
        assert claims["iss"] == self.email
        assert claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
        assert claims["exp"] - claims["iat"] <= 3_600
        assert asked.document["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        token = f"ya29.{len(self.granted)}"
        self.granted.append(token)
        self.good.add(token)
        return Says(200, {"access_token": token, "expires_in": self.expires_in, "token_type": "Bearer"})


class Browser:
    """A subscription of a browser, which decrypts what its push service brings."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = b"0123456789abcdef"

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": text_of(point_of(self._key)), "auth": text_of(self._auth)}

    def read(self, body: bytes) -> Any:
        plain = http_ece.decrypt(body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        return json.loads(plain)


class PushService:
    """Takes messages for subscriptions with a VAPID token (RFC 8292) for itself."""

    def __init__(self) -> None:
        self.url = ""
        self.taken: list[Received] = []
        self.tokens: list[str] = []
        self.rule: Callable[[Received], Says] = lambda _: Says(201)

    def subscription(self, name: str = "a") -> Browser:
        return Browser(f"{self.url}/push/{name}")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await lifespan(receive, send)
        asked = await received(scope, receive)
        if not self._is_known(asked.headers.get("authorization", "")):
            await answer(send, Says(403))
            return None
        self.taken.append(asked)
        await answer(send, self.rule(asked))
        return None

    def _is_known(self, authorization: str) -> bool:
        scheme, _, rest = authorization.partition(" ")
        given = dict(each.strip().split("=", 1) for each in rest.split(","))
        point = base64.urlsafe_b64decode(given["k"] + "=" * (-len(given["k"]) % 4))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims = jwt.decode(given["t"], key, algorithms=["ES256"], audience=self.url)
        self.tokens.append(given["t"])
        ahead = claims["exp"] - dt.datetime.now(dt.UTC).timestamp()
        return scheme == "vapid" and 0 < ahead <= 86_400 and claims["sub"].startswith("mailto:")
