"""Identity's own parts of what is handed out to somebody who asks for their data."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol
from uuid import UUID

from pydantic import TypeAdapter

from multiproduct.application.identity.bank_detail_keeping import opened
from multiproduct.application.identity.document_results import ConsentView, DocumentView
from multiproduct.application.identity.personal_data import MOST_RECORDS, PersonalDataSource
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import UserView
from multiproduct.application.ports.audit_trail import AuditFilter, AuditTrail
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.sealing import Sealing
from multiproduct.domain.shared import Unavailable

_JSON: TypeAdapter[Any] = TypeAdapter(Any)


class AuditedView(Protocol):
    """A view with the audit log."""

    @property
    def audit_trail(self) -> AuditTrail: ...


class ProfileSource:
    """The account itself."""

    name = "profile"

    async def export(self, view: IdentityUnit, user_id: UUID) -> Any:
        """As the person sees it."""
        user = await view.users.find(user_id)
        return None if user is None else UserView.of(user).model_dump(mode="json")


class SessionsSource:
    """Where the person is signed in."""

    name = "sessions"

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def export(self, view: IdentityUnit, user_id: UUID) -> Any:
        """The live ones, those seen last first."""
        found = await view.sessions.of_user(user_id, now=self._clock.now(), limit=MOST_RECORDS)
        return [
            _plain(
                id=session.id,
                created_at=session.created_at,
                last_seen_at=session.last_seen_at,
                ip=session.ip,
                user_agent=session.user_agent,
                methods=session.methods,
            )
            for session in found
        ]


class SignInMethodsSource:
    """By what the person can show who they are; never the secrets themselves."""

    name = "sign_in_methods"

    async def export(self, view: IdentityUnit, user_id: UUID) -> Any:
        """Keys, apps, codes and linked accounts."""
        user = await view.users.find(user_id)
        passkeys = await view.passkeys.of_user(user_id)
        device_keys = await view.device_keys.of_user(user_id)
        apps = await view.totp_factors.of_user(user_id)
        linked = await view.social_accounts.of_user(user_id)
        return {
            "password": user is not None and user.password_hash is not None,
            "passkeys": [
                _plain(name=key.name, created_at=key.created_at, last_used_at=key.last_used_at)
                for key in passkeys
            ],
            "device_keys": [
                _plain(name=key.name, created_at=key.created_at, last_used_at=key.last_used_at)
                for key in device_keys
            ],
            "authenticator_apps": [_plain(name=app.name, created_at=app.created_at) for app in apps],
            "texted_codes": await view.sms_factors.find(user_id) is not None,
            "unused_recovery_codes": len(await view.recovery_codes.unused(user_id)),
            "linked_accounts": [
                _plain(
                    provider=account.provider,
                    subject=account.subject,
                    email=account.email,
                    linked_at=account.linked_at,
                    last_used_at=account.last_used_at,
                )
                for account in linked
            ],
        }


class RolesSource:
    """What the person may do where."""

    name = "roles"

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def export(self, view: IdentityUnit, user_id: UUID) -> Any:
        """Those that have not expired."""
        held = await view.role_assignments.of_user(user_id, now=self._clock.now())
        return [
            _plain(role=each.role, scope=each.scope, granted_at=each.granted_at, expires_at=each.expires_at)
            for each in held
        ]


class BankDetailsSource:
    """Where the person's money goes, in full: it is their own."""

    name = "bank_details"

    def __init__(self, *, sealing: Sealing) -> None:
        self._sealing = sealing

    async def export(self, view: IdentityUnit, user_id: UUID) -> Any:
        """The details, or null. Where they cannot be opened that is told, and the rest is exported."""
        record = await view.bank_details.find(user_id)
        if record is None:
            return None
        try:
            return asdict(opened(self._sealing, record))
        except Unavailable:
            return {"unreadable": True}


class DocumentsSource:
    """What the person handed in. The files themselves are read where the documents are."""

    name = "documents"

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def export(self, view: IdentityUnit, user_id: UUID) -> Any:
        """As the person sees them."""
        found = await view.documents.of_user(user_id, limit=MOST_RECORDS)
        now = self._clock.now()
        return [DocumentView.of(each, now=now).model_dump(mode="json") for each in found]


class ConsentsSource:
    """What the person agreed to, and to what no more."""

    name = "consents"

    async def export(self, view: IdentityUnit, user_id: UUID) -> Any:
        """The log, the newest line first."""
        found = await view.consents.of_user(user_id, limit=MOST_RECORDS)
        return [ConsentView.of(each).model_dump(mode="json") for each in found]


class ActivitySource:
    """What the audit log has about the person."""

    name = "activity"

    async def export(self, view: AuditedView, user_id: UUID) -> Any:
        """The newest entries first. Ip and user agent only where the person acted: others' are theirs."""
        wanted = AuditFilter(user_id=str(user_id))
        found = await view.audit_trail.find(wanted, limit=MOST_RECORDS)
        return [
            _plain(
                occurred_at=entry.occurred_at,
                event=entry.event,
                action=entry.action,
                changes=entry.changes,
                **({"ip": entry.ip, "user_agent": entry.user_agent} if _is_own(entry, user_id) else {}),
            )
            for entry in found
        ]


def identity_sources(*, clock: Clock, sealing: Sealing) -> Sequence[PersonalDataSource]:
    """All of them."""
    return (
        ProfileSource(),
        SessionsSource(clock=clock),
        SignInMethodsSource(),
        RolesSource(clock=clock),
        BankDetailsSource(sealing=sealing),
        DocumentsSource(clock=clock),
        ConsentsSource(),
        ActivitySource(),
    )


def _is_own(entry: Any, user_id: UUID) -> bool:
    return bool(entry.actor_id == str(user_id))


def _plain(**fields: Any) -> dict[str, Any]:
    """JSON values."""
    plain: dict[str, Any] = _JSON.dump_python(fields, mode="json")
    return plain
