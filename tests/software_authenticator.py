"""An authenticator in software, on fido2's data structures: what browsers would send, right or wrong in any
member."""

import hashlib
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from fido2 import cose
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
ORIGIN = "http://localhost:8000"


def _ecdsa(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    return key.sign(message, ec.ECDSA(hashes.SHA256()))


def _rsa(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


KINDS = {
    "ES256": (lambda: ec.generate_private_key(ec.SECP256R1()), cose.ES256, _ecdsa, -7),
    "EdDSA": (ed25519.Ed25519PrivateKey.generate, cose.EdDSA, lambda key, message: key.sign(message), -8),
    "RS256": (lambda: rsa.generate_private_key(65537, 2048), cose.RS256, _rsa, -257),
}


@dataclass
class SoftwareAuthenticator:
    """Holds one credential. `flags` are those of every answer; the counter steps by `step`."""

    kind: str = "ES256"
    origin: str = ORIGIN
    flags: int = FLAG.UP | FLAG.UV
    counter: int = 0
    step: int = 1
    tells_handle: bool = True
    attestation: str = "none"
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: bytes = b""

    def __post_init__(self) -> None:
        make, self._cose, self._sign, self.algorithm = KINDS[self.kind]
        self.key: Any = make()

    def sign(self, message: bytes) -> bytes:
        return self._sign(self.key, message)

    @property
    def public_key(self) -> dict[int, Any]:
        return self._cose.from_cryptography_key(self.key.public_key())

    def create(self, options: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """What `navigator.credentials.create` leads to. `changed` replaces what would be right."""
        self.user_handle = websafe_decode(options["user"]["id"])
        client_data = self._client_data("webauthn.create", options["challenge"], changed)
        attested = AttestedCredentialData.create(
            Aaguid(b"\0" * 16),
            changed.get("credential_id", self.credential_id),
            changed.get("public_key", self.public_key),
        )
        auth_data = self._auth_data(options["rp"]["id"], FLAG.AT, attested, changed)
        statement: dict[str, Any] = {}
        if self.attestation == "packed":
            signed = bytes(auth_data) + hashlib.sha256(bytes(client_data)).digest()
            statement = {"alg": self.algorithm, "sig": changed.get("signature") or self.sign(signed)}
        attestation = AttestationObject.create(self.attestation, auth_data, statement)
        return self._credential(
            {
                "clientDataJSON": websafe_encode(bytes(client_data)),
                "attestationObject": websafe_encode(bytes(attestation)),
                "transports": ["internal", "usb", "telepathy"],
            },
            changed,
        )

    def get(self, options: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """What `navigator.credentials.get` leads to. `changed` replaces what would be right."""
        self.counter += self.step
        client_data = self._client_data("webauthn.get", options["challenge"], changed)
        auth_data = self._auth_data(options["rpId"], 0, b"", changed)
        signed = bytes(auth_data) + hashlib.sha256(bytes(client_data)).digest()
        response = {
            "clientDataJSON": websafe_encode(bytes(client_data)),
            "authenticatorData": websafe_encode(bytes(auth_data)),
            "signature": websafe_encode(changed.get("signature", self.sign(signed))),
        }
        handle = changed.get("user_handle", self.user_handle if self.tells_handle else None)
        return self._credential(
            response | ({"userHandle": websafe_encode(handle)} if handle else {}), changed
        )

    def _client_data(self, kind: str, challenge: str, changed: dict[str, Any]) -> CollectedClientData:
        return CollectedClientData.create(
            type=changed.get("type", kind),
            challenge=changed.get("challenge", challenge),
            origin=changed.get("origin", self.origin),
            cross_origin=changed.get("cross_origin", False),
        )

    def _auth_data(
        self, rp_id: str, more: int, attested: bytes, changed: dict[str, Any]
    ) -> AuthenticatorData:
        return AuthenticatorData.create(
            hashlib.sha256(changed.get("rp_id", rp_id).encode()).digest(),
            FLAG(changed.get("flags", self.flags) | more),
            changed.get("counter", self.counter),
            attested,
        )

    def _credential(self, response: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
        named = websafe_encode(changed.get("named", changed.get("credential_id", self.credential_id)))
        return {
            "id": named,
            "rawId": named,
            "type": "public-key",
            "response": response,
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": True}},
        }
