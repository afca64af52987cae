"""The `AccessTokens` port: JSON Web Tokens for access (RFC 9068), signed with Ed25519 (RFC 8037)."""

import base64
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from multiproduct.application.identity.ports import AccessClaims
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.identity import TokenExpired

_ALGORITHM = "EdDSA"
_TYPE = "at+jwt"
_MAX_TOKEN = 8192
_MAX_REMEMBERED = 10_000
_LEEWAY_SECONDS = 30


class JwtAccessTokens:
    """Signs with the current key; checks with the key that `kid` names, of those given, and no other.

    Headers that bring or point at a key are never read. Checked signatures are remembered, at most 10,000,
    so that a token costs one verification a process; expiry is judged every time.
    """

    def __init__(
        self,
        *,
        seeds: Mapping[str, bytes],
        current: str,
        issuer: str,
        audience: str,
        lifetime: timedelta,
        ids: Ids,
    ) -> None:
        """`seeds` are 32 bytes by key id. What says that it lives longer than `lifetime` was not issued
        here."""
        self._seeds = dict(seeds)
        self._current = current
        self._issuer = issuer
        self._audience = audience
        self._lifetime = lifetime
        self._ids = ids
        self._remembered: OrderedDict[str, AccessClaims] = OrderedDict()

    def issue(self, claims: AccessClaims, *, now: datetime) -> str:
        """See the port."""
        payload = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "jti": str(self._ids.next()),
            "iat": int(now.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
            "client_id": self._audience,
        }
        key = self._private_keys[self._current]
        return jwt.encode(payload, key, algorithm=_ALGORITHM, headers={"kid": self._current, "typ": _TYPE})

    def read(self, token: str, *, now: datetime) -> AccessClaims | None:
        """See the port."""
        claims = self._remembered.get(token)
        if claims is None:
            claims = self._verify(token, now=now)
            if claims is None:
                return None
            self._remember(token, claims)
        if now >= claims.expires_at:
            raise TokenExpired
        return claims

    def public_keys(self) -> dict[str, Any]:
        """See the port."""
        return {
            "keys": [
                {
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "use": "sig",
                    "alg": _ALGORITHM,
                    "kid": key_id,
                    "x": base64.urlsafe_b64encode(_raw(key)).decode().rstrip("="),
                }
                for key_id, key in self._public_keys.items()
            ]
        }

    def _verify(self, token: str, *, now: datetime) -> AccessClaims | None:
        if len(token) > _MAX_TOKEN:
            return None
        try:
            header = jwt.get_unverified_header(token)
            key = self._public_keys.get(header.get("kid", ""))
            if key is None or header.get("typ") != _TYPE or header.get("alg") != _ALGORITHM:
                return None
            payload = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                # Times are judged below, by the business clock instead of the library's own.
                options={
                    "require": ["exp", "iat", "sub", "sid", "jti"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "strict_aud": True,
                },
            )
            claims = AccessClaims(
                user_id=UUID(payload["sub"]),
                session_id=UUID(payload["sid"]),
                expires_at=datetime.fromtimestamp(int(payload["exp"]), UTC),
            )
            is_plausible = self._is_plausible(int(payload["iat"]), claims.expires_at, now)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, AttributeError, RecursionError):
            return None
        return claims if is_plausible else None

    def _is_plausible(self, issued: int, expires_at: datetime, now: datetime) -> bool:
        """Whether it was issued by now, for no longer than tokens live."""
        is_early = issued > now.timestamp() + _LEEWAY_SECONDS
        return not is_early and int(expires_at.timestamp()) - issued <= self._lifetime.total_seconds()

    def _remember(self, token: str, claims: AccessClaims) -> None:
        self._remembered[token] = claims
        if len(self._remembered) > _MAX_REMEMBERED:
            self._remembered.popitem(last=False)

    @cached_property
    def _private_keys(self) -> dict[str, Ed25519PrivateKey]:
        return {key_id: Ed25519PrivateKey.from_private_bytes(seed) for key_id, seed in self._seeds.items()}

    @cached_property
    def _public_keys(self) -> dict[str, Ed25519PublicKey]:
        return {key_id: key.public_key() for key_id, key in self._private_keys.items()}


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
