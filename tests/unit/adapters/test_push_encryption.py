"""What is pushed to browsers: the published vector, and an independent implementation that decrypts it."""

import base64

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from multiproduct.adapters.cryptography import EcdhPushEncryption
from multiproduct.adapters.cryptography.push_encryption import MOST_BYTES, one_record

AUTH = b"0123456789abcdef"


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_of(scalar: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1())


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


RECEIVER = ec.generate_private_key(ec.SECP256R1())
P256DH = point_of(RECEIVER)


def test_the_vector_of_rfc_8291_comes_out_to_the_byte() -> None:
    # RFC 8291, section 5 and appendix A.
    p256dh = decoded(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    )
    made = one_record(
        b"When I grow up, I want to be a watermelon" + b"\x02",
        p256dh=p256dh,
        auth=decoded("BTBZMqHH6r4Tts7J_aSIgg"),
        sender=key_of(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")),
        salt=decoded("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert made == decoded(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@given(plaintext=st.one_of(st.binary(max_size=600), st.binary(min_size=MOST_BYTES, max_size=MOST_BYTES)))
@settings(max_examples=40, deadline=None)
def test_another_implementation_reads_what_was_encrypted(plaintext: bytes) -> None:
    body = EcdhPushEncryption().encrypted(plaintext, p256dh=P256DH, auth=AUTH)
    assert len(body) <= 4_096
    assert http_ece.decrypt(body, private_key=RECEIVER, auth_secret=AUTH, version="aes128gcm") == plaintext


def test_lengths_tell_little_and_no_two_bodies_are_alike() -> None:
    encryption = EcdhPushEncryption()
    bodies = [encryption.encrypted(b"x" * size, p256dh=P256DH, auth=AUTH) for size in (1, 1, 64, 127)]
    assert len({len(body) for body in bodies}) == 1
    assert len(set(bodies)) == len(bodies)


def test_more_than_a_push_service_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="3993"):
        EcdhPushEncryption().encrypted(b"x" * (MOST_BYTES + 1), p256dh=P256DH, auth=AUTH)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        (b"", AUTH),
        (P256DH[:-1], AUTH),
        (P256DH + b"\x00", AUTH),
        (b"\x02" + P256DH[1:33], AUTH),
        (b"\x04" + b"\x01" * 64, AUTH),
        (b"\x04" + b"\x00" * 64, AUTH),
        (P256DH, b""),
        (P256DH, AUTH + b"\x00"),
    ],
)
def test_keys_that_are_none_are_told_and_never_encrypted_for(p256dh: bytes, auth: bytes) -> None:
    encryption = EcdhPushEncryption()
    assert not encryption.is_key(p256dh, auth)
    with pytest.raises(ValueError, match="keys"):
        encryption.encrypted(b"x", p256dh=p256dh, auth=auth)


def test_keys_of_a_browser_are_keys() -> None:
    assert EcdhPushEncryption().is_key(P256DH, AUTH)
