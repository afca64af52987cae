"""Why people and their sessions are turned away."""

from multiproduct.domain.shared import Conflict, Forbidden, MultiproductError, Unauthenticated
from multiproduct.domain.shared.errors import Kind


class InvalidCredentials(Unauthenticated):
    """No such person, a wrong password, or an account that may not sign in: never told apart."""

    code = "invalid_credentials"


class TokenInvalid(Unauthenticated):
    """The token is malformed, forged, expired, or of a session that is over."""

    code = "token_invalid"


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


class UnknownUser(MultiproductError):
    """There is no such user."""

    code = "user_not_found"
    kind = Kind.NOT_FOUND
