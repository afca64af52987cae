"""What people are answered about their sessions."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.identity.results import Result
from multiproduct.domain.identity import Session
from multiproduct.domain.identity.devices import device_of


class SessionView(Result):
    """A session as its owner sees it. `name` is the person's own name for it, else that of the device."""

    id: UUID
    name: str | None
    device: str | None
    ip: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    is_current: bool
    methods: list[str]

    @classmethod
    def of(cls, session: Session, *, current: UUID | None) -> "SessionView":
        """Shows a session."""
        device = device_of(session.user_agent).name
        return cls(
            id=session.id,
            name=session.label or device,
            device=device,
            ip=session.ip,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=min(session.idle_expires_at, session.absolute_expires_at),
            is_current=session.id == current,
            methods=list(session.methods),
        )


class SessionList(Result):
    """The live sessions, those seen last first, at most 100."""

    items: list[SessionView]


class SessionsEnded(Result):
    """How many sessions were ended."""

    ended: int
