"""Setting up people from the inside: the first administrator, and demo accounts."""

from multiproduct.application.caller import Caller
from multiproduct.application.identity.commands import CreateAdmin
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import UserView
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import BuiltInRole, EmailAddress, User, Username
from multiproduct.domain.identity.passwords import PasswordPolicy, prepared
from multiproduct.domain.shared import Forbidden


class Administration:
    """For the system alone, that is for whoever operates the installation: what is made here has a password
    that somebody else chose and an address that nobody proved. Staff creates and invites people by
    `UserManaging` and `Inviting`."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        hasher: PasswordHasher,
        passwords: PasswordPolicy,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._hasher = hasher
        self._passwords = passwords

    async def create_admin(self, command: CreateAdmin, caller: Caller) -> UserView:
        """Makes an administrator. Raises Unauthenticated, Forbidden, InvalidInput, UsernameTaken,
        EmailTaken."""
        return await self._create(command, BuiltInRole.ADMIN, caller)

    async def create_member(self, command: CreateAdmin, caller: Caller) -> UserView:
        """Makes a standard user whose address counts as verified. Raises as `create_admin` does."""
        return await self._create(command, BuiltInRole.STANDARD_USER, caller)

    async def _create(self, command: CreateAdmin, role: BuiltInRole, caller: Caller) -> UserView:
        if not caller.principal.is_system:
            caller.require_user()
            raise Forbidden
        email = EmailAddress.parse(command.email)
        username = Username.imported(command.username)
        self._passwords.check(command.password, [command.email, command.username])
        password_hash = await self._hasher.hash(prepared(command.password))
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> UserView:
            user = User(
                id=self._ids.for_user(),
                username=username,
                email=email,
                email_verified=True,
                password_hash=password_hash,
                created_at=now,
                updated_at=now,
            )
            user.registered(registration_id=None, now=now)
            user.grant(role, now=now)
            await unit.users.add(user)
            await unit.commit()
            return UserView.of(user)

        return await in_unit(lambda: self._units.open(caller), body)
