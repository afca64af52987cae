"""Signing in with the key of a device."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.device_key_commands import (
    RequestDeviceKeySignIn,
    SignInWithDeviceKey,
)
from multiproduct.application.identity.device_key_keeping import decoded
from multiproduct.application.identity.device_key_ports import DeviceSignatures
from multiproduct.application.identity.device_key_results import DeviceKeyChallenge
from multiproduct.application.identity.passkey_checking import CeremonyIssuing
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import Tokens
from multiproduct.application.identity.second_factor_results import SignedInOrAsked
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.otp import CodeBook
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    CeremonyAnswer,
    CeremonyChallenge,
    CeremonyPurpose,
    DeviceKey,
    InvalidCredentials,
    SignInRefused,
    User,
)
from multiproduct.domain.identity.ceremony import CHALLENGE_BYTES
from multiproduct.domain.identity.device_key import NO_BODY, device_message
from multiproduct.domain.identity.ways_in import needs_more

_PURPOSE = CeremonyPurpose.DEVICE_KEY_SIGN_IN
_NO_CHALLENGE = bytes(CHALLENGE_BYTES)
_NOBODY = UUID(int=0)


class _TooLittle(Exception):
    """The key was right, nothing else was asked for, and for these roles that is not enough."""


class DeviceKeySignIn:
    """Does the same work and gives the same answer whether or not anybody knows the key. Each challenge takes
    one answer; five wrong ones in a row lock the key."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        signatures: DeviceSignatures,
        issuing: CeremonyIssuing,
        code_book: CodeBook,
        starting: SessionStarting,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._signatures = signatures
        self._issuing = issuing
        self._code_book = code_book
        self._starting = starting
        self._throttle = throttle

    async def options(self, command: RequestDeviceKeySignIn, caller: Caller = ANYBODY) -> DeviceKeyChallenge:
        """What the key has to answer within 60 seconds; the same for one that nobody knows. Raises
        TooManyRequests."""
        await self._throttle.admit("ceremony", caller)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> DeviceKeyChallenge:
            challenge = await self._issuing.issue(
                unit, _PURPOSE, user_id=None, key_id=command.key_id, now=now
            )
            await unit.commit()
            return DeviceKeyChallenge.of(challenge)

        return await in_unit(lambda: self._units.open(caller), body)

    async def sign_in(self, command: SignInWithDeviceKey, caller: Caller = ANYBODY) -> SignedInOrAsked:
        """Begins a session. Raises InvalidCredentials, TooManyRequests."""
        await self._throttle.admit("ceremony", caller)
        now = self._clock.now()
        try:
            answer = await in_unit(
                lambda: self._units.open_alone(caller), lambda unit: self._sign_in(unit, command, now)
            )
        except _TooLittle:
            await in_unit(
                lambda: self._units.open_alone(caller), lambda unit: self._turn_away(unit, command, now)
            )
            answer = None
        if answer is None:
            raise InvalidCredentials
        return answer

    async def _sign_in(
        self, unit: IdentityUnit, command: SignInWithDeviceKey, now: datetime
    ) -> SignedInOrAsked | None:
        challenge = await self._consume(unit, command, now)
        key = await unit.device_keys.find_by_key_id(command.key_id)
        is_good = self.is_right(command, key, challenge.challenge if challenge else _NO_CHALLENGE)
        user = await unit.users.find(key.user_id if key else _NOBODY)
        if challenge is not None and key is not None and user is not None and is_good:
            answer = await self._begin(unit, user, key, now)
            if answer is not None:
                await unit.commit()
                return answer
        elif challenge is not None and key is not None:
            await self._count(unit, key, now)
        self._record_refusal(unit, command, user, now)
        await unit.commit()
        return None

    def is_right(self, command: SignInWithDeviceKey, key: DeviceKey | None, challenge: bytes) -> bool:
        """Whether the signature is right; no store is asked. Takes the same time without a key."""
        message = device_message(
            rp=self._issuing.audience,
            key_id=command.key_id,
            challenge=challenge,
            purpose=_PURPOSE.value,
            body_hash=NO_BODY,
        )
        return self._signatures.is_good(key.spki if key else None, decoded(command.signature), message)

    async def _begin(
        self, unit: IdentityUnit, user: User, key: DeviceKey, now: datetime
    ) -> SignedInOrAsked | None:
        if not key.may_sign_in or not user.may_sign_in:
            return None
        key.used(now=now)
        if not await unit.device_keys.use(key):
            return None
        answer = await self._starting.begin(unit, user, key.methods, now=now, device_key_id=key.id)
        if isinstance(answer, Tokens) and needs_more(user.roles, key.methods):
            raise _TooLittle
        return answer

    async def _count(self, unit: IdentityUnit, key: DeviceKey, now: datetime) -> None:
        counted = await unit.device_keys.refuse(key.id, now=now)
        if counted is not None:
            counted.note_refusal(now=now)
            await unit.device_keys.note(counted)

    async def _consume(
        self, unit: IdentityUnit, command: SignInWithDeviceKey, now: datetime
    ) -> CeremonyChallenge | None:
        answer = CeremonyAnswer(
            id=command.challenge_id,
            purpose=_PURPOSE,
            audience=self._issuing.audience,
            user_id=None,
            key_id=command.key_id,
        )
        return await unit.ceremony_challenges.consume(answer, now=now)

    async def _turn_away(self, unit: IdentityUnit, command: SignInWithDeviceKey, now: datetime) -> None:
        await self._consume(unit, command, now)
        key = await unit.device_keys.find_by_key_id(command.key_id)
        user = await unit.users.find(key.user_id if key else _NOBODY)
        self._record_refusal(unit, command, user, now)
        await unit.commit()

    def _record_refusal(
        self, unit: IdentityUnit, command: SignInWithDeviceKey, user: User | None, now: datetime
    ) -> None:
        unit.record(
            SignInRefused(
                occurred_at=now,
                subject_key=self._code_book.subject_key(command.key_id),
                user_id=user.id if user else None,
                method="device_key",
            )
        )
