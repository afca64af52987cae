"""Puts the context's use cases together from the ports they need."""

from collections.abc import Callable
from dataclasses import dataclass

from multiproduct.application.caching import ReadThrough
from multiproduct.application.files import Images, ObjectStorage
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.identity import Identity
from multiproduct.application.identity.administration import Administration
from multiproduct.application.identity.answers import Answers
from multiproduct.application.identity.authenticating import Authenticating
from multiproduct.application.identity.automatic_linking import AutomaticLinking
from multiproduct.application.identity.avatar_purging import AvatarPurging
from multiproduct.application.identity.avatars import Avatars
from multiproduct.application.identity.bank_detail_keeping import BankDetailKeeping
from multiproduct.application.identity.breach_checking import BreachChecking
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.consent_keeping import ConsentLog
from multiproduct.application.identity.contact_changing import ContactChanging
from multiproduct.application.identity.contacts import Contacts
from multiproduct.application.identity.data_export import DataExport
from multiproduct.application.identity.device_key_ports import DeviceSignatures
from multiproduct.application.identity.device_sessions import DeviceSessions
from multiproduct.application.identity.document_ports import FileScanner
from multiproduct.application.identity.document_wiring import (
    consent_keeping,
    document_keeping,
    document_purging,
    document_reviewing,
)
from multiproduct.application.identity.erasing import Erasing
from multiproduct.application.identity.importing import Importing
from multiproduct.application.identity.invitation_accepting import InvitationAccepting
from multiproduct.application.identity.invitation_tokens import InvitationTokens
from multiproduct.application.identity.inviting import Inviting
from multiproduct.application.identity.key_wiring import (
    device_key_keeping,
    device_key_sign_in,
    passkey_keeping,
    passkey_sign_in,
)
from multiproduct.application.identity.link_checking import LinkChecking
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.passkey_checking import CeremonyIssuing, PasskeyChecking
from multiproduct.application.identity.passkey_ports import PasskeyCeremonies
from multiproduct.application.identity.password_change import PasswordChange
from multiproduct.application.identity.password_reset import PasswordReset
from multiproduct.application.identity.personal_data import PersonalDataRegistry
from multiproduct.application.identity.phone_numbers import PhoneNumbers
from multiproduct.application.identity.phone_sign_in import PhoneSignIn
from multiproduct.application.identity.ports import AccessTokens, IdentityUnit
from multiproduct.application.identity.profile import Profile
from multiproduct.application.identity.purging import Purging
from multiproduct.application.identity.refresh_tokens import RefreshTokens
from multiproduct.application.identity.refusal_recording import RefusalRecording
from multiproduct.application.identity.registration import Registration
from multiproduct.application.identity.results import Availability
from multiproduct.application.identity.role_assigning import RoleAssigning
from multiproduct.application.identity.role_keeping import RoleKeeping
from multiproduct.application.identity.second_factor_ports import QrCodes, TotpCodes
from multiproduct.application.identity.second_factor_wiring import (
    resealing,
    second_factor_keeping,
    second_factor_signing_in,
    second_factor_steps,
    sms_factor_keeping,
    stepping_up,
)
from multiproduct.application.identity.session_keeping import SessionKeeping, TokenIssuing
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.identity.sign_in_budget import SignInBudget
from multiproduct.application.identity.signing_in import SigningIn
from multiproduct.application.identity.social_proving import SocialProviders
from multiproduct.application.identity.social_wiring import social_linking, social_proving, social_sign_in
from multiproduct.application.identity.stop_tokens import StopTokens
from multiproduct.application.identity.texting import Texting, TextPolicy
from multiproduct.application.identity.user_listing import UserListing
from multiproduct.application.identity.user_managing import UserManaging
from multiproduct.application.identity.username_answers import UsernameAnswers, UsernameIndex
from multiproduct.application.identity.username_wiring import username_checking
from multiproduct.application.identity.ways_in import WaysInCounting
from multiproduct.application.otp import CodeBook, Issuing, OtpPurging, Peppers, Verification
from multiproduct.application.ports.breaches import BreachedPasswords
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.domain.identity import SessionPolicy
from multiproduct.domain.identity.passwords import PasswordPolicy
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
    """Every use case of the context."""
    units, clock, ids, throttle = parts.units, parts.clock, parts.ids, parts.throttle
    code_book, hasher = parts.code_book, parts.hasher
    passwords = PasswordPolicy(known_words=(parts.brand_name,))
    breaches = BreachChecking(service=parts.breaches)
    texting = Texting(
        units=units,
        clock=clock,
        code_book=code_book,
        phone_numbers=parts.phone_numbers,
        throttle=throttle,
        policy=parts.text_policy,
    )
    contacts = Contacts(phone_numbers=parts.phone_numbers, default_region=parts.default_region)
    issuing = Issuing(ids=ids, code_book=code_book, policy=parts.otp_policy)
    verification = Verification(code_book=code_book)
    sign_in_budget = SignInBudget(clock=clock, code_book=code_book)
    answers = Answers(contacts=contacts, verification=verification)
    refresh_tokens = RefreshTokens(peppers=parts.peppers)
    token_issuing = TokenIssuing(
        access_tokens=parts.access_tokens, refresh_tokens=refresh_tokens, policy=parts.session_policy
    )
    ceremony_issuing = CeremonyIssuing(
        ids=ids, randomness=parts.randomness, audience=parts.ceremonies.audience
    )
    passkey_checking = PasskeyChecking(ceremonies=parts.ceremonies, issuing=ceremony_issuing)
    factors = second_factor_steps(parts, passkey_checking)
    linking = AutomaticLinking(ids=ids)
    consent_log = ConsentLog(ids=ids)
    ways_in = WaysInCounting(texts=parts.text_policy.is_configured)
    starting = SessionStarting(
        ids=ids,
        refresh_tokens=refresh_tokens,
        issuing=token_issuing,
        policy=parts.session_policy,
        second_step=factors.second_step,
    )
    usernames = username_checking(parts)
    codes = CodeRequests(
        units=units,
        clock=clock,
        ids=ids,
        contacts=contacts,
        issuing=issuing,
        verification=verification,
        code_book=code_book,
        policy=parts.otp_policy,
        texting=texting,
        throttle=throttle,
        idempotency=parts.idempotency,
    )
    proving = social_proving(parts)
    invitation_tokens = InvitationTokens(peppers=parts.peppers)
    inviting = Inviting(
        units=units,
        clock=clock,
        ids=ids,
        tokens=invitation_tokens,
        code_book=code_book,
        locales=parts.locales,
        throttle=throttle,
        idempotency=parts.idempotency,
    )
    profile = Profile(units=units, clock=clock, usernames=usernames, locales=parts.locales)
    return Identity(
        registration=Registration(
            units=units,
            clock=clock,
            ids=ids,
            contacts=contacts,
            issuing=issuing,
            answers=answers,
            code_book=code_book,
            hasher=hasher,
            passwords=passwords,
            breaches=breaches,
            texting=texting,
            usernames=usernames,
            locales=parts.locales,
            consents=consent_log,
            throttle=throttle,
            idempotency=parts.idempotency,
        ),
        codes=codes,
        sign_in=SigningIn(
            units=units,
            clock=clock,
            contacts=contacts,
            answers=answers,
            code_requests=codes,
            code_book=code_book,
            hasher=hasher,
            starting=starting,
            budget=sign_in_budget,
            throttle=throttle,
        ),
        sessions=SessionKeeping(
            units=units,
            clock=clock,
            refresh_tokens=refresh_tokens,
            issuing=token_issuing,
            policy=parts.session_policy,
            throttle=throttle,
        ),
        authenticating=Authenticating(
            units=units,
            clock=clock,
            access_tokens=parts.access_tokens,
            staff_second_factor=parts.staff_second_factor,
        ),
        profile=profile,
        password_reset=PasswordReset(
            units=units,
            clock=clock,
            contacts=contacts,
            answers=answers,
            code_requests=codes,
            hasher=hasher,
            passwords=passwords,
            breaches=breaches,
            budget=sign_in_budget,
            texts=factors.texts,
            throttle=throttle,
            idempotency=parts.idempotency,
        ),
        password_change=PasswordChange(
            units=units,
            clock=clock,
            code_book=code_book,
            hasher=hasher,
            passwords=passwords,
            breaches=breaches,
            budget=sign_in_budget,
            throttle=throttle,
        ),
        phone_sign_in=PhoneSignIn(
            units=units,
            clock=clock,
            ids=ids,
            answers=answers,
            code_requests=codes,
            code_book=code_book,
            starting=starting,
            texting=texting,
            usernames=usernames,
            budget=sign_in_budget,
            throttle=throttle,
        ),
        importing=Importing(
            units=units,
            clock=clock,
            ids=ids,
            contacts=contacts,
            hasher=hasher,
            usernames=usernames,
            locales=parts.locales,
        ),
        device_sessions=DeviceSessions(units=units, clock=clock),
        contact_changes=ContactChanging(
            units=units,
            clock=clock,
            contacts=contacts,
            answers=answers,
            issuing=issuing,
            code_book=code_book,
            stop_tokens=StopTokens(peppers=parts.peppers),
            texting=texting,
            throttle=throttle,
            idempotency=parts.idempotency,
        ),
        avatars=Avatars(
            units=units,
            clock=clock,
            ids=ids,
            images=parts.images,
            storage=parts.storage,
            throttle=throttle,
            max_bytes=parts.avatar_max_bytes,
        ),
        avatar_purging=AvatarPurging(units=units, clock=clock, storage=parts.storage),
        social_proving=proving,
        social_sign_in=social_sign_in(parts, proving, starting, linking=linking, usernames=usernames),
        social_linking=social_linking(parts, proving, ways_in),
        second_factor_sign_in=second_factor_signing_in(
            parts, factors, starting, codes=codes, linking=linking
        ),
        sms_factor=sms_factor_keeping(parts, factors, ways_in),
        second_factors=second_factor_keeping(parts, factors),
        step_up=stepping_up(parts, factors, answers=answers, codes=codes),
        resealing=resealing(parts),
        links=LinkChecking(units=units, clock=clock, verification=verification, throttle=throttle),
        usernames=usernames,
        administration=Administration(units=units, clock=clock, ids=ids, hasher=hasher, passwords=passwords),
        roles=RoleKeeping(
            units=units,
            clock=clock,
            ids=ids,
            catalogue=parts.permissions,
            idempotency=parts.idempotency,
        ),
        role_assignments=RoleAssigning(units=units, clock=clock),
        refusals=RefusalRecording(units=units, clock=clock, throttle=throttle),
        passkeys=passkey_keeping(parts, ceremony_issuing, factors.changes, ways_in),
        passkey_sign_in=passkey_sign_in(parts, passkey_checking, starting),
        passkey_checking=passkey_checking,
        device_keys=device_key_keeping(parts, ceremony_issuing),
        device_key_sign_in=device_key_sign_in(parts, ceremony_issuing, starting),
        bank_details=BankDetailKeeping(units=units, clock=clock, ids=ids, sealing=parts.sealing),
        documents=document_keeping(parts),
        document_reviews=document_reviewing(parts),
        document_purging=document_purging(parts),
        consents=consent_keeping(parts, consent_log),
        data_export=DataExport(units=units, clock=clock, registry=parts.personal_data, throttle=throttle),
        erasing=Erasing(
            units=units,
            clock=clock,
            ids=ids,
            sealing=parts.sealing,
            registry=parts.personal_data,
            usernames=usernames,
        ),
        invitations=inviting,
        invitation_accepting=InvitationAccepting(
            units=units,
            clock=clock,
            ids=ids,
            tokens=invitation_tokens,
            hasher=hasher,
            passwords=passwords,
            breaches=breaches,
            usernames=usernames,
            throttle=throttle,
        ),
        user_listing=UserListing(units=units, clock=clock),
        users=UserManaging(
            units=units,
            clock=clock,
            ids=ids,
            inviting=inviting,
            profile=profile,
            usernames=usernames,
            locales=parts.locales,
            idempotency=parts.idempotency,
        ),
        purging=Purging(units=units, clock=clock, otp=OtpPurging()),
    )
