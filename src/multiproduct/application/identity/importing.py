"""Bringing people over from another system, with the passwords they have there."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import ValidationError

from multiproduct.application.caller import Caller
from multiproduct.application.identity.contacts import Contacts
from multiproduct.application.identity.import_commands import (
    ImportedUser,
    ImportReport,
    ImportUsers,
    RefusedRow,
)
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.moments import EARLIEST, LATEST
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    EmailAddress,
    EmailTaken,
    PhoneNumber,
    PhoneTaken,
    User,
    Username,
    UsernameTaken,
    UserStatus,
)
from multiproduct.domain.identity.roles import USERS_CREATE
from multiproduct.domain.shared import FieldProblem, InvalidInput, uuid4_from

_MAX_GENERATED_NAMES = 8
_UNUSABLE = "!"  # how Django marks an account without a password
_TAKEN = {UsernameTaken: "username", EmailTaken: "email", PhoneTaken: "phone"}


class _Fate(StrEnum):
    IMPORTED = "imported"
    PRESENT = "present"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Newcomer:
    """A row whose fields were read. Without `id` the person is known by the addresses."""

    row: int
    id: UUID | None
    username: Username | None
    email: EmailAddress | None
    phone: PhoneNumber | None
    password_hash: str | None = field(repr=False)
    locale: str
    time_zone: str
    sent: ImportedUser


class Importing:
    """Needs the permission `identity.user.create`, or the system itself.

    Running the same batch again changes nothing: a person is known by the external id, from which the id here
    is derived, or else by e-mail address or telephone number. Nobody who is here already is changed, and
    nobody is sent anything.
    """

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        contacts: Contacts,
        hasher: PasswordHasher,
        usernames: UsernameChecking,
        locales: Locales,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._contacts = contacts
        self._hasher = hasher
        self._usernames = usernames
        self._locales = locales

    async def import_users(self, command: ImportUsers, caller: Caller) -> ImportReport:
        """Imports what can be imported, and reports the rows that cannot. Raises Unauthenticated, Forbidden,
        Unavailable."""
        caller.require(USERS_CREATE)
        refused: list[RefusedRow] = []
        newcomers: list[_Newcomer] = []
        for number, row in enumerate(command.rows):
            try:
                newcomers.append(self._read(number, row, command.source))
            except InvalidInput as error:
                problems = [f"{problem.field}: {problem.code}" for problem in error.problems]
                refused.append(RefusedRow(row=number, problems=problems))

        async def body(unit: IdentityUnit) -> tuple[list[_Fate], list[RefusedRow]]:
            return await self._add_all(unit, newcomers, command.source)

        fates, clashing = await in_unit(lambda: self._units.open(caller), body)
        return ImportReport(
            imported=fates.count(_Fate.IMPORTED),
            present=fates.count(_Fate.PRESENT),
            refused=sorted([*refused, *clashing], key=lambda each: each.row),
        )

    def _read(self, number: int, row: dict[str, object], source: str) -> _Newcomer:
        sent = _validated(row)
        findings = InputFindings()
        email = findings.read(lambda: EmailAddress.parse(sent.email) if sent.email else None, "email")
        phone = findings.read(lambda: self._contacts.phone(sent.phone) if sent.phone else None, "phone")
        username = findings.read(
            lambda: Username.imported(sent.username) if sent.username else None, "username"
        )
        password_hash = findings.read(lambda: self._hash(sent.password_hash), "password_hash")
        locale = findings.read(lambda: self._locales.locale(sent.locale or None, default="en"), "locale")
        time_zone = findings.read(lambda: self._locales.time_zone(sent.time_zone or None), "time_zone")
        findings.read(lambda: _aware(sent.created_at), "created_at")
        if not sent.email and not sent.phone:
            findings.read(_nothing_to_reach_them_by)
        findings.refuse()
        return _Newcomer(
            row=number,
            id=_derived_id(source, sent.external_id) if sent.external_id else None,
            username=username,
            email=email,
            phone=phone,
            password_hash=password_hash,
            locale=locale or "en",
            time_zone=time_zone or "UTC",
            sent=sent,
        )

    def _hash(self, hashed: str | None) -> str | None:
        if not hashed or hashed.startswith(_UNUSABLE):
            return None
        if not self._hasher.takes(hashed):
            raise InvalidInput(FieldProblem("password_hash", "not_allowed"))
        return hashed

    async def _add_all(
        self, unit: IdentityUnit, newcomers: list[_Newcomer], source: str
    ) -> tuple[list[_Fate], list[RefusedRow]]:
        fates: list[_Fate] = []
        refused: list[RefusedRow] = []
        for newcomer in newcomers:
            try:
                fates.append(await self._add(unit, newcomer, source))
            except (UsernameTaken, EmailTaken, PhoneTaken) as error:
                problem = f"{_TAKEN[type(error)]}: {error.code}"
                refused.append(RefusedRow(row=newcomer.row, problems=[problem]))
        await unit.commit()
        return fates, refused

    async def _add(self, unit: IdentityUnit, newcomer: _Newcomer, source: str) -> _Fate:
        if await self._is_present(unit, newcomer):
            return _Fate.PRESENT
        if newcomer.username is not None:
            await self._add_as(unit, newcomer, newcomer.username, source)
            return _Fate.IMPORTED
        *names, last = self._usernames.generated(_MAX_GENERATED_NAMES)
        for name in names:
            with suppress(UsernameTaken):
                await self._add_as(unit, newcomer, name, source)
                return _Fate.IMPORTED
        await self._add_as(unit, newcomer, last, source)
        return _Fate.IMPORTED

    async def _add_as(self, unit: IdentityUnit, newcomer: _Newcomer, name: Username, source: str) -> None:
        now = self._clock.now()
        user = self._user(newcomer, name, now)
        user.imported(source=source, now=now)
        await unit.users.add(user)
        unit.forget(*self._usernames.cache_keys(name.key))

    @staticmethod
    async def _is_present(unit: IdentityUnit, newcomer: _Newcomer) -> bool:
        if newcomer.id is not None:
            return await unit.users.find(newcomer.id) is not None
        if newcomer.email is not None:
            return await unit.users.find_by_email(newcomer.email.key) is not None
        return newcomer.phone is not None and await unit.users.find_by_phone(str(newcomer.phone)) is not None

    def _user(self, newcomer: _Newcomer, name: Username, now: datetime) -> User:
        sent = newcomer.sent
        return User(
            id=newcomer.id or self._ids.for_user(),
            username=name,
            username_generated=newcomer.username is None,
            email=newcomer.email,
            phone=newcomer.phone,
            password_hash=newcomer.password_hash,
            first_name=sent.first_name,
            last_name=sent.last_name,
            locale=newcomer.locale,
            time_zone=newcomer.time_zone,
            email_verified=newcomer.email is not None and sent.email_verified,
            phone_verified=newcomer.phone is not None and sent.phone_verified,
            status=UserStatus.ACTIVE if sent.is_active else UserStatus.SUSPENDED,
            created_at=_aware(sent.created_at) or now,
            updated_at=now,
        )


def _validated(row: dict[str, object]) -> ImportedUser:
    try:
        return ImportedUser.model_validate(row)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidInput(
            *(FieldProblem(".".join(map(str, problem["loc"])), problem["type"]) for problem in found)
        ) from None


def _nothing_to_reach_them_by() -> None:
    raise InvalidInput(FieldProblem("email", "required"))


def _derived_id(source: str, external_id: str) -> UUID:
    digest = hashlib.sha256(f"multiproduct/import/v1\0{source}\0{external_id}".encode()).digest()
    return uuid4_from(digest[:16])


def _aware(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    if not EARLIEST <= aware <= LATEST:
        raise InvalidInput(FieldProblem("created_at", "invalid_date"))
    return aware.astimezone(UTC)
