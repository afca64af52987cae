"""The `Sealing` port: AES-256-GCM (NIST SP 800-38D) under a key derived for this one use."""

import os
from typing import TYPE_CHECKING

from multiproduct.application.otp import Peppers

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_LABEL = "sealing"
_VERSION = 1
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_HEAD = 1 + _KEY_ID_BYTES
_TAG_BYTES = 16
_LEAST = _HEAD + _NONCE_BYTES + _TAG_BYTES


class AesGcmSealing:
    """A sealing is version (1 byte), key id (4), random nonce (12), ciphertext and tag (16).

    What comes before the nonce is authenticated with the purpose. Random 96-bit nonces are good for 2**32
    sealings under one secret (SP 800-38D, section 8.3); a secret is changed long before that.
    """

    def __init__(self, *, peppers: Peppers) -> None:
        self._peppers = peppers

    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        """See the port. Raises LookupError if the peppers lack their own current secret."""
        key_id = self._peppers.current_id
        key = self._peppers.secret(key_id, _LABEL)
        if key is None:
            raise LookupError(key_id)
        head = bytes([_VERSION]) + bytes.fromhex(key_id)
        nonce = os.urandom(_NONCE_BYTES)
        return head + nonce + _cipher(key).encrypt(nonce, secret, head + purpose.encode())

    def open(self, sealed: bytes, *, purpose: str) -> bytes | None:
        """See the port."""
        if len(sealed) < _LEAST or sealed[0] != _VERSION:
            return None
        head, nonce = sealed[:_HEAD], sealed[_HEAD : _HEAD + _NONCE_BYTES]
        key = self._peppers.secret(head[1:].hex(), _LABEL)
        if key is None:
            return None
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - only where it is used

        try:
            return _cipher(key).decrypt(nonce, sealed[_HEAD + _NONCE_BYTES :], head + purpose.encode())
        except InvalidTag:
            return None

    def is_current(self, sealed: bytes) -> bool:
        """See the port."""
        return sealed[:_HEAD] == bytes([_VERSION]) + bytes.fromhex(self._peppers.current_id)


def _cipher(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - only where it is used

    return AESGCM(key)
