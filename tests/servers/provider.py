"""A provider of the tests' own on this machine: keys, a token endpoint, and Facebook's two calls."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.servers.web import Answered, Asked, web_server

_numbers = count(1)
CLIENT_ID = "our-client.example"
APP_ID, APP_SECRET = "1234567890", "app-secret"


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """Made once a run: it takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: Any, kid: str) -> dict[str, Any]:
    is_rsa = isinstance(key, rsa.RSAPrivateKey)
    algorithm = jwt.algorithms.RSAAlgorithm if is_rsa else jwt.algorithms.ECAlgorithm
    written = json.loads(algorithm.to_jwk(key.public_key()))
    written.pop("key_ops", None)
    return {**written, "kid": kid, "use": "sig", "alg": "RS256" if is_rsa else "ES256"}


class TestProvider:
    """What a test sets is what is served; what was asked is counted."""

    __test__ = False

    def __init__(self) -> None:
        self.url = ""
        self.keys = [public_jwk(rsa_key(), "key-1")]
        self.codes: dict[str, dict[str, Any]] = {}
        """What the token endpoint answers to a code; each works once."""
        self.challenges: dict[str, str] = {}
        self.debug: dict[str, Any] = {}
        self.people: dict[str, Any] = {}
        self.asked: Counter[str] = Counter()
        self.forms: list[dict[str, str]] = []
        self.down = False
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def issuer(self) -> str:
        return self.url

    @property
    def endpoints(self) -> str:
        names = ("authorization", "token", "keys", "debug", "graph")
        return ",".join([f"issuer={self.issuer}", *(f"{name}={self.url}/{name}" for name in names)])

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "google_client_id": CLIENT_ID,
            "google_client_secret": "google-secret",
            "google_endpoints": self.endpoints,
            "apple_client_id": CLIENT_ID,
            "apple_endpoints": self.endpoints,
            "facebook_app_id": APP_ID,
            "facebook_app_secret": APP_SECRET,
            "facebook_endpoints": self.endpoints,
        }

    def claims(self, subject: str = "subject-1", **changed: Any) -> dict[str, Any]:
        now = self.now()
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": subject,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=10)).timestamp()),
            "jti": str(next(_numbers)),
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, subject: str = "subject-1", **changed: Any) -> str:
        """A genuine ID token; a claim of None is left out."""
        return jwt.encode(
            self.claims(subject, **changed), rsa_key(), algorithm="RS256", headers={"kid": "key-1"}
        )

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, rsa_key(), algorithm="RS256", headers={"kid": "key-1"})

    def answer(self, asked: Asked) -> Answered:
        self.asked[asked.path] += 1
        if self.down:
            return Answered(503)
        match asked.path:
            case "/keys":
                return _json({"keys": self.keys})
            case "/token":
                return self._exchange(asked.form)
            case "/debug":
                is_right = asked.query.get("access_token") == f"{APP_ID}|{APP_SECRET}"
                return _json({"data": self.debug[asked.query["input_token"]]}) if is_right else Answered(400)
            case "/graph":
                person = self.people.get(asked.query["access_token"])
                return _json(person) if person else Answered(400)
        return Answered(404)

    def _exchange(self, form: dict[str, str]) -> Answered:
        self.forms.append(form)
        answer = self.codes.pop(form["code"], None)
        challenge = self.challenges.get(form["code"])
        verified = hashlib.sha256(form["code_verifier"].encode()).digest()
        if answer is None or (
            challenge and challenge != base64.urlsafe_b64encode(verified).decode().rstrip("=")
        ):
            return _json({"error": "invalid_grant"}, 400)
        return _json(answer)


@contextmanager
def running_provider() -> Iterator[TestProvider]:
    provider = TestProvider()
    with web_server(provider.answer) as url:
        provider.url = url
        yield provider


def _json(document: Any, status: int = 200) -> Answered:
    return Answered(status, json.dumps(document).encode(), {"content-type": "application/json"})
