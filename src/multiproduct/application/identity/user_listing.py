"""Looking people up: lists and single profiles, of which the audit log tells who looked."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.administration_commands import ListUsers
from multiproduct.application.identity.administration_ports import PeopleFilter, PersonPrefix
from multiproduct.application.identity.administration_results import ManagedUser, UserList
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.moments import EARLIEST, LATEST
from multiproduct.application.paging import decode_cursor, encode_cursor, page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import UnknownUser, User, UserRead, UsersRead, UserStatus
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, USERS_READ
from multiproduct.domain.identity.search_keys import search_key
from multiproduct.domain.identity.usernames import canonical_key
from multiproduct.domain.shared import FieldProblem, InvalidInput

_SHOWN_OF_SEARCH = 2
_PUNCTUATION = str.maketrans("", "", " -().")


class UserListing:
    """Others' data are answered together with a row in the audit log, in one transaction."""

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def find(self, command: ListUsers, caller: Caller) -> UserList:
        """A page of people. Needs `identity.user.read`. Raises InvalidInput for a cursor that is none."""
        caller.require(USERS_READ)
        wanted = _filter_of(command)
        after = _place(command.cursor)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> UserList:
            found = await unit.people.find(wanted, now=now, limit=command.limit + 1, after=after)
            page = page_of(list(found), limit=command.limit, cursor_of=_cursor)
            unit.record(UsersRead(occurred_at=now, asked=_asked(command), found=len(page.items)))
            await unit.commit()
            return UserList(
                items=[ManagedUser.managed(user) for user in page.items], next_cursor=page.next_cursor
            )

        return await in_unit(lambda: self._units.open(caller), body)

    async def read(self, user_id: UUID, caller: Caller) -> ManagedUser:
        """One profile: everybody's own, others' with `identity.user.read`. Raises UnknownUser."""
        own_id = caller.principal.user_id
        caller.require(OWN_PROFILE_READ if own_id == user_id else USERS_READ)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> ManagedUser:
            user = await unit.users.find(user_id)
            if user is None:
                raise UnknownUser
            if own_id != user_id:
                unit.record(UserRead(occurred_at=now, user_id=user_id))
                await unit.commit()
            return ManagedUser.managed(user)

        return await in_unit(lambda: self._units.open(caller), body)


def prefix_of(text: str) -> PersonPrefix:
    """What names begin with, from what somebody typed."""
    digits = text.translate(_PUNCTUATION)
    is_number = digits.removeprefix("+").isascii() and digits.removeprefix("+").isdigit()
    return PersonPrefix(
        username=canonical_key(text),
        email=text.strip().casefold(),
        name=search_key(text),
        phone=f"+{digits.removeprefix('+')}" if is_number else None,
    )


def _filter_of(command: ListUsers) -> PeopleFilter:
    return PeopleFilter(
        status=UserStatus(command.status) if command.status else None,
        role=command.role,
        is_verified=command.verified,
        created_from=command.created_from,
        created_before=command.created_before,
        prefix=prefix_of(command.search) if command.search else None,
    )


def _asked(command: ListUsers) -> dict[str, str]:
    """The filter as the log keeps it: of a search, which can be an address, just how it begins."""
    given = command.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_none=True)
    if command.search:
        given["search"] = f"{command.search[:_SHOWN_OF_SEARCH]}***"
    if command.cursor:
        given["page"] = "further"
    return {name: str(value) for name, value in given.items()}


def _cursor(user: User) -> str:
    return encode_cursor(user.created_at.isoformat(), str(user.id))


def _place(cursor: str | None) -> tuple[datetime, UUID] | None:
    return None if cursor is None else place_of(cursor)


def place_of(cursor: str) -> tuple[datetime, UUID]:
    """The moment of creation and the id in a cursor. Raises InvalidInput."""
    moment, user_id = decode_cursor(cursor, length=2)
    try:
        place = datetime.fromisoformat(moment), UUID(user_id)
        if place[0].tzinfo is None or not EARLIEST <= place[0] <= LATEST:
            raise ValueError
    except (TypeError, ValueError, AttributeError):
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None
    return place
