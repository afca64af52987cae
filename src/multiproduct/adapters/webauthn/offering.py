"""Options for browsers, as the JSON that `PublicKeyCredential.parse...OptionsFromJSON` reads."""

import json
from collections.abc import Sequence
from typing import Any

from webauthn import generate_authentication_options, generate_registration_options, options_to_json
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from multiproduct.adapters.webauthn.algorithms import ALGORITHMS
from multiproduct.domain.identity import Passkey, User
from multiproduct.domain.identity.passkey import handle_of

TIMEOUT_MILLISECONDS = 300_000
"""As long as a challenge is good."""


def creation_options(
    *, rp_id: str, rp_name: str, challenge: bytes, user: User, existing: Sequence[Passkey]
) -> dict[str, Any]:
    """Asks for a discoverable credential, so that its owner need not type a name; no attestation is wanted,
    as it would tell about the device and keep good authenticators out."""
    options = generate_registration_options(
        rp_id=rp_id,
        rp_name=rp_name,
        user_id=handle_of(user.id),
        user_name=user.username.display,
        user_display_name=f"{user.first_name} {user.last_name}".strip() or user.username.display,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[_descriptor(each) for each in existing],
        supported_pub_key_algs=list(ALGORITHMS),
    )
    return _as_json(options_to_json(options))


def request_options(
    *, rp_id: str, challenge: bytes, allowed: Sequence[Passkey], needs_verification: bool
) -> dict[str, Any]:
    """Asks for an assertion by one of `allowed`, or by whatever the authenticator has."""
    options = generate_authentication_options(
        rp_id=rp_id,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        allow_credentials=[_descriptor(each) for each in allowed],
        user_verification=UserVerificationRequirement.REQUIRED
        if needs_verification
        else UserVerificationRequirement.PREFERRED,
    )
    return _as_json(options_to_json(options))


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=passkey.credential_id,
        transports=[AuthenticatorTransport(each) for each in passkey.transports] or None,
    )


def _as_json(text: str) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(text)
    return options
