"""Signatures of devices: one way to write a key, one way to write a signature, and no other curve."""

from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.software_device import ORDER, SoftwareDevice, _der, _number, _split, b64, forgeries

from multiproduct.adapters.cryptography import EcdsaDeviceSignatures

SIGNATURES = EcdsaDeviceSignatures()
DEVICE = SoftwareDevice()


def spki_of(key) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_a_right_signature_is_good_for_its_message_and_key_alone():
    signature = DEVICE.sign(b"message")
    assert SIGNATURES.is_key(DEVICE.spki)
    assert SIGNATURES.is_good(DEVICE.spki, signature, b"message")
    assert not SIGNATURES.is_good(DEVICE.spki, signature, b"massage")
    assert not SIGNATURES.is_good(SoftwareDevice().spki, signature, b"message")
    assert not SIGNATURES.is_good(None, signature, b"message")


def test_no_key_is_no_key_even_for_who_knows_the_stand_in():
    known = ec.derive_private_key(1, ec.SECP256R1())
    signature = known.sign(b"message", ec.ECDSA(hashes.SHA256()))
    assert SIGNATURES.is_good(spki_of(known), signature, b"message")
    assert not SIGNATURES.is_good(None, signature, b"message")


def test_high_and_low_values_of_s_are_both_good():
    r, s = (_number(each) for each in _split(DEVICE.sign(b"message")))
    for value in (s, ORDER - s):
        assert SIGNATURES.is_good(DEVICE.spki, _der(r, value), b"message")


def test_every_generated_forgery_is_refused():
    offered = SimpleNamespace(rp="localhost", challenge=b64(b"c" * 32), purpose="device-key.sign-in")
    right = DEVICE.message(offered)
    made = forgeries(DEVICE, offered)
    assert len(made) > 60
    taken = [name for name, signature in made.items() if SIGNATURES.is_good(DEVICE.spki, signature, right)]
    assert taken == []


@pytest.mark.parametrize(
    "spki",
    [
        b"",
        b"\0" * 91,
        DEVICE.spki[:-1],
        DEVICE.spki + b"\0",
        DEVICE.spki[:26] + b"\x02" + DEVICE.spki[27:59],
        DEVICE.spki[:27] + b"\1" * 64,
        DEVICE.spki[:27] + b"\0" * 64,
        DEVICE.spki[:27] + b"\xff" * 64,
        spki_of(ec.generate_private_key(ec.SECP384R1())),
        spki_of(ec.generate_private_key(ec.SECP256K1())),
        spki_of(ed25519.Ed25519PrivateKey.generate()),
        spki_of(rsa.generate_private_key(65537, 2048)),
        b"\x30\x81" + DEVICE.spki[1:],
        DEVICE.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        ),
        DEVICE.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    ],
    ids=lambda spki: f"{len(spki)} bytes",
)
def test_only_a_point_of_p256_in_its_one_encoding_is_a_key(spki):
    assert not SIGNATURES.is_key(spki)
    assert not SIGNATURES.is_good(spki, DEVICE.sign(b"message"), b"message")


@given(st.binary(max_size=200), st.binary(max_size=100))
def test_no_bytes_make_it_fail_and_none_are_taken(spki, signature):
    assert not SIGNATURES.is_good(spki, signature, b"message")
    assert not SIGNATURES.is_good(DEVICE.spki, signature, b"message")
