"""The `ClientSecrets` port as Apple wants it: a short JSON Web Token, signed with ES256."""

from datetime import datetime, timedelta
from functools import cached_property

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from multiproduct.adapters.jwt.private_keys import p256_key

_LIFETIME = timedelta(minutes=5)
"""Apple takes up to six months; a secret that is made for each call need not outlive it."""


class SignedClientSecrets:
    """The token names the team as issuer and the client as subject ("Creating a client secret", Apple)."""

    def __init__(self, *, team_id: str, client_id: str, key_id: str, private_key: str, audience: str) -> None:
        """`private_key` is the PEM of the .p8 file. Nothing is read from it before the first secret."""
        self._team_id = team_id
        self._client_id = client_id
        self._key_id = key_id
        self._pem = private_key
        self._audience = audience

    def current(self, *, now: datetime) -> str:
        """See the port. Raises ValueError for a key that is none of P-256."""
        claims = {
            "iss": self._team_id,
            "sub": self._client_id,
            "aud": self._audience,
            "iat": int(now.timestamp()),
            "exp": int((now + _LIFETIME).timestamp()),
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self._key_id})

    @cached_property
    def _key(self) -> EllipticCurvePrivateKey:
        return p256_key(self._pem)
