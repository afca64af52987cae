"""Steps of ceremonies: giving out challenges, and judging what an authenticator answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from multiproduct.application.identity.passkey_ports import PasskeyCeremonies
from multiproduct.application.identity.passkey_results import PasskeyOptions
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.second_factor_ports import FactorProof
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.domain.identity import (
    Assertion,
    CeremonyAnswer,
    CeremonyChallenge,
    CeremonyPurpose,
    Passkey,
)
from multiproduct.domain.identity.ceremony import CHALLENGE_BYTES

_NO_CHALLENGE = bytes(CHALLENGE_BYTES)


class CeremonyIssuing:
    """Gives out challenges."""

    def __init__(self, *, ids: Ids, randomness: Randomness, audience: str) -> None:
        self._ids = ids
        self._randomness = randomness
        self.audience = audience

    async def issue(
        self,
        unit: IdentityUnit,
        purpose: CeremonyPurpose,
        *,
        user_id: UUID | None,
        key_id: str | None = None,
        now: datetime,
    ) -> CeremonyChallenge:
        """A fresh challenge, kept in the caller's unit."""
        challenge = CeremonyChallenge.issue(
            id=self._ids.next(),
            purpose=purpose,
            audience=self.audience,
            randomness=self._randomness.bytes(CHALLENGE_BYTES),
            user_id=user_id,
            key_id=key_id,
            now=now,
        )
        await unit.ceremony_challenges.add(challenge)
        return challenge


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyProof:
    """Which challenge is answered, and what the browser says (AuthenticationResponseJSON)."""

    challenge_id: UUID
    credential: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyOutcome:
    """What came of a proof. `methods` (RFC 8176 `amr` values) is None for one that is refused; `owner_id` is
    whose credential was named, also then."""

    owner_id: UUID | None
    methods: tuple[str, ...] | None


class PasskeyChecking:
    """Judges a proof once, with the same work whether or not anybody knows the credential.

    A genuine signature with a count that is not higher than the last one means that there are two copies: it
    is refused and the passkey suspended. (Two that are made at once and arrive in the other order look the
    same, which costs an owner a passkey and a thief the account.)
    """

    def __init__(self, *, ceremonies: PasskeyCeremonies, issuing: CeremonyIssuing) -> None:
        self._ceremonies = ceremonies
        self._issuing = issuing

    async def offer(
        self,
        unit: IdentityUnit,
        *,
        user_id: UUID | None,
        purpose: CeremonyPurpose,
        now: datetime,
        sign_in_id: UUID | None = None,
    ) -> PasskeyOptions:
        """Options by which the user, or whoever it will turn out to be, can prove who they are; for just one
        sign-in that waits, where one is named."""
        allowed = await unit.passkeys.of_user(user_id) if user_id is not None else ()
        challenge = await self._issuing.issue(
            unit, purpose, user_id=user_id, key_id=_named(sign_in_id), now=now
        )
        public_key = self._ceremonies.request_options(
            challenge=challenge.challenge,
            allowed=[each for each in allowed if each.suspended_at is None],
            needs_verification=user_id is None,
        )
        return PasskeyOptions(
            challenge_id=challenge.id, expires_at=challenge.expires_at, public_key=public_key
        )

    async def options(
        self, unit: IdentityUnit, user_id: UUID, *, sign_in_id: UUID, now: datetime
    ) -> PasskeyOptions:
        """Options for the second factor of a sign-in that waits, and for no other."""
        purpose = CeremonyPurpose.PASSKEY_SECOND_STEP
        return await self.offer(unit, user_id=user_id, purpose=purpose, sign_in_id=sign_in_id, now=now)

    async def check(
        self,
        unit: IdentityUnit,
        user_id: UUID,
        proof: PasskeyProof,
        *,
        now: datetime,
        sign_in_id: UUID | None = None,
    ) -> tuple[str, ...] | None:
        """The methods that one of the user's passkeys proved, for the sign-in that waits or else in a session
        that goes on; None for a proof that is refused, which is an outcome to be committed."""
        purpose = CeremonyPurpose.PASSKEY_CHECK if sign_in_id is None else CeremonyPurpose.PASSKEY_SECOND_STEP
        answer = self._answer(proof, purpose, user_id, sign_in_id)
        outcome = await self._judge(unit, proof, answer, now=now)
        return outcome.methods

    async def identify(self, unit: IdentityUnit, proof: PasskeyProof, *, now: datetime) -> PasskeyOutcome:
        """Whose passkey it is, with nothing else known: the authenticator must have verified the person, and
        say whose credential it takes it for. A refusal is an outcome to be committed."""
        answer = self._answer(proof, CeremonyPurpose.PASSKEY_SIGN_IN, None, None)
        return await self._judge(unit, proof, answer, now=now)

    def _answer(
        self, proof: PasskeyProof, purpose: CeremonyPurpose, user_id: UUID | None, sign_in_id: UUID | None
    ) -> CeremonyAnswer:
        return CeremonyAnswer(
            id=proof.challenge_id,
            purpose=purpose,
            audience=self._ceremonies.audience,
            user_id=user_id,
            key_id=_named(sign_in_id),
        )

    async def _judge(
        self, unit: IdentityUnit, proof: PasskeyProof, answer: CeremonyAnswer, *, now: datetime
    ) -> PasskeyOutcome:
        challenge = await unit.ceremony_challenges.consume(answer, now=now)
        credential_id = self._ceremonies.credential_id(proof.credential)
        named = await unit.passkeys.find_by_credential(credential_id or b"")
        passkey = named if named is not None and _may_answer(named, answer) else None
        assertion = self._ceremonies.asserted(
            proof.credential,
            challenge=challenge.challenge if challenge else _NO_CHALLENGE,
            public_key=passkey.public_key if passkey else None,
        )
        refused = PasskeyOutcome(owner_id=named.user_id if named else None, methods=None)
        if challenge is None or passkey is None or assertion is None:
            return refused
        alone = answer.user_id is None
        if not passkey.fits(assertion, needs_handle=alone) or (alone and not assertion.user_verified):
            return refused
        if not await unit.passkeys.use(passkey, assertion, now=now):
            await self._suspend_copied(unit, passkey, assertion, now=now)
            return refused
        return PasskeyOutcome(owner_id=passkey.user_id, methods=passkey.methods(assertion))

    async def _suspend_copied(
        self, unit: IdentityUnit, passkey: Passkey, assertion: Assertion, *, now: datetime
    ) -> None:
        stored = await unit.passkeys.find(passkey.id)
        if stored is not None and not stored.take_count(assertion.sign_count):
            stored.suspend(now=now)
            await unit.passkeys.suspend(stored)


class PasskeyFactor:
    """Passkeys as a kind of second factor: the `FactorKind` port."""

    name = "passkey"
    is_stand_in = False
    repeats: frozenset[str] = frozenset()

    def __init__(self, *, checking: PasskeyChecking) -> None:
        self._checking = checking

    async def is_enrolled(self, unit: IdentityUnit, user_id: UUID) -> bool:
        """Whether there is one that is not suspended."""
        found: Sequence[Passkey] = await unit.passkeys.of_user(user_id)
        return any(each.suspended_at is None for each in found)

    async def check(
        self, unit: IdentityUnit, user_id: UUID, proof: FactorProof, *, now: datetime
    ) -> tuple[str, ...] | None:
        """What this passkey proved: its kind of key, and whether its owner was verified."""
        if proof.credential is None or proof.challenge_id is None:
            return None
        given = PasskeyProof(challenge_id=proof.challenge_id, credential=proof.credential)
        return await self._checking.check(unit, user_id, given, sign_in_id=proof.sign_in_id, now=now)


def _named(sign_in_id: UUID | None) -> str | None:
    return None if sign_in_id is None else str(sign_in_id)


def _may_answer(passkey: Passkey, answer: CeremonyAnswer) -> bool:
    return passkey.suspended_at is None and answer.user_id in (None, passkey.user_id)
