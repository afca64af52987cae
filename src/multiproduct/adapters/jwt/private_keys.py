"""Private keys as settings hold them."""

import base64

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_SCALAR_BYTES = 32
_LEAST_RSA_BITS = 2_048


def p256_key(text: str) -> EllipticCurvePrivateKey:
    """A key of P-256 from PEM. Raises ValueError."""
    key = _from_pem(text)
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("the private key is none of P-256")  # noqa: TRY004 - a setting is wrong
    return key


def rsa_key(text: str) -> RSAPrivateKey:
    """A key of RSA of at least 2048 bits, from PEM. Raises ValueError."""
    key = _from_pem(text)
    if not isinstance(key, RSAPrivateKey) or key.key_size < _LEAST_RSA_BITS:
        raise ValueError("the private key is none of RSA with at least 2048 bits")
    return key


def vapid_key(text: str) -> EllipticCurvePrivateKey:
    """A key of P-256 from PEM, or from the 32 bytes in URL-safe base64 that tools for Web Push write. Raises
    ValueError."""
    if text.lstrip().startswith("-----"):
        return p256_key(text)
    plain = text.strip().rstrip("=")
    try:
        scalar = base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except ValueError:
        scalar = b""
    if len(scalar) != _SCALAR_BYTES:
        raise ValueError("the private key is neither PEM nor 32 bytes in URL-safe base64")
    return derive_private_key(int.from_bytes(scalar), SECP256R1())


def public_point(key: EllipticCurvePrivateKey) -> str:
    """The public key as browsers take it: the point, uncompressed, in URL-safe base64 without padding."""
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


def _from_pem(text: str) -> object:
    # Settings often hold the lines of a PEM with \\n written out.
    pem = text.replace("\\n", "\n").encode()
    try:
        return serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise ValueError("the private key is no PEM without a password") from None
