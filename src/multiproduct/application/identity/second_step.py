"""The step between a first factor and a session: whether a second factor is asked for."""

import hashlib
from datetime import datetime
from uuid import UUID

from multiproduct.application.identity.factor_kinds import FactorKinds
from multiproduct.application.identity.mfa_tokens import MfaTokens
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.second_factor_results import SecondFactorRequired
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.identity import ForeignIdentity, PendingSignIn, User, are_two_factors


class SecondStep:
    """Within the unit of whoever proved the first factor, which that one commits."""

    def __init__(self, *, ids: Ids, tokens: MfaTokens, kinds: FactorKinds) -> None:
        self._ids = ids
        self._tokens = tokens
        self._kinds = kinds

    async def ask(
        self,
        unit: IdentityUnit,
        user: User,
        methods: tuple[str, ...],
        *,
        now: datetime,
        device_key_id: UUID | None = None,
        to_be_linked: ForeignIdentity | None = None,
    ) -> SecondFactorRequired | None:
        """Keeps the sign-in waiting, and says for what; None where the methods are two factors already, or
        the person has no second one. A kind that would only repeat the first factor is not asked for, also
        where there is no other: then the person comes in some other way. `to_be_linked` waits with the
        sign-in."""
        if are_two_factors(methods):
            return None
        kinds = await self._kinds.enrolled(unit, user.id)
        if not kinds:
            return None
        pending = PendingSignIn.begin(
            id=self._ids.next(),
            user_id=user.id,
            key_id=self._tokens.key_id,
            methods=methods,
            credential_mark=credential_mark(user),
            now=now,
            device_key_id=device_key_id,
            to_be_linked=to_be_linked,
        )
        await unit.pending_sign_ins.add(pending)
        return SecondFactorRequired(
            mfa_token=self._tokens.of(pending),
            methods=[kind.name for kind in kinds if kind.repeats.isdisjoint(methods)],
            expires_in=int((pending.expires_at - now).total_seconds()),
        )


def credential_mark(user: User) -> str:
    """Tells one password hash from the next, and nothing about the password."""
    return hashlib.sha256(b"multiproduct/mark/v1" + (user.password_hash or "").encode()).hexdigest()[:16]
