"""A session: somebody signed in on one device, and the chain of refresh tokens that keeps it going."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.identity.account_events import SessionRenamed
from multiproduct.domain.identity.authentication_methods import joined, with_second_proof
from multiproduct.domain.identity.events import SessionEnded, SessionRefreshed, SignedIn
from multiproduct.domain.identity.second_factor_events import SteppedUp
from multiproduct.domain.shared import Aggregate


class EndReason(StrEnum):
    """Why a session is over."""

    SIGNED_OUT = "signed_out"
    TOKEN_REUSE = "token_reuse"  # noqa: S105 - a reason, not a token
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    FACTOR_CHANGED = "factor_changed"
    ROLE_CHANGED = "role_changed"
    ADDRESS_CHANGED = "address_changed"
    SUSPENDED = "suspended"
    ERASED = "erased"
    REVOKED = "revoked"


class Refreshed(StrEnum):
    """What presenting a refresh token led to."""

    ROTATED = "rotated"
    """The newest token came: it has a successor now."""
    REPEATED = "repeated"
    """A token superseded a moment ago came again (a retry, another tab): the newest one is given out
    again."""
    REUSED = "reused"
    """A token superseded long ago came: somebody has a copy. The session is over."""
    OVER = "over"
    """The session ended or expired before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPolicy:
    """The figures of the installation. `grace` is the least time for which a superseded token is taken for
    a retry; it is at most three times that (see `Session.refresh`)."""

    access_lifetime: timedelta = timedelta(minutes=10)
    idle_lifetime: timedelta = timedelta(days=30)
    absolute_lifetime: timedelta = timedelta(days=90)
    grace: timedelta = timedelta(seconds=10)


@dataclass(slots=True, kw_only=True)
class Session(Aggregate):
    """Refresh tokens are derived from the id and `counter` under the key `key_id`, so none is stored.

    Two marks tell how long ago a token was superseded, however often the session rotates: `recent_floor` is
    the token that was the newest when the span that began at `span_began_at` opened, `older_floor` the same
    for the span before it. A span lasts at least one grace.
    """

    id: UUID
    user_id: UUID
    key_id: str
    methods: tuple[str, ...]
    created_at: datetime
    authenticated_at: datetime
    last_seen_at: datetime
    idle_expires_at: datetime
    absolute_expires_at: datetime
    ip: str | None = None
    user_agent: str | None = None
    label: str | None = None
    counter: int = 0
    span_began_at: datetime | None = None
    recent_floor: int = 0
    older_floor: int = 0
    ended_at: datetime | None = None
    end_reason: EndReason | None = None

    @classmethod
    def begin(
        cls,
        *,
        id: UUID,
        user_id: UUID,
        key_id: str,
        methods: tuple[str, ...],
        policy: SessionPolicy,
        now: datetime,
        ip: str | None,
        user_agent: str | None,
        is_first: bool = False,
    ) -> "Session":
        """Signs somebody in; `is_first` when they never signed in before."""
        session = cls(
            id=id,
            user_id=user_id,
            key_id=key_id,
            methods=methods,
            created_at=now,
            authenticated_at=now,
            last_seen_at=now,
            idle_expires_at=now + policy.idle_lifetime,
            absolute_expires_at=now + policy.absolute_lifetime,
            ip=ip,
            user_agent=user_agent,
        )
        session._record(
            SignedIn(occurred_at=now, session_id=id, user_id=user_id, methods=methods, is_first=is_first)
        )
        return session

    def is_live(self, *, now: datetime) -> bool:
        """Whether the session still counts."""
        return self.ended_at is None and now < min(self.idle_expires_at, self.absolute_expires_at)

    def refresh(self, presented: int, *, policy: SessionPolicy, now: datetime) -> Refreshed:
        """Judges the token number `presented` and, if it is the newest, moves on to its successor.

        A token superseded less than one grace ago is always taken for a retry; one superseded more than three
        graces ago never. In between either may be: two marks a span apart stand for the whole history,
        so that the state stays the same size however many clients rotate the session at once.
        """
        if not self.is_live(now=now) or presented > self.counter:
            return Refreshed.OVER
        if presented == self.counter:
            self._rotate(policy=policy, now=now)
            return Refreshed.ROTATED
        if presented >= self._floor(policy=policy, now=now):
            return Refreshed.REPEATED
        self.end(EndReason.TOKEN_REUSE, now=now)
        return Refreshed.REUSED

    def proved_again(self, methods: tuple[str, ...], *, now: datetime) -> None:
        """The person proved once more who they are, by these methods (RFC 8176)."""
        self.authenticated_at = now
        self.methods = joined(self.methods, methods)
        self._record(SteppedUp(occurred_at=now, session_id=self.id, user_id=self.user_id, methods=methods))

    def proved_factor_again(self, methods: tuple[str, ...], *, now: datetime) -> None:
        """The same by a second factor of theirs: where it is of another kind than what was proved before, the
        session was proved by two."""
        self.proved_again(methods, now=now)
        self.methods = with_second_proof(self.methods, methods)

    def set_up_factor(self, methods: tuple[str, ...]) -> None:
        """A second factor was set up here, and used. That tells nothing about who holds the session: it is as
        recent as it was."""
        self.methods = with_second_proof(self.methods, methods)

    def rename(self, label: str | None, *, now: datetime) -> None:
        """Gives the device a name of the person's own, or takes it away."""
        if label == self.label:
            return
        self.label = label
        self._record(SessionRenamed(occurred_at=now, session_id=self.id, user_id=self.user_id))

    def rekey(self, key_id: str) -> None:
        """From now on its tokens are derived under another key, so that an older one can be retired."""
        self.key_id = key_id

    def end(self, reason: EndReason, *, now: datetime) -> None:
        """Ends the session; ending it again changes nothing."""
        if self.ended_at is not None:
            return
        self.ended_at = now
        self.end_reason = reason
        self._record(
            SessionEnded(occurred_at=now, session_id=self.id, user_id=self.user_id, reason=reason.value)
        )

    def _rotate(self, *, policy: SessionPolicy, now: datetime) -> None:
        if self.span_began_at is None or now - self.span_began_at >= policy.grace:
            fresh = self.span_began_at is None or now - self.span_began_at >= 2 * policy.grace
            self.older_floor = self.counter if fresh else self.recent_floor
            self.recent_floor = self.counter
            self.span_began_at = now
        self.counter += 1
        self.last_seen_at = now
        self.idle_expires_at = now + policy.idle_lifetime
        self._record(
            SessionRefreshed(occurred_at=now, session_id=self.id, user_id=self.user_id, counter=self.counter)
        )

    def _floor(self, *, policy: SessionPolicy, now: datetime) -> int:
        """The oldest token that is still taken for a retry."""
        if self.span_began_at is None:
            return self.counter
        age = now - self.span_began_at
        if age < policy.grace:
            return self.older_floor
        if age < 2 * policy.grace:
            return self.recent_floor
        return self.counter
