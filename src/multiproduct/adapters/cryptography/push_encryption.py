"""The `PushEncryption` port: message encryption for Web Push (RFC 8291) in aes128gcm (RFC 8188)."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_POINT_BYTES = 65
_UNCOMPRESSED = 0x04
_AUTH_BYTES = 16
_SALT_BYTES = 16
_RECORD_SIZE = 4_096
MOST_BYTES = 3_993
"""Of a message: a push service takes 4096 bytes (RFC 8030, section 7.2), of which the head takes 86, the tag
16 and the delimiter 1."""
_PADDED_TO = 128
"""Messages are padded to multiples of this, as far as there is room: their length tells less of them."""
_LAST_RECORD = b"\x02"


class EcdhPushEncryption:
    """Every message has a key pair and a salt of its own."""

    def is_key(self, p256dh: bytes, auth: bytes) -> bool:
        """See the port."""
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - only where it is used

        if len(p256dh) != _POINT_BYTES or p256dh[0] != _UNCOMPRESSED or len(auth) != _AUTH_BYTES:
            return False
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), p256dh)
        except ValueError:  # not on the curve
            return False
        return True

    def encrypted(self, plaintext: bytes, *, p256dh: bytes, auth: bytes) -> bytes:
        """See the port."""
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - only where it is used

        if not self.is_key(p256dh, auth):
            raise ValueError("the browser's keys are none")
        if len(plaintext) > MOST_BYTES:
            raise ValueError(f"a message has at most {MOST_BYTES} bytes")
        padded = min(-len(plaintext) % _PADDED_TO, MOST_BYTES - len(plaintext))
        return one_record(
            plaintext + _LAST_RECORD + bytes(padded),
            p256dh=p256dh,
            auth=auth,
            sender=ec.generate_private_key(ec.SECP256R1()),
            salt=os.urandom(_SALT_BYTES),
        )


def one_record(
    padded: bytes, *, p256dh: bytes, auth: bytes, sender: "EllipticCurvePrivateKey", salt: bytes
) -> bytes:
    """The body of a push: head and the one record (RFC 8291, section 3.4). `padded` is the plaintext with its
    delimiter and padding; no sender's key and salt may be used twice."""
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - only where it is used
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - likewise
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - likewise
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - likewise

    def derived(secret: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
        return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)

    sender_point = sender.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    receiver = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), p256dh)
    shared = sender.exchange(ec.ECDH(), receiver)
    info = b"WebPush: info\x00" + p256dh + sender_point
    keying = derived(shared, salt=auth, info=info, length=32)
    key = derived(keying, salt=salt, info=b"Content-Encoding: aes128gcm\x00", length=16)
    nonce = derived(keying, salt=salt, info=b"Content-Encoding: nonce\x00", length=12)
    head = salt + _RECORD_SIZE.to_bytes(4) + bytes([len(sender_point)]) + sender_point
    return head + AESGCM(key).encrypt(nonce, padded, None)
