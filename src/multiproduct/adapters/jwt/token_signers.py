"""The `TokenSigner` port: as Google (RS256), Apple (ES256) and push services (ES256) want tokens."""

from collections.abc import Mapping

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


class PrivateKeySigner:
    """The algorithm is that of the key. `key_id` stands in the header, where there is one."""

    def __init__(self, *, key: EllipticCurvePrivateKey | RSAPrivateKey, key_id: str | None = None) -> None:
        self._key = key
        self._algorithm = "RS256" if isinstance(key, RSAPrivateKey) else "ES256"
        self._headers = {"kid": key_id} if key_id else None

    def signed(self, claims: Mapping[str, str | int]) -> str:
        """See the port."""
        return jwt.encode(dict(claims), self._key, algorithm=self._algorithm, headers=self._headers)
