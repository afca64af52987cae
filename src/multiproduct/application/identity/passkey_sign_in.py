"""Signing in with a passkey and nothing else, and options for proving again who one is."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.passkey_checking import PasskeyChecking, PasskeyProof
from multiproduct.application.identity.passkey_commands import SignInWithPasskey
from multiproduct.application.identity.passkey_results import PasskeyOptions
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.second_factor_results import SignedInOrAsked
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.otp import CodeBook
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import CeremonyPurpose, InvalidCredentials, SignInRefused

_NOBODY = UUID(int=0)


class PasskeySignIn:
    """Nobody says who they are: the authenticator knows. Does the same work and gives the same answer
    whether or not anybody knows the credential."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        checking: PasskeyChecking,
        code_book: CodeBook,
        starting: SessionStarting,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._checking = checking
        self._code_book = code_book
        self._starting = starting
        self._throttle = throttle

    async def options(self, caller: Caller = ANYBODY) -> PasskeyOptions:
        """What a browser needs to ask for a passkey. Raises TooManyRequests."""
        await self._throttle.admit("ceremony", caller)
        return await self._offer(caller, None, CeremonyPurpose.PASSKEY_SIGN_IN)

    async def check_options(self, caller: Caller) -> PasskeyOptions:
        """What a browser needs to have the signed-in person prove again who they are. Raises
        Unauthenticated."""
        user_id = caller.require_user()
        await self._throttle.admit("ceremony", caller)
        return await self._offer(caller, user_id, CeremonyPurpose.PASSKEY_CHECK)

    async def sign_in(self, command: SignInWithPasskey, caller: Caller = ANYBODY) -> SignedInOrAsked:
        """Begins a session. Raises InvalidCredentials, TooManyRequests."""
        await self._throttle.admit("ceremony", caller)
        proof = PasskeyProof(challenge_id=command.challenge_id, credential=command.credential)
        now = self._clock.now()
        answer = await in_unit(
            lambda: self._units.open_alone(caller), lambda unit: self._sign_in(unit, proof, now)
        )
        if answer is None:
            raise InvalidCredentials
        return answer

    async def _offer(self, caller: Caller, user_id: UUID | None, purpose: CeremonyPurpose) -> PasskeyOptions:
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> PasskeyOptions:
            options = await self._checking.offer(unit, user_id=user_id, purpose=purpose, now=now)
            await unit.commit()
            return options

        return await in_unit(lambda: self._units.open(caller), body)

    async def _sign_in(
        self, unit: IdentityUnit, proof: PasskeyProof, now: datetime
    ) -> SignedInOrAsked | None:
        outcome = await self._checking.identify(unit, proof, now=now)
        user = await unit.users.find(outcome.owner_id or _NOBODY)
        if outcome.methods is None or user is None or not user.may_sign_in:
            unit.record(
                SignInRefused(
                    occurred_at=now,
                    subject_key=self._code_book.subject_key(f"challenge {proof.challenge_id}"),
                    user_id=user.id if user else None,
                    method="passkey",
                )
            )
            await unit.commit()
            return None
        answer = await self._starting.begin(unit, user, outcome.methods, now=now)
        await unit.commit()
        return answer
