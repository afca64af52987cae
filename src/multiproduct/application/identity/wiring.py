"""Puts the context's use cases together from the ports they need."""

from collections.abc import Callable
from dataclasses import dataclass

from multiproduct.application.caching import ReadThrough
from multiproduct.application.files import Images, ObjectStorage
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.identity import Identity
from multiproduct.application.identity.avatar_purging import AvatarPurging
from multiproduct.application.identity.device_key_ports import DeviceSignatures
from multiproduct.application.identity.device_sessions import DeviceSessions
from multiproduct.application.identity.document_ports import FileScanner
from multiproduct.application.identity.document_wiring import (
    consent_keeping,
    document_keeping,
    document_purging,
    document_reviewing,
)
from multiproduct.application.identity.key_wiring import (
    device_key_keeping,
    device_key_sign_in,
    passkey_keeping,
    passkey_sign_in,
)
from multiproduct.application.identity.link_checking import LinkChecking
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.passkey_ports import PasskeyCeremonies
from multiproduct.application.identity.password_wiring import password_change, password_reset
from multiproduct.application.identity.people_wiring import (
    administration,
    invitation_accepting,
    inviting,
    role_keeping,
    user_managing,
)
from multiproduct.application.identity.personal_data import PersonalDataRegistry
from multiproduct.application.identity.phone_numbers import PhoneNumbers
from multiproduct.application.identity.ports import AccessTokens, IdentityUnit
from multiproduct.application.identity.profile_wiring import (
    avatars,
    bank_detail_keeping,
    contact_changing,
    data_export,
    erasing,
    profile,
)
from multiproduct.application.identity.purging import Purging
from multiproduct.application.identity.refusal_recording import RefusalRecording
from multiproduct.application.identity.results import Availability
from multiproduct.application.identity.role_assigning import RoleAssigning
from multiproduct.application.identity.second_factor_ports import QrCodes, TotpCodes
from multiproduct.application.identity.second_factor_wiring import (
    resealing,
    second_factor_keeping,
    second_factor_signing_in,
    sms_factor_keeping,
    stepping_up,
)
from multiproduct.application.identity.shared_steps import identity_steps
from multiproduct.application.identity.sign_in_wiring import (
    authenticating,
    importing,
    phone_sign_in,
    registration,
    session_keeping,
    signing_in,
)
from multiproduct.application.identity.social_proving import SocialProviders
from multiproduct.application.identity.social_wiring import social_linking, social_sign_in
from multiproduct.application.identity.texting import TextPolicy
from multiproduct.application.identity.user_listing import UserListing
from multiproduct.application.identity.username_answers import UsernameAnswers, UsernameIndex
from multiproduct.application.otp import CodeBook, OtpPurging, Peppers
from multiproduct.application.ports.breaches import BreachedPasswords
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.domain.identity import SessionPolicy
from multiproduct.domain.identity.usernames import UsernamePolicy
from multiproduct.domain.otp import OtpPolicy
from multiproduct.domain.shared import PermissionCatalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityParts:
    """What identity is made from. `taken` and `cached` build the two caches around their loaders."""

    units: Units[IdentityUnit]
    clock: Clock
    ids: Ids
    randomness: Randomness
    peppers: Peppers
    sealing: Sealing
    totp_codes: TotpCodes
    qr_codes: QrCodes
    totp_window: int
    staff_second_factor: bool
    sms_second_factor: bool
    social_providers: SocialProviders
    social_redirects: frozenset[str]
    code_book: CodeBook
    hasher: PasswordHasher
    access_tokens: AccessTokens
    phone_numbers: PhoneNumbers
    text_policy: TextPolicy
    breaches: BreachedPasswords | None
    images: Images | None
    storage: ObjectStorage | None
    avatar_max_bytes: int
    document_max_bytes: int
    scanner: FileScanner
    brand_name: str
    throttle: Throttle
    idempotency: Idempotency
    locales: Locales
    otp_policy: OtpPolicy
    session_policy: SessionPolicy
    username_policy: UsernamePolicy
    ceremonies: PasskeyCeremonies
    device_signatures: DeviceSignatures
    default_region: str | None
    personal_data: PersonalDataRegistry
    permissions: PermissionCatalogue
    taken: Callable[[UsernameIndex], ReadThrough[bool]]
    cached: Callable[[UsernameAnswers], ReadThrough[Availability]]


def wire_identity(parts: IdentityParts) -> Identity:
    """Every use case of the context; each capability is put together in a module of its own."""
    steps = identity_steps(parts)
    units, clock, throttle = parts.units, parts.clock, parts.throttle
    proving, factors, starting = steps.proving, steps.sessions.factors, steps.sessions.starting
    codes, answers = steps.codes.requests, steps.codes.answers
    staff_inviting, own_profile = inviting(parts), profile(parts, steps)
    return Identity(
        registration=registration(parts, steps),
        codes=codes,
        sign_in=signing_in(parts, steps),
        sessions=session_keeping(parts, steps),
        authenticating=authenticating(parts),
        profile=own_profile,
        password_reset=password_reset(parts, steps),
        password_change=password_change(parts, steps),
        phone_sign_in=phone_sign_in(parts, steps),
        importing=importing(parts, steps),
        device_sessions=DeviceSessions(units=units, clock=clock),
        contact_changes=contact_changing(parts, steps),
        avatars=avatars(parts),
        avatar_purging=AvatarPurging(units=units, clock=clock, storage=parts.storage),
        social_proving=proving,
        social_sign_in=social_sign_in(
            parts, proving, starting, linking=steps.linking, usernames=steps.usernames
        ),
        social_linking=social_linking(parts, proving, steps.ways_in),
        second_factor_sign_in=second_factor_signing_in(
            parts, factors, starting, codes=codes, linking=steps.linking
        ),
        sms_factor=sms_factor_keeping(parts, factors, steps.ways_in),
        second_factors=second_factor_keeping(parts, factors),
        step_up=stepping_up(parts, factors, answers=answers, codes=codes),
        resealing=resealing(parts),
        links=LinkChecking(
            units=units, clock=clock, verification=steps.codes.verification, throttle=throttle
        ),
        usernames=steps.usernames,
        administration=administration(parts, steps),
        roles=role_keeping(parts),
        role_assignments=RoleAssigning(units=units, clock=clock),
        refusals=RefusalRecording(units=units, clock=clock, throttle=throttle),
        passkeys=passkey_keeping(parts, steps.ceremonies, factors.changes, steps.ways_in),
        passkey_sign_in=passkey_sign_in(parts, steps.passkeys, starting),
        passkey_checking=steps.passkeys,
        device_keys=device_key_keeping(parts, steps.ceremonies),
        device_key_sign_in=device_key_sign_in(parts, steps.ceremonies, starting),
        bank_details=bank_detail_keeping(parts),
        documents=document_keeping(parts),
        document_reviews=document_reviewing(parts),
        document_purging=document_purging(parts),
        consents=consent_keeping(parts, steps.consents),
        data_export=data_export(parts),
        erasing=erasing(parts, steps),
        invitations=staff_inviting,
        invitation_accepting=invitation_accepting(parts, steps),
        user_listing=UserListing(units=units, clock=clock),
        users=user_managing(parts, steps, inviting=staff_inviting, profile=own_profile),
        purging=Purging(units=units, clock=clock, otp=OtpPurging()),
    )
