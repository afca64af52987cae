"""A person's own linked accounts: which there are, one more, one less; and what Apple tells about them."""

from dataclasses import replace
from uuid import UUID

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import present_user
from multiproduct.application.identity.results import Done
from multiproduct.application.identity.social_commands import SocialCallback, SocialProof, TakeProviderNotice
from multiproduct.application.identity.social_ports import ProviderNotice
from multiproduct.application.identity.social_proving import ProvedIdentity, SocialProviders, SocialProving
from multiproduct.application.identity.social_results import SocialAccountList, SocialAccountView
from multiproduct.application.identity.ways_in import WaysInCounting
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    EndReason,
    Provider,
    SocialAccount,
    SocialAccountTaken,
    SocialTokenInvalid,
    UnlinkReason,
    User,
    WaysIn,
)
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.identity.ways_in import refuse_to_lock_out
from multiproduct.domain.shared import NotFound

_TAKEN_BACK = {
    "consent-revoked": UnlinkReason.CONSENT_REVOKED,
    "account-delete": UnlinkReason.ACCOUNT_DELETED,
    "account-deleted": UnlinkReason.ACCOUNT_DELETED,
}
_MAIL = {"email-disabled": False, "email-enabled": True}


class SocialLinking:
    """Changes need a recent sign-in. The last way in stays, whoever else changes another one at that moment,
    and nothing is linked to a person who is being erased: each change saves the user, so that of two at once
    one is decided anew."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        proving: SocialProving,
        providers: SocialProviders,
        ways_in: WaysInCounting,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._proving = proving
        self._providers = providers
        self._ways_in = ways_in

    async def accounts(self, caller: Caller) -> SocialAccountList:
        """The caller's own. Raises Unauthenticated."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_READ)
        async with self._units.view(caller) as view:
            found = await view.social_accounts.of_user(user_id)
        return SocialAccountList(items=[SocialAccountView.of(each) for each in found])

    async def link_by_token(
        self, provider: Provider, command: SocialProof, caller: Caller
    ) -> SocialAccountView:
        """Links an account by a token; linking it again changes nothing.

        Raises Unauthenticated, StepUpRequired, SocialAccountTaken, and as `SocialProving.by_token`.
        """
        user_id = self._recently(caller)
        return await self._link(await self._proving.by_token(provider, command, caller), user_id, caller)

    async def link_by_code(
        self, provider: Provider, command: SocialCallback, *, browser: str | None, caller: Caller
    ) -> SocialAccountView:
        """The same for a browser that came back from where it was sent for this person. Raises as
        `link_by_token`, and as `SocialProving.by_code`."""
        user_id = self._recently(caller)
        proved = await self._proving.by_code(
            provider, command, browser=browser, user_id=user_id, caller=caller
        )
        return await self._link(proved, user_id, caller)

    async def unlink(self, account_id: UUID, caller: Caller) -> Done:
        """Takes an account away, and ends every other session, as one that it began may be among them. It is
        not linked by itself again. Raises Unauthenticated, StepUpRequired, NotFound, LastWayIn."""
        user_id = self._recently(caller)

        async def body(unit: IdentityUnit) -> Done:
            user = await present_user(unit, user_id)
            remaining = await _ways_without(self._ways_in, unit, user)
            # Read last: an account that is there still was among the ways counted, whatever rivals did since.
            account = await unit.social_accounts.find(account_id)
            if account is None or account.user_id != user_id:
                raise NotFound
            refuse_to_lock_out(remaining)
            now = self._clock.now()
            await self._remove(unit, user, account, UnlinkReason.BY_OWNER)
            await unit.social_accounts.note_unlinked(account, now=now)
            await unit.sessions.end_all(
                user_id, reason=EndReason.FACTOR_CHANGED, now=now, besides=caller.principal.session_id
            )
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    async def take_notice(
        self, provider: Provider, command: TakeProviderNotice, caller: Caller = ANYBODY
    ) -> Done:
        """Takes what a provider tells of its own accord. It may come again, late, or about nobody we know.

        After a revoked consent or a deleted account every session of the user ends, and the account is
        linked no more; only where it is the last way in it stays linked after a revoked consent, since the
        person can give that again and nobody else can. Raises NotConfigured, NotFound, SocialTokenInvalid,
        Unavailable.
        """
        known = self._providers.of(provider)
        notice = await known.notice(command.payload, now=self._clock.now())
        await in_unit(lambda: self._units.open(caller), lambda unit: self._take(unit, notice))
        return Done()

    def _recently(self, caller: Caller) -> UUID:
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        caller.require_recent(self._clock.now())
        return user_id

    async def _link(self, proved: ProvedIdentity, user_id: UUID, caller: Caller) -> SocialAccountView:
        async def body(unit: IdentityUnit) -> SocialAccountView | None:
            account = await self._linked(unit, proved, user_id)
            await unit.commit()
            return SocialAccountView.of(account) if account is not None else None

        linked = await in_unit(lambda: self._units.open_alone(caller), body)
        if linked is None:
            raise SocialAccountTaken
        return linked

    async def _linked(
        self, unit: IdentityUnit, proved: ProvedIdentity, user_id: UUID
    ) -> SocialAccount | None:
        """The link, or None where somebody else has it."""
        now, identity = self._clock.now(), proved.identity
        if not await proved.use_up(unit, now=now):
            raise SocialTokenInvalid
        user = await present_user(unit, user_id)
        account = SocialAccount.link(identity, id=self._ids.next(), user_id=user.id, now=now)
        if await unit.social_accounts.add(account):
            await unit.social_accounts.forget_unlinked(account)
            user.updated_at = now
            await unit.users.save(user)
            return account
        known = await unit.social_accounts.find_by_subject(identity.issuer, identity.subject)
        return known if known is not None and known.user_id == user_id else None

    async def _take(self, unit: IdentityUnit, notice: ProviderNotice) -> None:
        account = await unit.social_accounts.find_by_subject(notice.issuer, notice.subject)
        if account is None or account.linked_at > notice.happened_at:
            return
        if notice.kind in _MAIL:
            account.mail_changed(arrives=_MAIL[notice.kind], now=self._clock.now())
            await unit.social_accounts.used(account)
        elif notice.kind in _TAKEN_BACK:
            await self._take_back(unit, account, _TAKEN_BACK[notice.kind])
        await unit.commit()

    async def _take_back(self, unit: IdentityUnit, account: SocialAccount, reason: UnlinkReason) -> None:
        user = await unit.users.find(account.user_id)
        if user is None:
            return
        remaining = await _ways_without(self._ways_in, unit, user)
        if reason is UnlinkReason.ACCOUNT_DELETED or remaining.count > 0:
            await self._remove(unit, user, account, reason)
        await unit.sessions.end_all(user.id, reason=EndReason.REVOKED, now=self._clock.now())

    async def _remove(
        self, unit: IdentityUnit, user: User, account: SocialAccount, reason: UnlinkReason
    ) -> None:
        now = self._clock.now()
        user.updated_at = now
        await unit.users.save(user)
        account.unlinked(reason, now=now)
        await unit.social_accounts.remove(account)


async def _ways_without(ways_in: WaysInCounting, unit: IdentityUnit, user: User) -> WaysIn:
    """What lets the user in besides one linked account."""
    ways = await ways_in.of(unit, user)
    return replace(ways, social=ways.social - 1)
