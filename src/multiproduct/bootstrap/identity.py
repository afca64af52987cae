"""Putting identity together, and the audit log."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from multiproduct.adapters.cryptography import EcdsaDeviceSignatures
from multiproduct.adapters.phonenumbers import MetadataPhoneNumbers
from multiproduct.adapters.pyotp import PyotpTotpCodes
from multiproduct.adapters.segno import SegnoQrCodes
from multiproduct.adapters.webauthn import LibraryPasskeyCeremonies
from multiproduct.application.audit import Audit, AuditParts, wire_audit
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.identity import Identity, NoScanner
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.texting import TextPolicy
from multiproduct.application.identity.wiring import IdentityParts, wire_identity
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.scheduling import Job
from multiproduct.bootstrap.catalogues import every_permission
from multiproduct.bootstrap.outside import breaches_of
from multiproduct.bootstrap.social import listed
from multiproduct.domain.identity import SessionPolicy
from multiproduct.domain.identity.usernames import UsernamePolicy
from multiproduct.settings import Settings
from multiproduct.settings.relying_party import relying_party

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def identity_of(assembly: "Assembly", units: Units[Any]) -> Identity:
    """Identity's use cases on these units."""
    return wire_identity(
        IdentityParts(
            units=units,
            clock=assembly.clock,
            ids=assembly.ids,
            randomness=assembly.randomness,
            peppers=assembly.secrets,
            sealing=assembly.sealing,
            totp_codes=PyotpTotpCodes(randomness=assembly.randomness),
            qr_codes=SegnoQrCodes(),
            totp_window=assembly.settings.totp_window,
            staff_second_factor=assembly.settings.staff_second_factor,
            sms_second_factor=assembly.settings.sms_second_factor,
            social_providers=assembly.social_providers,
            social_redirects=frozenset(listed(assembly.settings.social_redirect_urls)),
            code_book=assembly.code_book,
            hasher=assembly.hasher,
            access_tokens=assembly.access_tokens,
            phone_numbers=MetadataPhoneNumbers(),
            text_policy=TextPolicy(
                is_configured=assembly.texter is not None, countries=assembly.settings.texted_countries
            ),
            breaches=assembly.overrides.breaches or breaches_of(assembly.settings, assembly.web),
            images=assembly.images,
            storage=assembly.storage,
            avatar_max_bytes=assembly.settings.avatar_max_bytes,
            document_max_bytes=assembly.settings.document_max_bytes,
            scanner=assembly.overrides.scanner or NoScanner(),
            brand_name=assembly.settings.brand_name,
            throttle=assembly.throttle,
            idempotency=Idempotency(
                secret=assembly.secrets.current("idempotency"), older=assembly.secrets.older("idempotency")
            ),
            locales=Locales(locales=assembly.translator.locales),
            otp_policy=assembly.otp_policy,
            session_policy=SessionPolicy(
                access_lifetime=timedelta(minutes=assembly.settings.access_token_minutes),
                grace=timedelta(seconds=assembly.settings.refresh_grace_seconds),
            ),
            username_policy=UsernamePolicy.of(brands=[assembly.settings.brand_name]),
            ceremonies=_ceremonies(assembly.settings),
            device_signatures=EcdsaDeviceSignatures(),
            default_region=assembly.settings.default_region,
            personal_data=assembly.personal_data,
            permissions=every_permission(),
            taken=assembly.username_caches.taken,
            cached=assembly.username_caches.answers,
        )
    )


def audit_of(assembly: "Assembly", units: Units[Any]) -> Audit:
    """The audit log's use cases on these units."""
    return wire_audit(
        AuditParts(
            units=units,
            clock=assembly.clock,
            randomness=assembly.randomness,
            translator=assembly.translator,
            keys=assembly.secrets,
        )
    )


def identity_jobs(identity: Identity) -> Sequence[Job]:
    """What is removed once it is over."""
    return [
        Job("identity.purge", timedelta(hours=1), identity.purging.run),
        Job("identity.purge_avatars", timedelta(hours=1), identity.avatar_purging.run),
        Job("identity.purge_documents", timedelta(hours=1), identity.document_purging.run),
    ]


def audit_jobs(audit: Audit) -> Sequence[Job]:
    """Sealing what was written, and forgetting where strangers came from."""
    return [
        # Another process takes over within seconds where one dies at it.
        Job("audit.seal", timedelta(seconds=5), audit.sealing.run, lease=timedelta(seconds=30)),
        Job("audit.forget_strangers", timedelta(hours=1), audit.forgetting.run),
    ]


def _ceremonies(settings: Settings) -> LibraryPasskeyCeremonies:
    party = relying_party(settings.base_url, id=settings.passkey_rp_id, more_origins=settings.passkey_origins)
    return LibraryPasskeyCeremonies(rp_id=party.id, rp_name=settings.brand_name, origins=party.origins)
