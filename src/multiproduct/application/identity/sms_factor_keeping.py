"""Taking codes by text message as a second factor, and taking them no more."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.factor_changes import FactorChanges
from multiproduct.application.identity.factor_kinds import FactorKinds, Offered
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import present_user
from multiproduct.application.identity.results import Done
from multiproduct.application.identity.second_factor_commands import RemoveSmsFactor
from multiproduct.application.identity.second_factor_results import SmsFactorAddedAnswer, SmsFactorView
from multiproduct.application.identity.sms_factor_checking import SmsFactorChecking, proved_number
from multiproduct.application.identity.staff import is_staff
from multiproduct.application.identity.ways_in import WaysInCounting
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import CodeBook, in_budget
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import SignInRefused, SmsFactor, SmsFactorRefused, User
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import NotConfigured, NotFound


class SmsFactorKeeping:
    """Needs a number that was proved, and another way in than that number: whoever comes in by texts proves
    nothing by one more."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        checking: SmsFactorChecking,
        kinds: FactorKinds,
        changes: FactorChanges,
        ways_in: WaysInCounting,
        code_book: CodeBook,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._checking = checking
        self._kinds = kinds
        self._changes = changes
        self._ways_in = ways_in
        self._code_book = code_book
        self._throttle = throttle

    async def add(self, caller: Caller) -> SmsFactorAddedAnswer:
        """From now on sign-in asks for a texted code, or for another second factor. Where the person takes
        them already nothing changes.

        Raises NotConfigured where the installation does not allow it, Unauthenticated, StepUpRequired,
        SmsFactorRefused.
        """
        if not self._checking.is_allowed:
            raise NotConfigured(what="sms_second_factor")
        user_id, now = self._admitted(caller)

        async def body(unit: IdentityUnit) -> SmsFactorAddedAnswer:
            user = await present_user(unit, user_id)
            await self._refuse_unfit(unit, user, now)
            codes: list[str] = []
            if await unit.sms_factors.add(SmsFactor.add(user_id=user_id, now=now)):
                codes = await self._changes.added(unit, user, now=now)
                await unit.commit()
            return SmsFactorAddedAnswer(factor=await _shown(unit, user, now), recovery_codes=codes)

        return await in_unit(lambda: self._units.open(caller), body)

    async def remove(self, command: RemoveSmsFactor, caller: Caller) -> Done:
        """Takes a proof of any second factor, also of this one, whether or not the installation still allows
        it. With the last factor the recovery codes go. Raises Unauthenticated, StepUpRequired, NotFound,
        InvalidCode, InvalidInput, TooManyRequests."""
        user_id, now = self._admitted(caller)
        await self._throttle.admit("code_check", caller)
        offered = self._kinds.read(command)
        is_done = await in_budget(
            lambda: self._units.open_alone(caller),
            lambda unit: self._remove(unit, user_id, offered, now),
            now=now,
        )
        if not is_done:
            raise InvalidCode
        return Done()

    def check_remove(self, command: RemoveSmsFactor, findings: InputFindings) -> None:
        """Adds what `remove` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: self._kinds.read(command), "code", "credential", "method")

    def _admitted(self, caller: Caller) -> tuple[UUID, datetime]:
        user_id, now = caller.require_user(), self._clock.now()
        caller.require_recent(now)
        return user_id, now

    async def _refuse_unfit(self, unit: IdentityUnit, user: User, now: datetime) -> None:
        ways = await self._ways_in.of(unit, user)
        has_another_way_in = replace(ways, verified_phone=False).count > 0
        if proved_number(user) is None or not has_another_way_in or await is_staff(unit, user.id, now=now):
            raise SmsFactorRefused

    async def _remove(self, unit: IdentityUnit, user_id: UUID, offered: Offered, now: datetime) -> bool:
        user = await present_user(unit, user_id)
        factor = await unit.sms_factors.find(user_id)
        if factor is None:
            raise NotFound
        if await self._kinds.check(unit, user_id, offered, now=now) is None:
            subject_key = self._code_book.subject_key(user.username.key)
            method = offered.kind.name
            unit.record(
                SignInRefused(occurred_at=now, subject_key=subject_key, user_id=user.id, method=method)
            )
            await unit.commit()
            return False
        factor.removed(now=now)
        await unit.sms_factors.remove(factor)
        await self._changes.removed(unit, user, now=now)
        await unit.commit()
        return True


async def _shown(unit: IdentityUnit, user: User, now: datetime) -> SmsFactorView:
    kept = await unit.sms_factors.find(user.id)
    return SmsFactorView.of(user, added_at=kept.added_at if kept is not None else now)
