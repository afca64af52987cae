"""What identity needs: its repositories, and signed tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from multiproduct.application.idempotency import IdempotencyRecords
from multiproduct.application.identity.administration_ports import (
    Invitations,
    People,
    PersonalRows,
    SealedRecords,
    UsernameTombstones,
)
from multiproduct.application.identity.ceremony_ports import CeremonyChallenges
from multiproduct.application.identity.consent_ports import Consents
from multiproduct.application.identity.contact_change_ports import ContactChanges
from multiproduct.application.identity.device_key_ports import DeviceKeys
from multiproduct.application.identity.document_ports import Documents
from multiproduct.application.identity.passkey_ports import Passkeys
from multiproduct.application.identity.picture_ports import Pictures
from multiproduct.application.identity.role_ports import Grant, RoleAssignments, Roles
from multiproduct.application.identity.second_factor_ports import (
    PendingSignIns,
    RecoveryCodes,
    SealedRows,
    SmsFactors,
    TotpFactors,
)
from multiproduct.application.identity.sign_in_failure_ports import SignInFailureCounts
from multiproduct.application.identity.social_ports import SocialAccounts, SocialNonces, SocialStates
from multiproduct.application.otp.ports import OtpUnit
from multiproduct.domain.identity import PLATFORM, EndReason, PendingRegistration, Session, User


class Users(Protocol):
    """Keeps users. The unique indexes on user name, e-mail and telephone keys are the only truth about who
    has them."""

    async def add(self, user: User) -> None:
        """Keeps a new user, with an assignment for each of its roles. Raises UsernameTaken, EmailTaken,
        PhoneTaken, UnknownRole; the unit can go on after each."""
        ...

    async def save(self, user: User) -> None:
        """Writes a user, less the roles, unless somebody saved it since it was loaded. Raises StaleAggregate,
        and UsernameTaken, EmailTaken, PhoneTaken as `add` does."""
        ...

    async def signed_in(self, user: User, *, now: datetime) -> None:
        """Writes when the user last signed in, unless somebody saved it since it was loaded. Any number may
        sign in as one user at once: the version stays as it is. Raises StaleAggregate."""
        ...

    async def find(self, id: UUID) -> User | None:
        """The user, whatever its status."""
        ...

    async def find_by_username(self, key: str) -> User | None:
        """By the user name's key."""
        ...

    async def find_by_email(self, key: str) -> User | None:
        """By the e-mail address' key."""
        ...

    async def find_by_phone(self, key: str) -> User | None:
        """By E.164 number."""
        ...

    async def usernames_taken(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of the keys somebody has: one index-only query for all, at most 100."""
        ...


class PendingRegistrations(Protocol):
    """Keeps registrations until they are proved or expire."""

    async def add(self, pending: PendingRegistration) -> None:
        """Keeps a new one."""
        ...

    async def find(self, id: UUID) -> PendingRegistration | None:
        """By the id of its challenge."""
        ...

    async def of_address(
        self, *, email_key: str | None, phone_key: str | None, limit: int
    ) -> Sequence[PendingRegistration]:
        """Those kept for an address, also when their time is over, the newest first, at most `limit`."""
        ...

    async def remove_rivals(self, *, email_key: str | None, phone_key: str | None) -> int:
        """Removes every pending registration for an address that found its owner; answers how many."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment, at most `limit`; answers how many."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStanding:
    """What must be known of a session and its user at every request."""

    session_id: UUID
    user_id: UUID
    is_live: bool
    methods: tuple[str, ...]
    authenticated_at: datetime
    grants: frozenset[Grant] = frozenset()
    locale: str | None = None

    @property
    def roles(self) -> frozenset[str]:
        """The keys of the roles that hold everywhere."""
        return frozenset(grant.role for grant in self.grants if grant.scope == PLATFORM)

    @property
    def permissions(self) -> dict[str, frozenset[str]]:
        """What is permitted, by scope."""
        by_scope: dict[str, frozenset[str]] = {}
        for grant in self.grants:
            by_scope[grant.scope] = by_scope.get(grant.scope, frozenset()) | grant.permissions
        return by_scope


class Sessions(Protocol):
    """Keeps sessions."""

    async def add(self, session: Session) -> None:
        """Keeps a new session."""
        ...

    async def hold(self, id: UUID) -> Session | None:
        """The session, held by this unit until it ends: refresh, logout and revocation wait for one
        another."""
        ...

    async def save(self, session: Session) -> None:
        """Writes a session that this unit holds."""
        ...

    async def standing(self, id: UUID, *, now: datetime) -> SessionStanding | None:
        """Session, user and what the user may do at this moment, in one query; `is_live` is false when either
        session or user is over."""
        ...

    async def end_all(
        self, user_id: UUID, *, reason: EndReason, now: datetime, besides: UUID | None = None
    ) -> Sequence[UUID]:
        """Ends every live session of a user, one excepted, in one statement; answers which. Records their
        events. Sign-ins of the user that wait for a second factor are void from then on: one that is
        completed at the same moment has its session ended, or does not begin one."""
        ...

    async def of_user(self, user_id: UUID, *, now: datetime, limit: int) -> Sequence[Session]:
        """The live sessions of a user, those seen last first, at most `limit`."""
        ...

    async def used_before(
        self, user_id: UUID, *, since: datetime, besides: UUID, limit: int
    ) -> Sequence[tuple[str | None, str | None]]:
        """User agent and ip of the sessions of a user that were seen at that moment or later, whether or not
        they are over, one excepted: each pair once, at most `limit`."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes sessions that ended or expired before the moment, at most `limit`; answers how many."""
        ...


class IdentityUnit(OtpUnit, Protocol):
    """This context's slice of a unit of work, with that of the contexts below it."""

    @property
    def users(self) -> Users: ...
    @property
    def pending_registrations(self) -> PendingRegistrations: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def roles(self) -> Roles: ...
    @property
    def role_assignments(self) -> RoleAssignments: ...
    @property
    def passkeys(self) -> Passkeys: ...
    @property
    def device_keys(self) -> DeviceKeys: ...
    @property
    def ceremony_challenges(self) -> CeremonyChallenges: ...
    @property
    def social_accounts(self) -> SocialAccounts: ...
    @property
    def social_states(self) -> SocialStates: ...
    @property
    def social_nonces(self) -> SocialNonces: ...
    @property
    def sign_in_failures(self) -> SignInFailureCounts: ...
    @property
    def totp_factors(self) -> TotpFactors: ...
    @property
    def recovery_codes(self) -> RecoveryCodes: ...
    @property
    def sms_factors(self) -> SmsFactors: ...
    @property
    def pending_sign_ins(self) -> PendingSignIns: ...
    @property
    def sealed_rows(self) -> Mapping[str, SealedRows]: ...
    @property
    def contact_changes(self) -> ContactChanges: ...
    @property
    def pictures(self) -> Pictures: ...
    @property
    def documents(self) -> Documents: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def people(self) -> People: ...
    @property
    def invitations(self) -> Invitations: ...
    @property
    def username_tombstones(self) -> UsernameTombstones: ...
    @property
    def bank_details(self) -> SealedRecords: ...
    @property
    def farewells(self) -> SealedRecords: ...
    @property
    def personal_rows(self) -> PersonalRows: ...
    @property
    def idempotency(self) -> IdempotencyRecords: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """What an access token says."""

    user_id: UUID
    session_id: UUID
    expires_at: datetime


class AccessTokens(Protocol):
    """Signs and checks access tokens (JWT, RFC 9068). Times are judged by the business clock.

    A checked signature may be remembered until the token expires; the session's state never is.
    """

    def issue(self, claims: AccessClaims, *, now: datetime) -> str:
        """A signed token with a fresh `jti`."""
        ...

    def read(self, token: str, *, now: datetime) -> AccessClaims | None:
        """The claims of a token that is well-formed and signed by a known key for this audience; None for
        what is no such token. Raises TokenExpired for one that is, and whose time is over."""
        ...

    def public_keys(self) -> dict[str, Any]:
        """The JSON Web Key Set (RFC 7517) that tokens can be checked with."""
        ...
