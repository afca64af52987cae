"""Puts passkeys and the keys of devices together."""

from typing import TYPE_CHECKING

from multiproduct.application.identity.device_key_keeping import DeviceKeyKeeping
from multiproduct.application.identity.device_key_sign_in import DeviceKeySignIn
from multiproduct.application.identity.factor_changes import FactorChanges
from multiproduct.application.identity.passkey_checking import CeremonyIssuing, PasskeyChecking
from multiproduct.application.identity.passkey_keeping import PasskeyKeeping
from multiproduct.application.identity.passkey_sign_in import PasskeySignIn
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.identity.ways_in import WaysInCounting

if TYPE_CHECKING:
    from multiproduct.application.identity.wiring import IdentityParts


def passkey_keeping(
    parts: "IdentityParts", issuing: CeremonyIssuing, changes: FactorChanges, ways_in: WaysInCounting
) -> PasskeyKeeping:
    """A person's own passkeys."""
    return PasskeyKeeping(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        ceremonies=parts.ceremonies,
        issuing=issuing,
        changes=changes,
        ways_in=ways_in,
        throttle=parts.throttle,
    )


def passkey_sign_in(
    parts: "IdentityParts", checking: PasskeyChecking, starting: SessionStarting
) -> PasskeySignIn:
    """Signing in by a passkey."""
    return PasskeySignIn(
        units=parts.units,
        clock=parts.clock,
        checking=checking,
        code_book=parts.code_book,
        starting=starting,
        throttle=parts.throttle,
    )


def device_key_keeping(parts: "IdentityParts", issuing: CeremonyIssuing) -> DeviceKeyKeeping:
    """A person's own device keys."""
    return DeviceKeyKeeping(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        signatures=parts.device_signatures,
        issuing=issuing,
        throttle=parts.throttle,
    )


def device_key_sign_in(
    parts: "IdentityParts", issuing: CeremonyIssuing, starting: SessionStarting
) -> DeviceKeySignIn:
    """Signing in by the key of a device."""
    return DeviceKeySignIn(
        units=parts.units,
        clock=parts.clock,
        signatures=parts.device_signatures,
        issuing=issuing,
        code_book=parts.code_book,
        starting=starting,
        throttle=parts.throttle,
    )
