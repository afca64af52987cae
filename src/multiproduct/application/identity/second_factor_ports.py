"""What second factors need: where they are kept, the codes of apps, and what a kind of factor does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from multiproduct.domain.identity import PendingSignIn, RecoveryCode, SmsFactor, TotpFactor

if TYPE_CHECKING:
    from multiproduct.application.identity.ports import IdentityUnit


class TotpFactors(Protocol):
    """Keeps authenticator apps' secrets."""

    async def add(self, factor: TotpFactor) -> None:
        """Keeps a new one, and removes every other of the user's that is not confirmed."""
        ...

    async def of_user(self, user_id: UUID) -> Sequence[TotpFactor]:
        """All of a user, also unconfirmed ones, in the order of their ids."""
        ...

    async def hold_of_user(self, user_id: UUID) -> Sequence[TotpFactor]:
        """Like `of_user`, held by this unit until it ends: rivals wait."""
        ...

    async def use_step(self, factor: TotpFactor, step: int) -> bool:
        """Writes `step` as the last one used unless that one or a later one was used already: one conditional
        statement. False when a rival was first, or the factor is gone."""
        ...

    async def save(self, factor: TotpFactor) -> None:
        """Writes a held factor's name, sealed secret, confirmation, failures and lock; never its last
        step."""
        ...

    async def remove(self, factor: TotpFactor) -> bool:
        """Removes it; false when it was gone. Logs its events only where true."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes unconfirmed ones made before the moment, at most `limit`; answers how many."""
        ...


class RecoveryCodes(Protocol):
    """Keeps recovery codes as sealed digests."""

    async def replace(self, user_id: UUID, codes: Sequence[RecoveryCode]) -> None:
        """Removes every code of the user, used or not, and keeps these (none are fine)."""
        ...

    async def unused(self, user_id: UUID) -> Sequence[RecoveryCode]:
        """The unused ones of a user, at most as many as there are in a set."""
        ...

    async def hold_unused(self, user_id: UUID) -> Sequence[RecoveryCode]:
        """Like `unused`, held by this unit until it ends, also where there are none: rivals wait, and find
        what it kept."""
        ...

    async def use(self, code: RecoveryCode, *, now: datetime) -> bool:
        """Writes `used_at` if the code is there and unused: one conditional statement; false when a rival was
        first."""
        ...


class SmsFactors(Protocol):
    """Keeps who takes codes by text message as a second factor."""

    async def add(self, factor: SmsFactor) -> bool:
        """Keeps it, unless the person has one: one conditional statement. False, and nothing logged, where
        they do."""
        ...

    async def find(self, user_id: UUID) -> SmsFactor | None:
        """The person's."""
        ...

    async def remove(self, factor: SmsFactor) -> bool:
        """Removes it; false when it was gone. Logs its events only where true."""
        ...


class PendingSignIns(Protocol):
    """Keeps sign-ins that wait for a second factor."""

    async def add(self, pending: PendingSignIn) -> None:
        """Keeps a new one."""
        ...

    async def find(self, id: UUID) -> PendingSignIn | None:
        """As it stands."""
        ...

    async def take_attempt(self, id: UUID, *, now: datetime) -> PendingSignIn | None:
        """Counts one attempt at a live sign-in, and answers it as it then stands, held until the unit ends.

        One conditional statement: of any number of rivals at most 5 are counted. None when it is unknown,
        completed, expired or out of attempts.
        """
        ...

    async def complete(self, pending: PendingSignIn, *, now: datetime) -> bool:
        """Writes `completed_at` unless it is set: one conditional statement; false when a rival was first."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment, at most `limit`; answers how many."""
        ...


@dataclass(frozen=True, slots=True)
class SealedRow:
    """Something sealed, as it lies in its row. `purpose` is what it was sealed for."""

    id: UUID
    purpose: str
    sealed: bytes = field(repr=False)


class SealedRows(Protocol):
    """A table with a sealed column, for sealing all of it anew when the secret changes."""

    async def after(self, id: UUID, *, limit: int) -> Sequence[SealedRow]:
        """Rows in the order of their ids, those after `id`."""
        ...

    async def replace(self, row: SealedRow, sealed: bytes) -> bool:
        """Writes `sealed` if the row still holds what `row` does: one conditional statement. False when
        somebody changed or removed it meanwhile."""
        ...


class TotpCodes(Protocol):
    """Time-based one-time codes (RFC 6238): SHA-1, 6 digits, 30 seconds, as every authenticator app knows
    them."""

    def new_secret(self) -> bytes:
        """160 bits that nobody can predict."""
        ...

    def text(self, secret: bytes) -> str:
        """The secret as people type it into an app: base32."""
        ...

    def provisioning_uri(self, secret: bytes, *, account: str, issuer: str) -> str:
        """The `otpauth://totp/...` address that a QR code shows an app."""
        ...

    def step_of(self, secret: bytes, code: str, *, now: datetime, window: int) -> int | None:
        """The time step that `code` is right for, of those at most `window` from that of `now`; None for a
        wrong one. Compares in constant time."""
        ...


class QrCodes(Protocol):
    """Draws QR codes (ISO/IEC 18004)."""

    def svg(self, text: str) -> str:
        """An SVG document."""
        ...

    def png(self, text: str) -> bytes:
        """A PNG image."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorProof:
    """What somebody offers as a second factor: a code, or what a browser says of a passkey. `sign_in_id` is
    the sign-in that waits for it, None for somebody who is signed in."""

    code: str | None = field(default=None, repr=False)
    credential: Mapping[str, Any] | None = field(default=None, repr=False)
    challenge_id: UUID | None = None
    sign_in_id: UUID | None = None


class FactorKind(Protocol):
    """One kind of second factor. Kinds are listed in `wiring.py`; sign-in and step-up know no others."""

    @property
    def name(self) -> str:
        """What clients call it: `totp`, `recovery_code`, `passkey`, `sms`."""
        ...

    @property
    def repeats(self) -> frozenset[str]:
        """Methods (RFC 8176) after which it proves nothing new, so that it is no second factor to them."""
        ...

    @property
    def is_stand_in(self) -> bool:
        """Whether it only stands in for other kinds: having it does not make sign-in ask for a second
        factor."""
        ...

    async def is_enrolled(self, unit: "IdentityUnit", user_id: UUID) -> bool:
        """Whether the person could answer with it."""
        ...

    async def check(
        self, unit: "IdentityUnit", user_id: UUID, proof: FactorProof, *, now: datetime
    ) -> tuple[str, ...] | None:
        """The RFC 8176 methods that a right proof stands for, which is used up by this unit. None for a wrong
        one is an outcome to be committed, so that the failure stays counted. Raises TooManyRequests while
        the factor is locked."""
        ...
