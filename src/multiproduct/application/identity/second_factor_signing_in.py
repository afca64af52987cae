"""Completing a sign-in with its second factor."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.automatic_linking import AutomaticLinking
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.commands import RequestSignInCode
from multiproduct.application.identity.factor_kinds import SMS, FactorKinds, Offered
from multiproduct.application.identity.mfa_tokens import MfaTokens
from multiproduct.application.identity.passkey_checking import PasskeyChecking
from multiproduct.application.identity.passkey_results import PasskeyOptions
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import CodeSent, Tokens
from multiproduct.application.identity.second_factor_commands import CompleteSignIn, ContinueSignIn
from multiproduct.application.identity.second_step import credential_mark
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.identity.sms_factor_checking import proved_number
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import CodeBook, in_budget
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    DeviceKeyState,
    PendingSignIn,
    SignInOver,
    SignInRefused,
    User,
    with_second_proof,
)
from multiproduct.domain.otp import InvalidCode, Purpose
from multiproduct.domain.shared import NotConfigured


class SecondFactorSigningIn:
    """Five attempts within five minutes, and one success, whoever else tries."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        tokens: MfaTokens,
        kinds: FactorKinds,
        starting: SessionStarting,
        code_book: CodeBook,
        passkeys: PasskeyChecking,
        code_requests: CodeRequests,
        linking: AutomaticLinking,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._tokens = tokens
        self._kinds = kinds
        self._starting = starting
        self._code_book = code_book
        self._passkeys = passkeys
        self._code_requests = code_requests
        self._linking = linking
        self._throttle = throttle

    async def complete(self, command: CompleteSignIn, caller: Caller = ANYBODY) -> Tokens:
        """Begins the session. Raises SignInOver, InvalidCode (also for a code used before), InvalidInput,
        ChallengeIdRequired, TooManyRequests."""
        await self._throttle.admit("code_check", caller)
        offered = self._kinds.read(command)
        sign_in_id = self._tokens.read(command.mfa_token)
        if sign_in_id is None:
            raise SignInOver
        now = self._clock.now()
        tokens = await in_budget(
            lambda: self._units.open_alone(caller),
            lambda unit: self._complete(unit, sign_in_id, offered.completing(sign_in_id), now),
            now=now,
        )
        if tokens is None:
            raise InvalidCode
        return tokens

    def check(self, command: CompleteSignIn, findings: InputFindings) -> None:
        """Adds what `complete` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: self._kinds.read(command), "code", "credential", "method")

    async def passkey_options(self, command: ContinueSignIn, caller: Caller = ANYBODY) -> PasskeyOptions:
        """What a browser needs to complete the sign-in with a passkey. Raises SignInOver,
        TooManyRequests."""
        await self._throttle.admit("ceremony", caller)
        sign_in_id = self._tokens.read(command.mfa_token)
        if sign_in_id is None:
            raise SignInOver
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> PasskeyOptions:
            pending = await unit.pending_sign_ins.find(sign_in_id)
            if pending is None or not pending.is_live(now=now):
                raise SignInOver
            options = await self._passkeys.options(unit, pending.user_id, sign_in_id=sign_in_id, now=now)
            await unit.commit()
            return options

        return await in_unit(lambda: self._units.open(caller), body)

    async def request_text(self, command: ContinueSignIn, caller: Caller = ANYBODY) -> CodeSent:
        """Has a code sent to the number of whoever signs in, where texts are one of their second factors.
        Raises SignInOver, NotConfigured, TooManyRequests."""
        sign_in_id = self._tokens.read(command.mfa_token)
        if sign_in_id is None:
            raise SignInOver
        async with self._units.view(caller) as view:
            number = await self._number(view, sign_in_id)
        return await self._code_requests.request(
            RequestSignInCode(phone=number), Purpose.SECOND_FACTOR, caller
        )

    async def _number(self, view: IdentityUnit, sign_in_id: UUID) -> str:
        pending = await view.pending_sign_ins.find(sign_in_id)
        if pending is None or not pending.is_live(now=self._clock.now()):
            raise SignInOver
        kinds = await self._kinds.enrolled(view, pending.user_id)
        user = await view.users.find(pending.user_id)
        number = proved_number(user)
        is_asked = any(kind.name == SMS and kind.repeats.isdisjoint(pending.methods) for kind in kinds)
        if number is None or not is_asked:
            raise NotConfigured(what="sms_second_factor")
        return number

    async def _complete(
        self, unit: IdentityUnit, sign_in_id: UUID, offered: Offered, now: datetime
    ) -> Tokens | None:
        pending = await unit.pending_sign_ins.take_attempt(sign_in_id, now=now)
        user = await unit.users.find(pending.user_id) if pending else None
        if pending is None or user is None or not user.may_sign_in or not _is_unchanged(pending, user):
            raise SignInOver
        if not await _has_its_device(unit, pending):
            raise SignInOver
        adds = offered.adds_to(pending.methods)
        proved = await self._kinds.check(unit, user.id, offered, now=now) if adds else None
        if proved is None:
            unit.record(self._refusal(user, offered.kind.name, now))
            await unit.commit()
            return None
        if not await unit.pending_sign_ins.complete(pending, now=now):
            raise SignInOver
        methods = with_second_proof(pending.methods, proved)
        tokens = await self._starting.proved(
            unit, user, methods, now=now, device_key_id=pending.device_key_id
        )
        if pending.to_be_linked is not None:
            await self._linking.link_if_still_right(unit, pending.to_be_linked, user, now=now)
        await unit.commit()
        return tokens

    def _refusal(self, user: User, method: str, now: datetime) -> SignInRefused:
        subject_key = self._code_book.subject_key(user.username.key)
        return SignInRefused(occurred_at=now, subject_key=subject_key, user_id=user.id, method=method)


def _is_unchanged(pending: PendingSignIn, user: User) -> bool:
    """Whether the password is still the one of the first step: whoever knew an older one is kept out."""
    return pending.credential_mark == credential_mark(user)


async def _has_its_device(unit: IdentityUnit, pending: PendingSignIn) -> bool:
    """Whether the device key of the first step, if it was one, is still in use."""
    if pending.device_key_id is None:
        return True
    key = await unit.device_keys.find(pending.device_key_id)
    return key is not None and key.state is DeviceKeyState.CONFIRMED
