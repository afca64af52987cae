"""What identity does when it hears of an event."""

from typing import Protocol

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity.new_devices import notice_new_device
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.ports.todos import TodoCompletion
from multiproduct.application.ports.unit_of_work import UnitOfWork, Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.identity import SignedIn, UserRegistered
from multiproduct.domain.identity.usernames import canonical_key


class TodoUnit(UnitOfWork, Protocol):
    """The slice in which a reaction completes its todo."""

    @property
    def todos(self) -> TodoCompletion: ...


class IdentityReactions:
    """Two that join the commit, and one that mends the caches should the process die right after it."""

    def __init__(self, *, units: Units[TodoUnit], usernames: UsernameChecking) -> None:
        self._units = units
        self._usernames = usernames

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.join(UserRegistered, drop_rival_registrations)
        table.join(SignedIn, notice_new_device)
        table.defer(UserRegistered, "identity.forget_username", self.forget_username)

    async def forget_username(self, event: UserRegistered, heard: Heard) -> None:
        """Drops a cached "free" for a claimed name, which the committing process also did if it lived."""
        async with self._units.open(SYSTEM) as unit:
            unit.forget(*self._usernames.cache_keys(canonical_key(event.username)))
            await unit.todos.complete(heard.todo)
            await unit.commit()


async def drop_rival_registrations(unit: IdentityUnit, event: UserRegistered) -> None:
    """The address has its owner: whatever else was pending for it can never be proved, this one included."""
    user = await unit.users.find(event.user_id)
    if user is None:
        return
    await unit.pending_registrations.remove_rivals(
        email_key=user.email.key if user.email else None,
        phone_key=str(user.phone) if user.phone else None,
    )
