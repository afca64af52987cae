"""The `DeviceSignatures` port: ECDSA on P-256 with SHA-256 (FIPS 186-5), all in strict DER."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

# SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING of 65 bytes } (RFC 5480): the one way to
# write a P-256 key with its point uncompressed. What follows is the point.
_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
_POINT_BYTES = 65
_UNCOMPRESSED = 0x04
_MAX_SIGNATURE_BYTES = 72
_GENERATOR = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
_STAND_IN = _HEAD + _GENERATOR
"""What signatures of unknown keys are checked with, for the work of it."""
_ALGORITHM = ec.ECDSA(SHA256())


class EcdsaDeviceSignatures:
    """No parser sees a key: all but the point is compared with the one right head. High values of `s` are
    fine, as devices make them; since a challenge is good once, a signature's twin is good for nothing."""

    def is_key(self, spki: bytes) -> bool:
        """See the port."""
        return _point_of(spki) is not None

    def is_good(self, spki: bytes | None, signature: bytes, message: bytes) -> bool:
        """See the port."""
        key = _point_of(_STAND_IN if spki is None else spki)
        if key is None or not _is_strict(signature):
            return False
        try:
            key.verify(signature, message, _ALGORITHM)
        except InvalidSignature:
            return False
        return spki is not None


def _point_of(spki: bytes) -> ec.EllipticCurvePublicKey | None:
    point = spki[len(_HEAD) :]
    if not spki.startswith(_HEAD) or len(point) != _POINT_BYTES or point[0] != _UNCOMPRESSED:
        return None
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:  # not on the curve
        return None


def _is_strict(signature: bytes) -> bool:
    """Whether it is the one DER encoding of its two numbers."""
    if len(signature) > _MAX_SIGNATURE_BYTES:
        return False
    try:
        return encode_dss_signature(*decode_dss_signature(signature)) == signature
    except ValueError:
        return False
