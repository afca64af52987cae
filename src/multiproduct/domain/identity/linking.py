"""Whose account somebody gets who comes from Google, Apple or Facebook: decided here, and nowhere else.

An account there is known by issuer and subject, never by an e-mail address. An address only counts as far as
the provider proves it (`Mailbox`); a claim that is not proved is neither looked up nor taken over, so that
the answer to it tells nobody who has an account, and so that nobody can lie in wait under another's address.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from multiproduct.domain.identity.addresses import EmailAddress


class Provider(StrEnum):
    """Where people can come from."""

    GOOGLE = "google"
    APPLE = "apple"
    FACEBOOK = "facebook"


class Mailbox(StrEnum):
    """How much a provider's word about an e-mail address is worth."""

    OWNED = "owned"
    """The provider runs the mailbox, or forwards to it: whoever signs in there holds it now."""
    VOUCHED = "vouched"
    """The provider saw a proof once. The mailbox may have another owner since."""
    CLAIMED = "claimed"
    """Somebody said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignIdentity:
    """What a provider proved about somebody, signature, audience and nonce already checked."""

    provider: Provider
    issuer: str
    subject: str
    email: EmailAddress | None = field(default=None, repr=False)
    email_verified: bool = False
    hosted_domain: str | None = None
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)

    @property
    def mailbox(self) -> Mailbox:
        """What its e-mail address is worth.

        Google runs gmail.com, and the mailboxes of a hosted domain whose name (`hd`) the address bears;
        Apple verifies what it hands out, its relay addresses among them; Facebook tells nothing.
        """
        if self.email is None or not self.email_verified or self.provider is Provider.FACEBOOK:
            return Mailbox.CLAIMED
        if self.provider is Provider.APPLE:
            return Mailbox.OWNED
        domain = self.email.key.rpartition("@")[2]
        if domain in _GOOGLE_MAIL or domain == (self.hosted_domain or "").lower():
            return Mailbox.OWNED
        return Mailbox.VOUCHED

    @property
    def looked_up(self) -> EmailAddress | None:
        """The address by which a user may be looked for; None for one that is merely claimed."""
        return None if self.mailbox is Mailbox.CLAIMED else self.email

    @property
    def proved(self) -> EmailAddress | None:
        """The address that a new user has from the start, verified; None for one to be proved first."""
        return self.email if self.mailbox is Mailbox.OWNED else None


class Linking(StrEnum):
    """What is to be done."""

    SIGN_IN = "sign_in"
    """The foreign account is linked: its user comes in."""
    CREATE = "create"
    """Nobody has it: there is a new user."""
    LINK = "link"
    """The mailbox is proved on both sides: the user who has the address comes in, and it is linked as soon as
    nothing more is asked of them."""
    LINK_REQUIRED = "link_required"
    """A user has the address: the person signs in there as usual, and links."""


_GOOGLE_MAIL = frozenset({"gmail.com", "googlemail.com"})


def decide(
    proved: ForeignIdentity, *, is_linked: bool, owner_is_verified: bool | None, was_unlinked: bool = False
) -> Linking:
    """`owner_is_verified` is whether the user who has the address of `looked_up` proved it, None where nobody
    has it. An unverified local address is never linked to: whoever made that account may be lying in wait.
    `was_unlinked`: that user took this very account away, which holds until they link it themselves."""
    if is_linked:
        return Linking.SIGN_IN
    if owner_is_verified is None or proved.looked_up is None:
        return Linking.CREATE
    if owner_is_verified and proved.mailbox is Mailbox.OWNED and not was_unlinked:
        return Linking.LINK
    return Linking.LINK_REQUIRED
