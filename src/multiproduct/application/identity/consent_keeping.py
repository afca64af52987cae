"""What people agree to: given, withdrawn, and looked up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.commands import GiveConsent
from multiproduct.application.identity.document_commands import WithdrawConsent
from multiproduct.application.identity.document_results import ConsentList, ConsentView
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import own_account
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    AgreedTo,
    Consent,
    ConsentGiven,
    ConsentSource,
    ConsentWithdrawn,
    PendingRegistration,
    TooManyConsents,
)
from multiproduct.domain.identity.consent import MAX_KINDS
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.shared import NotFound

MOST_LINES = 200


class ConsentLog:
    """Steps that add lines to the log, in the caller's unit."""

    def __init__(self, *, ids: Ids) -> None:
        self._ids = ids

    async def agreed_at_sign_up(
        self, unit: IdentityUnit, user_id: UUID, pending: PendingRegistration
    ) -> None:
        """What a registration agreed to, as of when and where it was asked for."""
        for agreed in pending.consents:
            consent = Consent(
                id=self._ids.next(),
                user_id=user_id,
                kind=agreed.kind,
                version=agreed.version,
                is_given=True,
                at=pending.created_at,
                source=ConsentSource.SIGN_UP,
                ip=pending.ip,
            )
            await _write(unit, consent)

    async def write(
        self,
        unit: IdentityUnit,
        user_id: UUID,
        agreed: AgreedTo,
        *,
        is_given: bool,
        at: datetime,
    ) -> Consent:
        """A line of the person's own making."""
        consent = Consent(
            id=self._ids.next(),
            user_id=user_id,
            kind=agreed.kind,
            version=agreed.version,
            is_given=is_given,
            at=at,
            source=ConsentSource.OWN_ACCOUNT,
            ip=unit.caller.ip,
            user_agent=unit.caller.user_agent,
        )
        await _write(unit, consent)
        return consent


class ConsentKeeping:
    """The log is only added to. Agreeing again to what is agreed to, and withdrawing what is not, adds
    nothing."""

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock, log: ConsentLog) -> None:
        self._units = units
        self._clock = clock
        self._log = log

    async def mine(self, caller: Caller) -> ConsentList:
        """What the caller agrees to, and the newest 200 lines of the log. Raises Unauthenticated."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_READ)
        async with self._units.view(caller) as view:
            standing = await view.consents.standing(user_id, limit=MAX_KINDS)
            log = await view.consents.of_user(user_id, limit=MOST_LINES)
        return ConsentList(
            standing=[ConsentView.of(each) for each in standing if each.is_given],
            log=[ConsentView.of(each) for each in log],
        )

    async def give(self, command: GiveConsent, caller: Caller) -> ConsentView:
        """Agrees to a version of a text. Raises Unauthenticated, TooManyConsents."""
        user_id, now = self._owner(caller), self._clock.now()
        wanted = AgreedTo(kind=command.kind, version=command.version)

        async def body(unit: IdentityUnit) -> ConsentView:
            await own_account(unit, user_id, now=now)
            standing = await unit.consents.standing(user_id, limit=MAX_KINDS)
            newest = _newest(standing, command.kind)
            if newest is not None and newest.is_given and newest.version == command.version:
                return ConsentView.of(newest)
            if newest is None and len(standing) >= MAX_KINDS:
                raise TooManyConsents(max=MAX_KINDS)
            consent = await self._log.write(unit, user_id, wanted, is_given=True, at=after(newest, now))
            await unit.commit()
            return ConsentView.of(consent)

        return await in_unit(lambda: self._units.open(caller), body)

    async def withdraw(self, command: WithdrawConsent, caller: Caller) -> ConsentView:
        """Agrees no more, whatever the version was; answers the line that says so. Raises Unauthenticated,
        NotFound for what was never agreed to."""
        user_id, now = self._owner(caller), self._clock.now()

        async def body(unit: IdentityUnit) -> ConsentView:
            await own_account(unit, user_id, now=now)
            newest = _newest(await unit.consents.standing(user_id, limit=MAX_KINDS), command.kind)
            if newest is None:
                raise NotFound
            if not newest.is_given:
                return ConsentView.of(newest)
            agreed = AgreedTo(kind=newest.kind, version=newest.version)
            consent = await self._log.write(unit, user_id, agreed, is_given=False, at=after(newest, now))
            await unit.commit()
            return ConsentView.of(consent)

        return await in_unit(lambda: self._units.open(caller), body)

    def _owner(self, caller: Caller) -> UUID:
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        return user_id


def _newest(standing: Sequence[Consent], kind: str) -> Consent | None:
    return next((each for each in standing if each.kind == kind), None)


def after(newest: Consent | None, now: datetime) -> datetime:
    """When a line is written: later than the one before it, also where two clocks disagree, as the newest is
    what holds."""
    return now if newest is None else max(now, newest.at + timedelta(microseconds=1))


async def _write(unit: IdentityUnit, consent: Consent) -> None:
    await unit.consents.add(consent)
    event = ConsentGiven if consent.is_given else ConsentWithdrawn
    unit.record(
        event(
            occurred_at=consent.at,
            consent_id=consent.id,
            user_id=consent.user_id,
            consent_kind=consent.kind,
            version=consent.version,
        )
    )
