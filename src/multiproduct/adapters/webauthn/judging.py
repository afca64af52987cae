"""Judging what comes back from browsers: the library's checks, and those that it leaves to us."""

import json
from collections.abc import Mapping
from typing import Any

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    base64url_to_bytes,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AttestationFormat, CredentialDeviceType

from multiproduct.adapters.webauthn.algorithms import ALGORITHMS, is_permitted
from multiproduct.application.identity.passkey_ports import NewCredential
from multiproduct.domain.identity import Assertion

MAX_CREDENTIAL_BYTES = 1_023
"""Web Authentication Level 3, section 7.1, step 25."""
MAX_MEMBER_CHARACTERS = 16_384
_FORMATS = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})
# What the library and those below it raise for bytes that make no sense. Whatever it was, it proves nothing.
_NONSENSE = (
    WebAuthnException,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
# The generator of P-256 as an ES256 key, for the work of it: what it signs is refused all the same.
_STAND_IN = bytes.fromhex(
    "a5010203262001215820"
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "225820"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


def created(
    credential: Mapping[str, Any], *, challenge: bytes, rp_id: str, origins: list[str]
) -> NewCredential | None:
    """See the port. No attestation is asked for; one that an authenticator signed with the new key itself is
    checked, and those with certificates are refused, as nobody here would know whom to trust."""
    try:
        read = parse_registration_credential_json(picked(credential))
        if not _is_ours(read.response.client_data_json) or not _is_plain(read.response.attestation_object):
            return None
        found = verify_registration_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origins,
            supported_pub_key_algs=list(ALGORITHMS),
        )
        if found.credential_id != read.raw_id or not 1 <= len(found.credential_id) <= MAX_CREDENTIAL_BYTES:
            return None
        # Points that are on no curve are refused here, not at the first sign-in.
        decoded_public_key_to_cryptography(decode_credential_public_key(found.credential_public_key))
    except _NONSENSE:
        return None
    return NewCredential(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        aaguid=found.aaguid,
        verifies_user=found.user_verified,
        is_backup_eligible=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        is_backed_up=found.credential_backed_up,
    )


def credential_id(credential: Mapping[str, Any]) -> bytes | None:
    """See the port."""
    told = credential.get("id")
    try:
        found = base64url_to_bytes(told) if isinstance(told, str) else b""
    except _NONSENSE:
        return None
    return found if 1 <= len(found) <= MAX_CREDENTIAL_BYTES else None


def asserted(
    credential: Mapping[str, Any],
    *,
    challenge: bytes,
    public_key: bytes | None,
    rp_id: str,
    origins: list[str],
) -> Assertion | None:
    """See the port. The count is judged by the store, in the statement that writes it: the library would
    refuse a low one before it looks at the signature, so that anybody could pretend to be a copy."""
    try:
        read = parse_authentication_credential_json(picked(credential))
        if not _is_ours(read.response.client_data_json):
            return None
        found = verify_authentication_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origins,
            credential_public_key=_STAND_IN if public_key is None else public_key,
            credential_current_sign_count=0,
        )
    except _NONSENSE:
        return None
    if public_key is None:
        return None
    return Assertion(
        sign_count=found.new_sign_count,
        user_verified=found.user_verified,
        is_backup_eligible=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        is_backed_up=found.credential_backed_up,
        user_handle=read.response.user_handle,
    )


def _is_ours(client_data: bytes) -> bool:
    """Whether the page that asked stood by itself: one inside a frame of another origin could be made to look
    like something else. The library does not look at this."""
    told = json.loads(client_data)
    return told.get("crossOrigin") in (None, False) and "topOrigin" not in told


def _is_plain(attestation: bytes) -> bool:
    """Whether key and format are such as we take, which is asked before anything is computed with them."""
    read = parse_attestation_object(attestation)
    attested = read.auth_data.attested_credential_data
    return (
        read.fmt in _FORMATS
        and not read.att_stmt.x5c
        and attested is not None
        and is_permitted(attested.credential_public_key)
    )


def picked(credential: Mapping[str, Any]) -> dict[str, Any]:
    """The members that are read, without those that are too long or no text: so they are missing."""
    response = credential.get("response")
    inner = response if isinstance(response, Mapping) else {}
    return {
        **_texts(credential, "id", "rawId", "type"),
        "response": _texts(
            inner, "clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"
        ),
    }


def _texts(members: Mapping[str, Any], *names: str) -> dict[str, str]:
    found = {name: members.get(name) for name in names}
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, str) and len(value) <= MAX_MEMBER_CHARACTERS
    }
