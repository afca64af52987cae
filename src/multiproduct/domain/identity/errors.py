"""Why people and their sessions are turned away."""

from multiproduct.domain.shared import Conflict, Forbidden, MultiproductError, Unauthenticated
from multiproduct.domain.shared.errors import Kind


class InvalidCredentials(Unauthenticated):
    """No such person, a wrong password, or an account that may not sign in: never told apart."""

    code = "invalid_credentials"


class TokenInvalid(Unauthenticated):
    """The token is malformed, forged or unknown, or a refresh token that is not good any more."""

    code = "token_invalid"


class TokenExpired(TokenInvalid):
    """The access token is genuine, and its time is over."""

    code = "token_expired"


class SessionOver(TokenInvalid):
    """The access token is genuine, and its session has ended or expired, or its user may not sign in."""

    code = "session_ended"


class UsernameTaken(Conflict):
    """Somebody else has this user name. `suggestions` are free ones."""

    code = "username_taken"

    def __init__(self, *, username: str, suggestions: tuple[str, ...] = ()) -> None:
        self.suggestions = suggestions
        super().__init__(username=username)


class EmailTaken(Conflict):
    """Somebody else has this e-mail address."""

    code = "email_taken"


class PhoneTaken(Conflict):
    """Somebody else has this telephone number."""

    code = "phone_taken"


class UsernameNotChangeable(Forbidden):
    """The user name was chosen; only a generated one may be changed, and once."""

    code = "username_not_changeable"


class UnknownRole(MultiproductError):
    """There is no such role."""

    code = "role_not_found"
    kind = Kind.NOT_FOUND


class RoleKeyTaken(Conflict):
    """There is a role with this key."""

    code = "role_key_taken"


class RoleIsBuiltIn(Conflict):
    """A built-in role cannot be deleted, and Admin cannot be left with fewer permissions."""

    code = "role_built_in"


class RoleInUse(Conflict):
    """Somebody has the role, so that it cannot be deleted."""

    code = "role_in_use"


class LastAdmin(Conflict):
    """Nobody else who may sign in is Admin of the platform without an expiry."""

    code = "last_admin"


class TooManyRoles(Conflict):
    """There are as many roles, or somebody has as many, as there can be: `max`."""

    code = "too_many_roles"


class BeyondOwnPermissions(Forbidden):
    """Nobody gives, changes or takes away permissions that they do not have themselves."""

    code = "beyond_own_permissions"


class UnknownUser(MultiproductError):
    """There is no such user."""

    code = "user_not_found"
    kind = Kind.NOT_FOUND


class LastWayIn(Conflict):
    """Without it the account could not be signed in to any more."""

    code = "last_way_in"


class CredentialTaken(Conflict):
    """This passkey or device key is registered already."""

    code = "credential_taken"


class TooManyCredentials(Conflict):
    """Nobody may keep more than `max` of these keys."""

    code = "too_many_credentials"


class CredentialRefused(MultiproductError):
    """The answer to a registration challenge is not good, or the challenge is over: never told apart."""

    code = "credential_refused"
    kind = Kind.INVALID
