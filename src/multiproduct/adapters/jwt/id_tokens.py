"""The `IdTokens` port: other issuers' tokens, checked against their keys and taken for nothing before."""

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import jwt
from jwt.api_jws import PyJWS

from multiproduct.application.identity.social_ports import Expected, IdTokenClaims, JsonKey, TokenHeader

MAX_TOKEN = 8192
_LEEWAY_SECONDS = 30
_MAX_TEXT = 255
_MIN_RSA_BYTES = 256
_LATEST = 2**40
_LATEST_KEPT = 2**37  # the year 6325: later ones have no place in a calendar
_ALGORITHMS: Mapping[tuple[str, str | None], frozenset[str]] = MappingProxyType(
    {
        ("RSA", None): frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
        ("EC", "P-256"): frozenset({"ES256"}),
        ("EC", "P-384"): frozenset({"ES384"}),
        ("EC", "P-521"): frozenset({"ES512"}),
        ("OKP", "Ed25519"): frozenset({"EdDSA"}),
    }
)
"""What a key of each type can check (RFC 7518, RFC 8037). No shared secret is among them, nor `none`."""

Claims = Mapping[str, Any]


class _NotGood(Exception):
    """The token is not one to believe."""


class JwtIdTokens:
    """Looks at `alg`, `kid` and `typ` of the header and at nothing else; one with `crit` is refused."""

    def __init__(self, *, decoded: Callable[[], None] = lambda: None) -> None:
        """`decoded` is called whenever a token is about to be decoded, for those who count it."""
        self._decoded = decoded
        self._signatures = PyJWS(options={"verify_signature": True, "enforce_minimum_key_length": True})

    def header(self, token: str) -> TokenHeader | None:
        """See the port."""
        try:
            return self._header(token)
        except _NotGood:
            return None

    def read(
        self, token: str, *, keys: Sequence[JsonKey], expected: Expected, now: datetime
    ) -> IdTokenClaims | None:
        """See the port."""
        try:
            claims = self._genuine(token, keys, expected)
            _check_times(claims, ("exp", "iat"), now)
            return IdTokenClaims(
                issuer=_text(claims, "iss"),
                subject=_text(claims, "sub"),
                expires_at=datetime.fromtimestamp(min(_number(claims, "exp"), _LATEST_KEPT), UTC),
                nonce=_text(claims, "nonce") if "nonce" in claims else None,
                others=claims,
            )
        except _NotGood:
            return None

    def read_notice(
        self, token: str, *, keys: Sequence[JsonKey], expected: Expected, now: datetime
    ) -> Claims | None:
        """See the port."""
        try:
            claims = self._genuine(token, keys, expected)
            _check_times(claims, ("iat",), now)
            _text(claims, "jti")
        except _NotGood:
            return None
        return claims

    def _header(self, token: str) -> TokenHeader:
        if len(token) > MAX_TOKEN or not token.isascii() or token.count(".") != 2:
            raise _NotGood
        self._decoded()
        header = _object(_bytes(token.partition(".")[0]))
        if header.get("typ", "JWT") != "JWT" or "crit" in header or "b64" in header:
            raise _NotGood
        return TokenHeader(_text(header, "kid"), _text(header, "alg"))

    def _genuine(self, token: str, keys: Sequence[JsonKey], expected: Expected) -> Claims:
        """The claims, of whom they are from and for, the signature checked first."""
        header = self._header(token)
        if header.algorithm not in expected.algorithms:
            raise _NotGood
        named = [key for key in keys if key.get("kid") == header.key_id]
        if len(named) != 1:  # two keys of one name: nobody can say which is meant
            raise _NotGood
        claims = _object(self._signed(token, header.algorithm, named[0]))
        if _text(claims, "iss") not in expected.issuers:
            raise _NotGood
        _check_audience(claims, expected.audiences)
        return claims

    def _signed(self, token: str, algorithm: str, key: JsonKey) -> bytes:
        if not _is_for(key, algorithm):
            raise _NotGood
        try:
            public = jwt.PyJWK({**key}, algorithm)
            payload: bytes = self._signatures.decode_complete(token, public, [algorithm])["payload"]
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            raise _NotGood from None
        return payload


def _is_for(key: JsonKey, algorithm: str) -> bool:
    """Whether the key says of itself that signatures of this algorithm are checked with it."""
    kind = (str(key.get("kty")), None if key.get("kty") == "RSA" else str(key.get("crv")))
    operations = key.get("key_ops", ["verify"])
    return (
        algorithm in _ALGORITHMS.get(kind, frozenset())
        and key.get("alg", algorithm) == algorithm
        and key.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and not ({"d", "k", "p", "q"} & key.keys())
        and (kind[0] != "RSA" or _has_length(key))
    )


def _has_length(key: JsonKey) -> bool:
    modulus = key.get("n")
    return isinstance(modulus, str) and len(modulus) * 3 // 4 >= _MIN_RSA_BYTES


def _check_audience(claims: Claims, ours: frozenset[str]) -> None:
    """OpenID Connect Core 3.1.3.7, 3 to 5: nobody else may be among the audiences, as nobody is trusted."""
    named = claims.get("aud")
    audiences = [named] if isinstance(named, str) else named
    if (
        not isinstance(audiences, list)
        or not audiences
        or not all(isinstance(each, str) for each in audiences)
    ):
        raise _NotGood
    if not ours.issuperset(audiences) or len(set(audiences)) < len(audiences):
        raise _NotGood
    if ("azp" in claims or len(audiences) > 1) and _text(claims, "azp") not in ours:
        raise _NotGood


def _check_times(claims: Claims, needed: Sequence[str], now: datetime) -> None:
    present = now.timestamp()
    for name in needed:
        _number(claims, name)
    if "exp" in claims and _number(claims, "exp") <= present - _LEEWAY_SECONDS:
        raise _NotGood
    for name in ("iat", "nbf"):
        if name in claims and _number(claims, name) > present + _LEEWAY_SECONDS:
            raise _NotGood


def _number(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _NotGood
    if not math.isfinite(value) or not 0 <= value < _LATEST:
        raise _NotGood
    return value


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT or not value.isprintable():
        raise _NotGood
    return value


def _bytes(segment: str) -> bytes:
    """Base64url without padding, and nothing else (RFC 7515, 2)."""
    try:
        raw = base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise _NotGood from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != segment:
        raise _NotGood
    return raw


def _object(raw: bytes) -> Claims:
    """A JSON object in which no name stands twice, at any depth."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise _NotGood
        return found

    def refuse(_: str) -> None:
        raise _NotGood

    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise _NotGood from None
    if not isinstance(found, dict):
        raise _NotGood
    return found
