"""Gathering the ways in which somebody can sign in."""

from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import User, WaysIn


async def ways_in_of(unit: IdentityUnit, user: User) -> WaysIn:
    """A step: what the user has, as this unit sees it.

    Whoever gives one up saves the user in the same unit, so that of two who give up the last two at once one
    is refused: the user's version decides.
    """
    passkeys = [each for each in await unit.passkeys.of_user(user.id) if each.is_way_in]
    social = await unit.social_accounts.of_user(user.id)
    return WaysIn.of(user, passkeys=len(passkeys), social=len(social))
