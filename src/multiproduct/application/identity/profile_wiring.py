"""Puts together what people keep about themselves: contacts, pictures, bank details, export and erasure."""

from typing import TYPE_CHECKING

from multiproduct.application.identity.avatars import Avatars
from multiproduct.application.identity.bank_detail_keeping import BankDetailKeeping
from multiproduct.application.identity.contact_changing import ContactChanging
from multiproduct.application.identity.data_export import DataExport
from multiproduct.application.identity.erasing import Erasing
from multiproduct.application.identity.profile import Profile
from multiproduct.application.identity.stop_tokens import StopTokens

if TYPE_CHECKING:
    from multiproduct.application.identity.shared_steps import IdentitySteps
    from multiproduct.application.identity.wiring import IdentityParts


def profile(parts: "IdentityParts", steps: "IdentitySteps") -> Profile:
    """Names, languages and the like."""
    return Profile(units=parts.units, clock=parts.clock, usernames=steps.usernames, locales=parts.locales)


def contact_changing(parts: "IdentityParts", steps: "IdentitySteps") -> ContactChanging:
    """Another address or number."""
    return ContactChanging(
        units=parts.units,
        clock=parts.clock,
        contacts=steps.codes.contacts,
        answers=steps.codes.answers,
        issuing=steps.codes.issuing,
        code_book=parts.code_book,
        stop_tokens=StopTokens(peppers=parts.peppers),
        texting=steps.codes.texting,
        throttle=parts.throttle,
        idempotency=parts.idempotency,
    )


def avatars(parts: "IdentityParts") -> Avatars:
    """Pictures."""
    return Avatars(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        images=parts.images,
        storage=parts.storage,
        throttle=parts.throttle,
        max_bytes=parts.avatar_max_bytes,
    )


def bank_detail_keeping(parts: "IdentityParts") -> BankDetailKeeping:
    """Where money is sent to."""
    return BankDetailKeeping(units=parts.units, clock=parts.clock, ids=parts.ids, sealing=parts.sealing)


def data_export(parts: "IdentityParts") -> DataExport:
    """All that there is about a person."""
    return DataExport(
        units=parts.units, clock=parts.clock, registry=parts.personal_data, throttle=parts.throttle
    )


def erasing(parts: "IdentityParts", steps: "IdentitySteps") -> Erasing:
    """Taking it away."""
    return Erasing(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        sealing=parts.sealing,
        registry=parts.personal_data,
        usernames=steps.usernames,
    )
