"""The kinds of second factor there are: which of them a person has, and whether a proof is right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.second_factor_ports import FactorKind, FactorProof
from multiproduct.domain.identity.recovery_codes import read as read_recovery_code
from multiproduct.domain.shared import FieldProblem, InvalidInput

TOTP, RECOVERY_CODE, PASSKEY, SMS = "totp", "recovery_code", "passkey", "sms"


class OffersFactor(Protocol):
    """A command with a proof of a second factor."""

    @property
    def method(self) -> str | None: ...
    @property
    def code(self) -> str | None: ...
    @property
    def credential(self) -> dict[str, Any] | None: ...
    @property
    def challenge_id(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class Offered:
    """A proof, and the kind of factor it is to be one of."""

    kind: FactorKind
    proof: FactorProof

    def adds_to(self, methods: Sequence[str]) -> bool:
        """Whether a right proof would prove more than these methods did."""
        return self.kind.repeats.isdisjoint(methods)

    def completing(self, sign_in_id: UUID) -> "Offered":
        """The same for the sign-in that waits for it."""
        return Offered(self.kind, replace(self.proof, sign_in_id=sign_in_id))


class FactorKinds:
    """Knows no kind by itself: they are listed where the context is put together."""

    def __init__(self, *, kinds: Sequence[FactorKind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}

    async def enrolled(self, unit: IdentityUnit, user_id: UUID) -> Sequence[FactorKind]:
        """What sign-in would take as a second factor: nothing where there are only stand-ins for others."""
        found = [
            kind
            for kind in self._kinds.values()
            if not kind.is_stand_in and await kind.is_enrolled(unit, user_id)
        ]
        if not found:
            return ()
        stand_ins = [kind for kind in self._kinds.values() if kind.is_stand_in]
        return (*found, *[kind for kind in stand_ins if await kind.is_enrolled(unit, user_id)])

    def read(self, command: OffersFactor) -> Offered:
        """What a command offers. Raises InvalidInput."""
        if command.code is None and command.credential is None:
            raise InvalidInput(FieldProblem("code", "required"))
        kind = self._kinds.get(command.method or _kind_of(command))
        if kind is None:
            raise InvalidInput(FieldProblem("method", "not_allowed"))
        proof = FactorProof(
            code=command.code, credential=command.credential, challenge_id=command.challenge_id
        )
        return Offered(kind, proof)

    async def check(
        self, unit: IdentityUnit, user_id: UUID, offered: Offered, *, now: datetime
    ) -> tuple[str, ...] | None:
        """The methods that a right proof stands for, which is used up by this unit. A stand-in for nothing is
        never right. None is an outcome to be committed. Raises TooManyRequests while the factor is locked."""
        if offered.kind.is_stand_in and not await self.enrolled(unit, user_id):
            return None
        return await offered.kind.check(unit, user_id, offered.proof, now=now)


def _kind_of(command: OffersFactor) -> str:
    if command.credential is not None:
        return PASSKEY
    if command.challenge_id is not None:
        return SMS
    return RECOVERY_CODE if read_recovery_code(command.code or "") is not None else TOTP
