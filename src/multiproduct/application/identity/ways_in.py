"""Gathering the ways in which somebody can sign in."""

from collections.abc import Sequence

from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import Arrives, EmailAddress, SocialAccount, User, WaysIn


class WaysInCounting:
    """A step of whoever gives a way in up, who saves the user in the same unit: so of two who give up the
    last two at once one is refused, as the user's version decides."""

    def __init__(self, *, texts: bool) -> None:
        """`texts`: whether the installation can send text messages."""
        self._texts = texts

    async def of(self, unit: IdentityUnit, user: User) -> WaysIn:
        """What the user has, as this unit sees it."""
        passkeys = [each for each in await unit.passkeys.of_user(user.id) if each.is_way_in]
        social = await unit.social_accounts.of_user(user.id)
        arrives = Arrives(mail=not _is_cut_off(user.email, social), texts=self._texts)
        return WaysIn.of(user, passkeys=len(passkeys), social=len(social), arrives=arrives)


def _is_cut_off(email: EmailAddress | None, social: Sequence[SocialAccount]) -> bool:
    """Whether the address is one of a provider's relay, which says that it forwards no more."""
    closed = {EmailAddress.parse(each.email).key for each in social if each.email and not each.mail_arrives}
    return email is not None and email.key in closed
