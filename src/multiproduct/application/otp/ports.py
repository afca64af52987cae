"""What one-time codes need: their repositories, and the secret that codes are derived from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.application.ports.unit_of_work import UnitOfWork
from multiproduct.domain.otp import Challenge, GuessBudget, Purpose


class Challenges(Protocol):
    """Keeps challenges. What must be decided once is decided by one conditional statement each."""

    async def add(self, challenge: Challenge) -> None:
        """Keeps a new challenge."""
        ...

    async def find(self, id: UUID) -> Challenge | None:
        """The challenge as it stands."""
        ...

    async def live(self, purpose: Purpose, subject: str, *, now: datetime) -> Sequence[Challenge]:
        """The live challenges of a purpose for an address key, newest first; at most two, which is enough
        to tell whether there is exactly one."""
        ...

    async def take_attempt(self, id: UUID, purpose: Purpose, *, now: datetime) -> Challenge | None:
        """Counts one attempt at a live challenge of that purpose, and answers it as it then stands.

        One conditional statement: of any number of rivals at most `max_attempts` are counted. None when the
        challenge is unknown, of another purpose, used, void, expired, or out of attempts. The challenge stays
        held until the unit ends.
        """
        ...

    async def consume(self, challenge: Challenge) -> bool:
        """Writes `used_at`, unless it is set already or the challenge was revoked since it was read; false
        when a rival was first."""
        ...

    async def void(self, challenge: Challenge) -> None:
        """Writes `voided_at`, and logs the events of a wrong answer. Also called when the challenge lives
        on."""
        ...

    async def revoke(self, purpose: Purpose, subject: str, *, now: datetime) -> None:
        """Ends every unused challenge of a purpose for an address key, those that were guessed to death too:
        from `now` on neither their code nor their link is good. Logs nothing."""
        ...

    async def renew(self, challenge: Challenge, *, now: datetime) -> bool:
        """Writes the new generation if the stored one is the one before and the challenge is live; false if
        not."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes challenges that expired before the moment, at most `limit`; answers how many."""
        ...


class GuessBudgets(Protocol):
    """Keeps what each address has cost."""

    async def hold(self, key: str) -> GuessBudget:
        """The budget, an unused one if there is none, held by this unit until it ends: rivals wait."""
        ...

    async def save(self, budget: GuessBudget) -> None:
        """Writes a budget that this unit holds."""
        ...

    async def purge(self, *, idle_since: datetime, limit: int) -> int:
        """Removes budgets not touched since the moment, at most `limit`; answers how many."""
        ...


class OtpUnit(UnitOfWork, Protocol):
    """This context's slice of a unit of work."""

    @property
    def challenges(self) -> Challenges: ...
    @property
    def guess_budgets(self) -> GuessBudgets: ...


class Peppers(Protocol):
    """The secrets that codes and tokens are derived from, newest first; older ones stay good until
    retired."""

    @property
    def current_id(self) -> str:
        """The id of the secret that new challenges and sessions use."""
        ...

    def secret(self, key_id: str, label: str) -> bytes | None:
        """32 bytes for one use (`label`) of one secret, or None when the secret was retired."""
        ...
