"""Linking an account at a provider to the user whose mailbox it proves, without being asked to."""

from datetime import datetime

from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.identity import ForeignIdentity, Linking, SocialAccount, User
from multiproduct.domain.identity.linking import decide
from multiproduct.domain.shared import StaleAggregate


class AutomaticLinking:
    """A step of whoever signed in by the account, with nothing more asked of them: it is taken together with
    the session, so that somebody who has not shown the second factor leaves no way in behind."""

    def __init__(self, *, ids: Ids) -> None:
        self._ids = ids

    async def link(self, unit: IdentityUnit, identity: ForeignIdentity, user: User, *, now: datetime) -> None:
        """Links it. Raises StaleAggregate where a rival was first."""
        account = SocialAccount.link(identity, id=self._ids.next(), user_id=user.id, now=now)
        if not await unit.social_accounts.add(account):
            raise StaleAggregate  # a rival linked it just now: decide again

    async def link_if_still_right(
        self, unit: IdentityUnit, identity: ForeignIdentity, user: User, *, now: datetime
    ) -> None:
        """Links it where the rules still say so: minutes may lie between the two steps of a sign-in, in which
        the address went to somebody else, or the account was linked, or taken away."""
        accounts = unit.social_accounts
        account = await accounts.find_by_subject(identity.issuer, identity.subject)
        address = identity.looked_up
        is_owner = address is not None and user.email is not None and user.email.key == address.key
        decision = decide(
            identity,
            is_linked=account is not None,
            owner_is_verified=user.email_verified if is_owner else None,
            was_unlinked=await accounts.was_unlinked(identity.issuer, identity.subject, user_id=user.id),
        )
        if decision is Linking.LINK:
            await self.link(unit, identity, user, now=now)
