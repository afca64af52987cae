"""The ways in which somebody can sign in, of which nobody may give up the last."""

from collections.abc import Iterable
from dataclasses import dataclass

from multiproduct.domain.identity.authentication_methods import is_possession_alone
from multiproduct.domain.identity.errors import LastWayIn
from multiproduct.domain.identity.roles import BuiltInRole
from multiproduct.domain.identity.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrives:
    """Whether codes reach the person: `mail` at the mailbox, `texts` at the telephone."""

    mail: bool
    texts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysIn:
    """What somebody has that lets them in, each by itself.

    A device key is not among them: it goes with its device.
    """

    password: bool
    verified_email: bool
    verified_phone: bool
    passkeys: int
    social: int

    @classmethod
    def of(cls, user: User, *, passkeys: int, social: int, arrives: "Arrives") -> "WaysIn":
        """Those of a user with so many passkeys that are not suspended and so many linked accounts. An
        address is a way in as long as codes arrive there."""
        return cls(
            password=user.password_hash is not None,
            verified_email=arrives.mail and user.email is not None and user.email_verified,
            verified_phone=arrives.texts and user.phone is not None and user.phone_verified,
            passkeys=passkeys,
            social=social,
        )

    @property
    def count(self) -> int:
        """How many there are."""
        return self.password + self.verified_email + self.verified_phone + self.passkeys + self.social


def refuse_to_lock_out(remaining: WaysIn) -> None:
    """Raises LastWayIn if nothing would remain."""
    if remaining.count < 1:
        raise LastWayIn


def needs_more(roles: frozenset[str], methods: Iterable[str]) -> bool:
    """Whether these methods do not even let in: administrators never get in by the possession of a key
    alone. (What staff may do in a session that was begun by too little is judged with every request.)"""
    return BuiltInRole.ADMIN.value in roles and is_possession_alone(methods)
