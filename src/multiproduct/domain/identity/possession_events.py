"""What happens to addresses that nobody had proved once somebody proves one. No event holds an address."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _AddressEvent(Event):
    """`kind` is `email` or `phone`."""

    RESOURCE = "user"

    user_id: UUID
    kind: str

    @property
    def resource_id(self) -> str:
        return str(self.user_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PossessionTaken(_AddressEvent):
    """Somebody was the first to prove the account's address. Every way in that was there before, and every
    session, is gone: nobody knows who left them."""

    NAME = "identity.possession_taken"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressLost(_AddressEvent):
    """The account had an address that it never proved. Whoever holds it turned up."""

    NAME = "identity.address_lost"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


POSSESSION_EVENTS: tuple[type[Event], ...] = (PossessionTaken, AddressLost)
