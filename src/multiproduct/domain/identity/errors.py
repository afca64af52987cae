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


class PasswordThere(Conflict):
    """The account has a password already, which is changed by giving it."""

    code = "password_there"


class NoPasswordYet(Conflict):
    """The account has no password that could be changed; its first one is set."""

    code = "no_password_yet"


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


class SignInOver(Unauthenticated):
    """The sign-in that waited for a second factor is completed, expired, out of attempts, or none at all."""

    code = "sign_in_over"


class TooManyFactors(Conflict):
    """The person has as many authenticator apps as there may be."""

    code = "too_many_factors"


class NoSecondFactor(Conflict):
    """Recovery codes stand in for a second factor, and there is none."""

    code = "no_second_factor"


class DocumentSettled(Conflict):
    """The document has its file, or its review, already."""

    code = "document_settled"


class TooManyDocuments(Conflict):
    """Nobody may keep more than `max` documents."""

    code = "too_many_documents"


class TooManyConsents(Conflict):
    """Nobody can agree to more than `max` kinds of text."""

    code = "too_many_consents"


class SmsFactorRefused(Conflict):
    """Text messages cannot be this account's second factor: its number is not proved or is the only way in,
    or the account may do more than everybody's."""

    code = "sms_factor_refused"


class SocialTokenInvalid(Unauthenticated):
    """What was shown as proof of an account at a provider is not good: never told why."""

    code = "social_token_invalid"


class SocialStateInvalid(Unauthenticated):
    """Nobody was sent to the provider with this state from this browser, or it was used, or its time is
    over."""

    code = "social_state_invalid"


class SocialDenied(Unauthenticated):
    """The person, or the provider, called it off there."""

    code = "social_denied"


class LinkRequired(Conflict):
    """A user has the address that the provider vouches for. They sign in as usual, and link the account."""

    code = "link_required"


class SocialAccountTaken(Conflict):
    """The account at the provider lets somebody else in."""

    code = "social_account_taken"


class AccountErased(Conflict):
    """The person's data are gone, and with them the account."""

    code = "account_erased"


class OwnAccount(Conflict):
    """Nobody of the staff suspends, reinstates or deletes their own account in this way, or gives themselves
    roles."""

    code = "own_account"


class ErasureRefused(Conflict):
    """Something must be settled first: `reason` is the veto's own name of it."""

    code = "erasure_refused"


class InvitationInvalid(MultiproductError):
    """The link of the invitation is forged, void, used or too old: never told apart."""

    code = "invitation_invalid"
    kind = Kind.INVALID


class InvitationOver(Conflict):
    """The invitation was accepted or revoked."""

    code = "invitation_over"


class TooManyInvitations(Conflict):
    """This invitation was mailed as often as one can be: `max`."""

    code = "too_many_invitations"
