"""The `ClientSecrets` port as Apple wants it: a short JSON Web Token, signed with ES256."""

from datetime import datetime, timedelta
from functools import cached_property

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey

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
        # Settings often hold the lines of a PEM with \\n written out.
        pem = self._pem.replace("\\n", "\n").encode()
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):
            raise ValueError("the private key is no PEM without a password") from None
        if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
            raise ValueError("the private key is none of P-256")  # noqa: TRY004 - a setting is wrong
        return key
