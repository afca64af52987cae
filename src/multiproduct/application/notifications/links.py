"""Where the links in mails lead: to the service's own pages, or to those of the owner's front end."""

from dataclasses import dataclass

SIGN_IN = "/account/sign-in/"
RESET_PASSWORD = "/account/reset-password/"  # noqa: S105 - an address
VERIFY_EMAIL = "/verify-email/"
SET_PASSWORD = "/reset-password/"  # noqa: S105 - an address
CONFIRM_EMAIL = "/confirm-email/"
STOP_CHANGE = "/stop-change/"
INVITATION = "/invitation/"
UNSUBSCRIBE = "/unsubscribe/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """`base_url` is the address under which people reach the service; the others replace single pages.

    Raises ValueError for what is no http(s) address, as no mail could be sent with it.
    """

    base_url: str
    sign_in_url: str | None = None
    reset_url: str | None = None

    def __post_init__(self) -> None:
        for name in self.__slots__:
            address = getattr(self, name)
            if address and not (address.startswith(("https://", "http://")) and address.isprintable()):
                raise ValueError(f"{name} must be an http(s) address")

    @property
    def sign_in(self) -> str:
        """Where people sign in."""
        return self.sign_in_url or self._own(SIGN_IN)

    @property
    def reset_password(self) -> str:
        """Where people ask for a mail with which they can set a new password."""
        return self.reset_url or self._own(RESET_PASSWORD)

    def verify_email(self, token: str) -> str:
        """Where the link of a registration mail leads."""
        return self._own(VERIFY_EMAIL) + token

    def set_password(self, token: str) -> str:
        """Where the link of a mail about a password reset leads."""
        return self._own(SET_PASSWORD) + token

    def confirm_email(self, token: str) -> str:
        """Where the link of a mail to an account's new address leads."""
        return self._own(CONFIRM_EMAIL) + token

    def stop_change(self, token: str) -> str:
        """Where a notice to the old address leads."""
        return self._own(STOP_CHANGE) + token

    def accept_invitation(self, token: str) -> str:
        """Where the link of an invitation leads."""
        return self._own(INVITATION) + token

    def unsubscribe(self, token: str) -> str:
        """Where one POST ends commercial mail, and a person finds a button that does."""
        return self._own(UNSUBSCRIBE) + token

    def _own(self, path: str) -> str:
        return self.base_url.rstrip("/") + path
