"""A person's own linked accounts: which there are, one more, one less; and what Apple tells about them."""

from dataclasses import replace
from uuid import UUID

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import Done
from multiproduct.application.identity.social_commands import SocialCallback, SocialProof, TakeProviderNotice
from multiproduct.application.identity.social_ports import ProviderNotice
from multiproduct.application.identity.social_proving import ProvedIdentity, SocialProviders, SocialProving
from multiproduct.application.identity.social_results import SocialAccountList, SocialAccountView
from multiproduct.application.identity.ways_in import ways_in_of
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
from multiproduct.domain.shared import NotFound, Unauthenticated

_CONSENT_REVOKED = frozenset({"consent-revoked"})
_ACCOUNT_DELETED = frozenset({"account-delete", "account-deleted"})
_MAIL = {"email-disabled": False, "email-enabled": True}


class SocialLinking:
    """Changes need a recent sign-in. The last way in stays, whoever else changes another one at that moment:
    each change saves the user, so that of two at once one is decided anew."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        proving: SocialProving,
        providers: SocialProviders,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._proving = proving
        self._providers = providers

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
        """Raises Unauthenticated, StepUpRequired, NotFound, LastWayIn."""
        user_id = self._recently(caller)

        async def body(unit: IdentityUnit) -> Done:
            account = await unit.social_accounts.find(account_id)
            if account is None or account.user_id != user_id:
                raise NotFound
            user = await _present(unit, user_id)
            refuse_to_lock_out(await _ways_without(unit, user))
            await self._remove(unit, user, account, UnlinkReason.BY_OWNER)
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
        if proved.nonce_hash is not None and not await unit.social_nonces.take(proved.nonce_hash, now=now):
            raise SocialTokenInvalid
        user = await _present(unit, user_id)
        account = SocialAccount.link(
            identity, id=self._ids.next(), user_id=user.id, is_new_user=False, now=now
        )
        if await unit.social_accounts.add(account):
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
        elif notice.kind in _CONSENT_REVOKED | _ACCOUNT_DELETED:
            await self._revoke(unit, account, is_gone=notice.kind in _ACCOUNT_DELETED)
        await unit.commit()

    async def _revoke(self, unit: IdentityUnit, account: SocialAccount, *, is_gone: bool) -> None:
        user = await unit.users.find(account.user_id)
        if user is None:
            return
        remaining = await _ways_without(unit, user)
        if is_gone or remaining.count > 0:
            reason = UnlinkReason.ACCOUNT_DELETED if is_gone else UnlinkReason.CONSENT_REVOKED
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


async def _present(unit: IdentityUnit, user_id: UUID) -> User:
    user = await unit.users.find(user_id)
    if user is None or not user.may_sign_in:
        raise Unauthenticated
    return user


async def _ways_without(unit: IdentityUnit, user: User) -> WaysIn:
    """What lets the user in besides one linked account."""
    ways = await ways_in_of(unit, user)
    return replace(ways, social=ways.social - 1)
