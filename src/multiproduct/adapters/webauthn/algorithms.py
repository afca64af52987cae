"""The signature algorithms of passkeys, and which keys they go with."""

from webauthn.helpers import decode_credential_public_key
from webauthn.helpers.cose import COSECRV, COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import (
    DecodedEC2PublicKey,
    DecodedOKPPublicKey,
    DecodedRSAPublicKey,
)

ALGORITHMS = (
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
"""ES256, EdDSA, RS256, in the order in which they are wished for."""
MAX_KEY_BYTES = 1_024
_RSA_BYTES = range(256, 513)
_RSA_EXPONENT = (65_537).to_bytes(3, "big")


def is_permitted(public_key: bytes) -> bool:
    """Whether a COSE key is of the one kind that goes with its algorithm.

    The library judges the algorithm only: it would take ES256 on another curve, ES256 with an RSA key, and
    RSA with an exponent of any size, which keeps a core busy.
    """
    if len(public_key) > MAX_KEY_BYTES or public_key[0] == 0x04:
        return False
    match decode_credential_public_key(public_key):
        case DecodedEC2PublicKey(alg=COSEAlgorithmIdentifier.ECDSA_SHA_256, crv=COSECRV.P256, x=x, y=y):
            return len(x) == len(y) == 32
        case DecodedOKPPublicKey(alg=COSEAlgorithmIdentifier.EDDSA, crv=COSECRV.ED25519, x=x):
            return len(x) == 32
        case DecodedRSAPublicKey(alg=COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256, n=n, e=e):
            return len(n) in _RSA_BYTES and n[0] != 0 and e.lstrip(b"\0") == _RSA_EXPONENT
        case _:
            return False
