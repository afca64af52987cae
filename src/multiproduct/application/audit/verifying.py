"""Verifying: going along the whole chain and telling what does not hold. Only reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from multiproduct.application.audit.ports import AuditUnit, UnsealedTail
from multiproduct.application.audit.signing import HeadSigning
from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.audit import (
    ERASURE,
    MAX_FINDINGS,
    STRANGERS_KEPT,
    STRANGERS_MARGIN,
    ChainCheck,
    ChainHead,
    Finding,
    HeadStanding,
    Mark,
)

PAGE = 1_000
"""Entries in memory at once."""
_EVERY_NUMBER = 2**63 - 1

Progress = Callable[[int, int], None]
"""Is told how many of how many entries were looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of it. `findings` are the first of `total`; `head` is where the chain ended when it began.
    `erased` of the entries tell of nobody any more, as a person was erased or as they named nobody and are
    old."""

    head: ChainHead | None
    entries: int
    erased: int
    findings: list[Finding]
    total: int
    tail: UnsealedTail

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return self.total == 0


class AuditVerifying:
    """Looks at the chain as it was when it began; what is sealed meanwhile is for the next time."""

    def __init__(self, *, units: Units[AuditUnit], clock: Clock, signing: HeadSigning) -> None:
        self._units = units
        self._clock = clock
        self._signing = signing

    async def head(self) -> tuple[ChainHead | None, HeadStanding]:
        """Where the chain ends, and what its signature is worth."""
        async with self._units.view(SYSTEM) as view:
            head = await view.audit_chain.head()
        return head, self._signing.standing(head)

    async def tail(self) -> UnsealedTail:
        """How much is not sealed yet."""
        async with self._units.view(SYSTEM) as view:
            return await view.audit_chain.tail()

    async def run(
        self, *, since: Mark | None = None, progress: Progress = lambda _done, _all: None
    ) -> Verdict:
        """Goes along the chain. With `since`, a head that was kept elsewhere, the chain must go through
        it."""
        check = ChainCheck(
            since=since, forgotten_before=self._clock.now() - STRANGERS_KEPT + STRANGERS_MARGIN
        )
        async with self._units.view(SYSTEM) as view:
            chain = view.audit_chain
            head = await chain.head()
            until = head.mark.sequence if head else _EVERY_NUMBER
            async for rows in chain.sealed(until=until, page=PAGE):
                for row in rows:
                    check.take(row)
                progress(check.entries, head.mark.sequence if head else check.entries)
            beyond = await chain.beyond_head(limit=MAX_FINDINGS) if head else ()
            check.explain(await _erased_among(view, check.unexplained))
            check.finish(head=head, standing=self._signing.standing(head), beyond=beyond)
            tail = await chain.tail()
        return Verdict(
            head=head,
            entries=check.entries,
            erased=check.erased,
            findings=check.findings,
            total=check.total,
            tail=tail,
        )


async def _erased_among(view: AuditUnit, people: Sequence[str]) -> list[str]:
    """Those whose erasure the log tells of: the entry may have been sealed after the going along began."""
    told = [(each, AuditFilter(user_id=each, event=ERASURE)) for each in people]
    return [each for each, wanted in told if await view.audit_trail.find(wanted, limit=1)]
