"""Builders of what stores keep: each call makes one that nothing else has, with every field at a plain value.

The `unusual` ones have every field at a value that a careless mapping would lose.
"""

import itertools
import os
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from multiproduct.application.caller import Caller, Principal
from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus
from multiproduct.domain.identity import (
    PLATFORM,
    AgreedTo,
    Assertion,
    CeremonyChallenge,
    CeremonyPurpose,
    DeviceKey,
    DeviceKeyState,
    EmailAddress,
    EndReason,
    Gender,
    KeyStorage,
    Passkey,
    PendingRegistration,
    PhoneNumber,
    PostalAddress,
    Role,
    RoleAssignment,
    Session,
    SessionPolicy,
    User,
    Username,
    UserStatus,
    UserVerification,
)
from multiproduct.domain.identity.device_key import key_id_of
from multiproduct.domain.otp import Challenge, Channel, GuessBudget, OtpPolicy, Purpose
from multiproduct.domain.shared import uuid4_from, uuid7_from

NOW = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
"""The present of the contracts, by the business clock."""
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
UNUSUAL_TEXT = "Łódź 'quoted' \"twice\" \\ {a: [1, 2]}, 夢 🎉 e\u0301 %s :name ; -- "
"""A careless store would change it: several scripts, quotes, a combining accent, a space at the end."""

_numbers = itertools.count(1)


def a_uuid() -> UUID:
    """A version 7 identifier."""
    return uuid7_from(milliseconds=time.time_ns() // 1_000_000, randomness=os.urandom(10))


def a_user_id() -> UUID:
    """A version 4 identifier."""
    return uuid4_from(os.urandom(16))


def an_email(name: str | None = None) -> EmailAddress:
    """`name` at example.com; one of its own if no name is given."""
    local = name or f"person{next(_numbers)}"
    return EmailAddress(display=f"{local}@example.com", key=f"{local.lower()}@example.com")


def a_phone() -> PhoneNumber:
    """A telephone number that nobody else has."""
    return PhoneNumber(e164=f"+8869{next(_numbers):08d}")


def a_username(name: str | None = None) -> Username:
    """`name`, or one that nobody else has."""
    display = name or f"Person{next(_numbers)}"
    return Username(display=display, key=display.lower())


def a_user(
    *,
    id: UUID | None = None,
    username: str | None = None,
    email: str | None = None,
    phone: PhoneNumber | None = None,
    password_hash: str | None = None,
    now: datetime = NOW,
) -> User:
    """An active user with an e-mail address; `email` is what stands before the @."""
    return User(
        id=id or a_user_id(),
        username=a_username(username),
        email=an_email(email),
        phone=phone,
        password_hash=password_hash,
        first_name="Ada",
        last_name="Lovelace",
        email_verified=True,
        created_at=now,
        updated_at=now,
    )


def an_unusual_user() -> User:
    """A user with every field set to something that is not its default."""
    number = next(_numbers)
    return User(
        id=a_user_id(),
        username=Username(display=f"Ünï.Çode_{number}", key=f"unicode_{number}"),
        email=EmailAddress(
            display=f"Mixed.Case+{number}@Exämple.org", key=f"mixed+{number}@xn--exmple-cua.org"
        ),
        phone=a_phone(),
        password_hash="$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",
        first_name=UNUSUAL_TEXT,
        last_name="O'Neill-de la Cruz",
        gender=Gender.UNDISCLOSED,
        date_of_birth=date(1904, 2, 29),
        address=PostalAddress(
            line1="1 'Main' St", line2="夢 2F", city="Łódź", region="R", postal_code="00-001", country="PL"
        ),
        avatar="https://example.com/a.png?x=1&y=%20",
        locale="zh-Hant",
        time_zone="America/Argentina/Buenos_Aires",
        email_verified=True,
        phone_verified=True,
        username_generated=True,
        status=UserStatus.SUSPENDED,
        roles=frozenset({"admin", "market_owner"}),
        created_at=NOW + timedelta(microseconds=1),
        updated_at=NOW + timedelta(microseconds=2),
        last_login_at=NOW + timedelta(days=365, microseconds=999_999),
    )


def a_challenge(
    *,
    purpose: Purpose = Purpose.LOGIN,
    subject: str | None = None,
    now: datetime = NOW,
    policy: OtpPolicy | None = None,
) -> Challenge:
    """A live challenge sent by e-mail to an address of its own."""
    key = subject or an_email().key
    return Challenge.issue(
        id=a_uuid(),
        purpose=purpose,
        channel=Channel.EMAIL,
        subject=key,
        address=key,
        locale="en",
        key_id="k1",
        policy=policy or OtpPolicy(),
        muted=False,
        now=now,
    )


def an_unusual_challenge() -> Challenge:
    """A challenge with every field set to something that is not its default."""
    return Challenge(
        id=a_uuid(),
        purpose=Purpose.PHONE_CHANGE,
        channel=Channel.SMS,
        subject="+886912345678",
        address=UNUSUAL_TEXT,
        locale="pt-BR",
        key_id="key.2026-03",
        created_at=NOW + timedelta(microseconds=1),
        expires_at=NOW + timedelta(days=400, microseconds=999_999),
        max_attempts=7,
        generation=3,
        attempts=6,
        used_at=NOW + timedelta(microseconds=2),
        voided_at=NOW + timedelta(microseconds=3),
    )


def a_guess_budget(*, key: str | None = None) -> GuessBudget:
    """An unused budget of an address of its own."""
    return GuessBudget(key=key or f"subject{next(_numbers)}")


def an_unusual_guess_budget() -> GuessBudget:
    """A budget with every field set to something that is not its default."""
    return GuessBudget(
        key=f"subject{next(_numbers)}",
        failures=(NOW - DAY, NOW + timedelta(microseconds=1)),
        resends=(NOW - HOUR, NOW - MINUTE, NOW + timedelta(microseconds=2)),
        mails={Purpose.LOGIN: (NOW - MINUTE, NOW), Purpose.REGISTRATION: (NOW - DAY,)},
        voids=4,
        last_voided_at=NOW + timedelta(microseconds=3),
        last_sent_at=NOW + timedelta(microseconds=4),
    )


def a_session(*, user_id: UUID, now: datetime = NOW, policy: SessionPolicy | None = None) -> Session:
    """A session that has just begun."""
    return Session.begin(
        id=a_uuid(),
        user_id=user_id,
        key_id="k1",
        methods=("pwd",),
        policy=policy or SessionPolicy(),
        now=now,
        ip="192.0.2.1",
        user_agent="a browser",
    )


def an_unusual_session(*, user_id: UUID) -> Session:
    """A session with every field set to something that is not its default."""
    return Session(
        id=a_uuid(),
        user_id=user_id,
        key_id="key.2026-03",
        methods=("pwd", "otp", "a, 'b'"),
        created_at=NOW + timedelta(microseconds=1),
        authenticated_at=NOW + timedelta(microseconds=2),
        last_seen_at=NOW + timedelta(microseconds=3),
        idle_expires_at=NOW + timedelta(days=30, microseconds=4),
        absolute_expires_at=NOW + timedelta(days=90, microseconds=5),
        ip="2001:db8::1",
        user_agent=UNUSUAL_TEXT,
        label=UNUSUAL_TEXT,
        counter=41,
        span_began_at=NOW + timedelta(microseconds=6),
        recent_floor=40,
        older_floor=39,
        ended_at=NOW + timedelta(microseconds=7),
        end_reason=EndReason.TOKEN_REUSE,
    )


def a_ceremony_challenge(*, now: datetime = NOW) -> CeremonyChallenge:
    """A challenge that anybody may answer with a device key, for 60 seconds."""
    return CeremonyChallenge.issue(
        id=a_uuid(),
        purpose=CeremonyPurpose.DEVICE_KEY_SIGN_IN,
        audience="example.com",
        randomness=os.urandom(32),
        user_id=None,
        now=now,
    )


def a_passkey(*, user_id: UUID) -> Passkey:
    """A passkey bound to one device that was not used yet."""
    return Passkey(
        id=a_uuid(),
        user_id=user_id,
        credential_id=os.urandom(32),
        public_key=os.urandom(77),
        sign_count=0,
        aaguid="00000000-0000-0000-0000-000000000000",
        transports=(),
        name="A passkey",
        verifies_user=True,
        is_backup_eligible=False,
        is_backed_up=False,
        created_at=NOW,
    )


def an_assertion(*, sign_count: int, is_backed_up: bool = False) -> Assertion:
    """What an authenticator said that verified its user."""
    return Assertion(
        sign_count=sign_count,
        user_verified=True,
        is_backup_eligible=is_backed_up,
        is_backed_up=is_backed_up,
        user_handle=None,
    )


def a_device_key(*, user_id: UUID) -> DeviceKey:
    """A confirmed key of a device."""
    spki = os.urandom(91)
    return DeviceKey(
        id=a_uuid(),
        user_id=user_id,
        key_id=key_id_of(spki),
        spki=spki,
        name="A telephone",
        user_verification=UserVerification.PLATFORM,
        storage=KeyStorage.HARDWARE,
        state=DeviceKeyState.CONFIRMED,
        created_at=NOW,
    )


def a_role(*, key: str | None = None, permissions: Iterable[str] = (), now: datetime = NOW) -> Role:
    """A custom role."""
    number = next(_numbers)
    return Role(
        id=a_uuid(),
        key=key or f"role_{number}",
        name=f"Role {number}",
        permissions=frozenset(permissions),
        created_at=now,
        updated_at=now,
    )


def an_assignment(
    user: User, role: Role, *, scope: str = PLATFORM, expires_at: datetime | None = None, now: datetime = NOW
) -> RoleAssignment:
    """That a user has a role, given by the system."""
    return RoleAssignment(
        user_id=user.id, role_id=role.id, role=role.key, scope=scope, granted_at=now, expires_at=expires_at
    )


def a_pending_registration(
    *,
    id: UUID | None = None,
    email: EmailAddress | None = None,
    phone: PhoneNumber | None = None,
    now: datetime = NOW,
) -> PendingRegistration:
    """A registration for an address of its own, unless one is given."""
    return PendingRegistration(
        id=id or a_uuid(),
        email=email or (None if phone else an_email()),
        phone=phone,
        username=None,
        password_hash=None,
        first_name="Ada",
        last_name="Lovelace",
        locale="en",
        time_zone="UTC",
        created_at=now,
        expires_at=now + timedelta(hours=24),
    )


def an_unusual_pending_registration() -> PendingRegistration:
    """A registration with every field set to something unusual."""
    return PendingRegistration(
        id=a_uuid(),
        email=EmailAddress(display="Mixed.Case@Exämple.org", key="mixed.case@xn--exmple-cua.org"),
        phone=a_phone(),
        username=Username(display="Ünï.Çode", key="unicode"),
        password_hash="$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",
        first_name=UNUSUAL_TEXT,
        last_name="",
        locale="zh-Hant",
        time_zone="Asia/Taipei",
        created_at=NOW + timedelta(microseconds=1),
        expires_at=NOW + timedelta(days=1, microseconds=999_999),
        consents=(AgreedTo(kind="terms", version=UNUSUAL_TEXT), AgreedTo(kind="a.b", version="2")),
        ip="2001:db8::7",
    )


def a_delivery(
    *,
    event_position: int = 1,
    channel: str = "email",
    user_id: UUID | None = None,
    type_key: str = "identity.code",
    reason: str | None = None,
    now: datetime = NOW,
) -> Delivery:
    """A delivery that has just begun."""
    return Delivery(
        id=a_uuid(),
        event_position=event_position,
        type_key=type_key,
        channel=channel,
        user_id=user_id,
        recipient="a***@example.com",
        status=DeliveryStatus.SENDING,
        reason=reason,
        created_at=now,
    )


def a_caller(*, user_id: UUID | None = None) -> Caller:
    """A signed-in person on the network."""
    return Caller(
        principal=Principal(user_id=user_id or a_user_id(), roles=frozenset({"standard_user"})),
        ip="2001:db8::7",
        user_agent=UNUSUAL_TEXT,
        request_id="request-7",
        locale="de",
    )
