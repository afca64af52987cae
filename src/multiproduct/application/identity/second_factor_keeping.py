"""A person's second factors: seeing them, adding and removing authenticator apps, making recovery codes."""

import base64
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity import sealed_purposes
from multiproduct.application.identity.factor_changes import FactorChanges, changed
from multiproduct.application.identity.factor_kinds import FactorKinds, Offered
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import present_user
from multiproduct.application.identity.recovery_code_keeping import RecoveryCodeKeeping
from multiproduct.application.identity.results import Done
from multiproduct.application.identity.second_factor_commands import ConfirmTotp, EnrolTotp, RemoveTotp
from multiproduct.application.identity.second_factor_ports import QrCodes, TotpCodes
from multiproduct.application.identity.second_factor_results import (
    FactorView,
    NewRecoveryCodes,
    SecondFactors,
    SmsFactorView,
    TotpAdded,
    TotpEnrolment,
)
from multiproduct.application.identity.totp_checking import METHODS, TotpChecking
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import CodeBook, in_budget
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    NoSecondFactor,
    SignInRefused,
    TooManyFactors,
    TotpFactor,
    User,
)
from multiproduct.domain.identity.totp import MAX_FACTORS
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import NotFound


class SecondFactorKeeping:
    """Every change needs a recent proof of who the person is, and ends the person's other sessions."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        sealing: Sealing,
        codes: TotpCodes,
        qr_codes: QrCodes,
        totp: TotpChecking,
        recovery: RecoveryCodeKeeping,
        kinds: FactorKinds,
        changes: FactorChanges,
        code_book: CodeBook,
        throttle: Throttle,
        issuer: str,
    ) -> None:
        """`issuer` is what apps show beside the account."""
        self._units = units
        self._clock = clock
        self._ids = ids
        self._sealing = sealing
        self._codes = codes
        self._qr_codes = qr_codes
        self._totp = totp
        self._recovery = recovery
        self._kinds = kinds
        self._changes = changes
        self._code_book = code_book
        self._throttle = throttle
        self._issuer = issuer

    async def overview(self, caller: Caller) -> SecondFactors:
        """The caller's own. Raises Unauthenticated."""
        user_id = caller.require_user()
        async with self._units.view(caller) as view:
            factors = await view.totp_factors.of_user(user_id)
            left = len(await view.recovery_codes.unused(user_id))
            kinds = await self._kinds.enrolled(view, user_id)
            texts = await view.sms_factors.find(user_id)
            user = await view.users.find(user_id)
        return SecondFactors(
            totp=[
                _shown(factor, factor.confirmed_at) for factor in factors if factor.confirmed_at is not None
            ],
            sms=SmsFactorView.of(user, added_at=texts.added_at) if texts and user else None,
            recovery_codes_left=left,
            methods=[kind.name for kind in kinds],
        )

    async def enrol(self, command: EnrolTotp, caller: Caller) -> TotpEnrolment:
        """A new secret, which counts once it is confirmed, within 15 minutes. Raises Unauthenticated,
        StepUpRequired, TooManyFactors."""
        user_id, now = self._admitted(caller)
        secret = self._codes.new_secret()
        factor_id = self._ids.next()
        purpose = sealed_purposes.of_totp_secret(user_id, factor_id)
        factor = TotpFactor(
            id=factor_id,
            user_id=user_id,
            name=command.name,
            sealed_secret=self._sealing.seal(secret, purpose=purpose),
            created_at=now,
        )

        async def body(unit: IdentityUnit) -> User:
            user = await present_user(unit, user_id)
            _refuse_too_many(await unit.totp_factors.of_user(user_id))
            await unit.users.save(user)
            await unit.totp_factors.add(factor)
            await unit.commit()
            return user

        user = await in_unit(lambda: self._units.open(caller), body)
        uri = self._codes.provisioning_uri(secret, account=_account(user), issuer=self._issuer)
        return TotpEnrolment(
            factor_id=factor.id,
            secret=self._codes.text(secret),
            uri=uri,
            qr_svg=self._qr_codes.svg(uri),
            qr_png=base64.b64encode(self._qr_codes.png(uri)).decode(),
            confirm_until=factor.confirm_until,
        )

    async def confirm(self, command: ConfirmTotp, caller: Caller) -> TotpAdded:
        """The app counts from now on; the code's step is used. Whoever was given the secret can tell a code,
        which proves nothing about them: the session is as recent as it was. Raises Unauthenticated,
        StepUpRequired, NotFound, InvalidCode, TooManyFactors, TooManyRequests."""
        user_id, now = self._admitted(caller)
        await self._throttle.admit("code_check", caller)
        added = await in_unit(
            lambda: self._units.open_alone(caller), lambda unit: self._confirm(unit, command, user_id, now)
        )
        if added is None:
            raise InvalidCode
        return added

    async def remove(self, command: RemoveTotp, caller: Caller) -> Done:
        """Takes a proof of any second factor, also of the one that goes. With the last factor the recovery
        codes go. Raises Unauthenticated, StepUpRequired, NotFound, InvalidCode, InvalidInput,
        TooManyRequests."""
        user_id, now = self._admitted(caller)
        await self._throttle.admit("code_check", caller)
        offered = self._kinds.read(command)
        is_done = await in_budget(
            lambda: self._units.open_alone(caller),
            lambda unit: self._remove(unit, command.factor_id, user_id, offered, now),
            now=now,
        )
        if not is_done:
            raise InvalidCode
        return Done()

    async def new_recovery_codes(self, caller: Caller) -> NewRecoveryCodes:
        """Ten codes in place of all others. Raises Unauthenticated, StepUpRequired, NoSecondFactor."""
        user_id, now = self._admitted(caller)

        async def body(unit: IdentityUnit) -> list[str]:
            user = await present_user(unit, user_id)
            if not await self._kinds.enrolled(unit, user_id):
                raise NoSecondFactor
            await changed(unit, user, now=now)
            codes = await self._recovery.make(unit, user_id, now=now)
            await unit.commit()
            return codes

        return NewRecoveryCodes(recovery_codes=await in_unit(lambda: self._units.open(caller), body))

    def check_remove(self, command: RemoveTotp, findings: InputFindings) -> None:
        """Adds what `remove` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: self._kinds.read(command), "code", "credential", "method")

    def _admitted(self, caller: Caller) -> tuple[UUID, datetime]:
        user_id, now = caller.require_user(), self._clock.now()
        caller.require_recent(now)
        return user_id, now

    async def _confirm(
        self, unit: IdentityUnit, command: ConfirmTotp, user_id: UUID, now: datetime
    ) -> TotpAdded | None:
        user = await present_user(unit, user_id)
        held = await unit.totp_factors.hold_of_user(user_id)
        factor = _found(held, command.factor_id)
        if factor.is_confirmed or now >= factor.confirm_until:
            raise NotFound
        _refuse_too_many(held)
        if not await self._totp.check_enrolment(unit, factor, command.code, now=now):
            await unit.commit()
            return None
        factor.confirmed(now=now)
        await unit.totp_factors.save(factor)
        codes = await self._changes.added(unit, user, now=now)
        await self._note_second_factor(unit, now)
        await unit.commit()
        return TotpAdded(factor=_shown(factor, now), recovery_codes=codes)

    async def _remove(
        self, unit: IdentityUnit, factor_id: UUID, user_id: UUID, offered: Offered, now: datetime
    ) -> bool:
        user = await present_user(unit, user_id)
        factor = _found(await unit.totp_factors.hold_of_user(user_id), factor_id)
        if not factor.is_confirmed:
            raise NotFound
        if await self._kinds.check(unit, user_id, offered, now=now) is None:
            unit.record(self._refusal(user, offered.kind.name, now))
            await unit.commit()
            return False
        factor.removed(now=now)
        await unit.totp_factors.remove(factor)
        await self._changes.removed(unit, user, now=now)
        await unit.commit()
        return True

    async def _note_second_factor(self, unit: IdentityUnit, now: datetime) -> None:
        """The session in which an app was confirmed was proved by that too."""
        session_id = unit.caller.principal.session_id
        session = await unit.sessions.hold(session_id) if session_id else None
        if session is not None and session.is_live(now=now):
            session.set_up_factor(METHODS)
            await unit.sessions.save(session)

    def _refusal(self, user: User, method: str, now: datetime) -> SignInRefused:
        subject_key = self._code_book.subject_key(user.username.key)
        return SignInRefused(occurred_at=now, subject_key=subject_key, user_id=user.id, method=method)


def _found(factors: Sequence[TotpFactor], factor_id: UUID) -> TotpFactor:
    for factor in factors:
        if factor.id == factor_id:
            return factor
    raise NotFound


def _refuse_too_many(factors: Sequence[TotpFactor]) -> None:
    if sum(factor.is_confirmed for factor in factors) >= MAX_FACTORS:
        raise TooManyFactors(most=MAX_FACTORS)


def _account(user: User) -> str:
    """What an app shows the account as."""
    return user.email.display if user.email else user.username.display


def _shown(factor: TotpFactor, confirmed_at: datetime) -> FactorView:
    return FactorView(id=factor.id, name=factor.name, created_at=factor.created_at, confirmed_at=confirmed_at)
