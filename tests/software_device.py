"""A telephone in software: makes keys and signs with them, rightly or wrongly in any part."""

import base64
import hashlib
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256."""


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def prefixed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def claims(user_verification: str, storage: str) -> bytes:
    return hashlib.sha256(prefixed(user_verification.encode(), storage.encode())).digest()


@dataclass
class SoftwareDevice:
    """Written from the description, not from the code: nothing of the project is imported."""

    curve: ec.EllipticCurve = field(default_factory=ec.SECP256R1)

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(self.curve)

    @property
    def spki(self) -> bytes:
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def key_id(self) -> str:
        return hashlib.sha256(self.spki).hexdigest()

    def message(self, offered: Any, body: bytes = hashlib.sha256(b"").digest(), **changed: Any) -> bytes:
        domain: bytes = changed.get("domain", b"multiproduct/device-auth/v1")
        return domain + prefixed(
            changed.get("rp", offered.rp).encode(),
            changed.get("key_id", self.key_id).encode(),
            changed.get("challenge", unb64(offered.challenge)),
            changed.get("purpose", offered.purpose).encode(),
            body,
        )

    def sign(self, message: bytes, algorithm: hashes.HashAlgorithm | None = None) -> bytes:
        return self.key.sign(message, ec.ECDSA(algorithm or hashes.SHA256()))

    def sign_digest(self, digest: bytes) -> bytes:
        return self.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))


def forgeries(device: SoftwareDevice, offered: Any) -> dict[str, bytes]:
    """Signatures of a sign-in challenge of which none may be taken, each with what is wrong about it."""
    right = device.message(offered)
    raw = unb64(offered.challenge)
    other, wider = SoftwareDevice(), SoftwareDevice(curve=ec.SECP384R1())
    good = device.sign(right)
    made = {
        "another purpose": device.sign(device.message(offered, purpose="device-key.enroll")),
        "no purpose": device.sign(device.message(offered, purpose="")),
        "another audience": device.sign(device.message(offered, rp="evil.example")),
        "an audience above": device.sign(device.message(offered, rp="host")),
        "another key's id": device.sign(device.message(offered, key_id=other.key_id)),
        "another challenge": device.sign(device.message(offered, challenge=os.urandom(32))),
        "a body": device.sign(device.message(offered, body=hashlib.sha256(b"{}").digest())),
        "no body": device.sign(device.message(offered, body=b"")),
        "another domain": device.sign(device.message(offered, domain=b"multiproduct/device-auth/v2")),
        "no domain": device.sign(device.message(offered, domain=b"")),
        "without lengths": device.sign(
            b"multiproduct/device-auth/v1" + offered.rp.encode() + device.key_id.encode() + raw
        ),
        "moved boundaries": device.sign(
            device.message(offered, rp=offered.rp + device.key_id[:1], key_id=device.key_id[1:])
        ),
        "the raw challenge": device.sign(raw),
        "the challenge's text": device.sign(offered.challenge.encode()),
        "the challenge as digest": device.sign_digest(raw),
        "SHA-384": device.sign(right, hashes.SHA384()),
        "SHA-512": device.sign(right, hashes.SHA512()),
        "another device": other.sign(right),
        "another curve": wider.sign(right)[:72],
        "nothing": b"\0",
        "zeros": bytes.fromhex("3006020100020100"),
        "ones": bytes.fromhex("3006020101020101"),
        "r is the order": _der(ORDER, 1),
        "s is the order": _der(1, ORDER),
        "negative": bytes.fromhex("3006020181020181"),
        "raw r and s": b"".join(_number(each).to_bytes(32, "big") for each in _split(good)),
        "s and r": _der(*reversed([_number(each) for each in _split(good)])),
        "surplus at the end": good + b"\0",
        "surplus inside": bytes([0x30, good[1] + 2]) + good[2:] + b"\x05\0",
        "long length": b"\x30\x81" + good[1:],
        "padded r": _padded(good),
        "indefinite length": b"\x30\x80" + good[2:] + b"\0\0",
        "a set": b"\x31" + good[1:],
        "s beyond the order": _der(_number(_split(good)[0]), _number(_split(good)[1]) + ORDER),
    }
    for at in range(0, len(good), 3):
        made[f"bit flipped in byte {at}"] = good[:at] + bytes([good[at] ^ 1 << at % 8]) + good[at + 1 :]
        if at:
            made[f"cut to {at} bytes"] = good[:at]
    return made


def _split(der: bytes) -> tuple[bytes, bytes]:
    first = der[4 : 4 + der[3]]
    return first, der[4 + der[3] + 2 :]


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def _integer(value: int) -> bytes:
    raw = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(raw)]) + raw


def _der(r: int, s: int) -> bytes:
    body = _integer(r) + _integer(s)
    return b"\x30" + bytes([len(body)]) + body


def _padded(der: bytes) -> bytes:
    r, s = _split(der)
    body = b"\x02" + bytes([len(r) + 1]) + b"\0" + r + b"\x02" + bytes([len(s)]) + s
    return b"\x30" + bytes([len(body)]) + body
