"""The loop that sends what is due: a few messages to each endpoint at a time, many endpoints at once."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.unit_of_work import TransientFailure, Units
from multiproduct.application.units import in_unit
from multiproduct.application.webhooks.delivering import Delivering, Outcome
from multiproduct.application.webhooks.pacing import AT_ONCE, Pacing
from multiproduct.application.webhooks.ports import WebhooksUnit
from multiproduct.domain.shared import Unavailable
from multiproduct.domain.webhooks import DisabledFor, Endpoint, Health, Message

_log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""Longer than a call and writing down what came of it may take."""
ENDPOINTS_A_TURN = 16
POLL_SECONDS = 1.0
GRACE_SECONDS = 5.0
_AFTER_FAILURE_SECONDS = 1.0
_BEGINNING = UUID(int=0)

Begun = tuple[Endpoint, Sequence[Message]]


class MessageSending:
    """Each turn is one transaction: it writes what came of finished attempts, and leases new messages. Calls
    stand between turns, each in a task of its own.

    A process that dies leaves its messages leased; another sends them after the lease, with the same ids. Any
    number of processes may run it. Endpoints take turns by their ids, so that none is passed over.
    """

    def __init__(
        self,
        *,
        units: Units[WebhooksUnit],
        delivering: Delivering,
        clock: Clock,
        real_time: RealTime,
        lease: timedelta = LEASE,
    ) -> None:
        self._units = units
        self._delivering = delivering
        self._clock = clock
        self._real_time = real_time
        self._lease_length = lease
        self._pacing = Pacing()
        self._finished: list[Outcome] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._loop_task: asyncio.Task[None] | None = None
        self._stopping = False
        self._place = _BEGINNING

    def wake(self) -> None:
        """There may be messages now. To be called on the loop that sends."""
        self._woken.set()

    async def start(self) -> None:
        """Begins sending in a task of its own."""
        self._stopping = False
        # An event belongs to the loop that first waits for it, which is this one from now on.
        self._woken = asyncio.Event()
        self._loop_task = asyncio.create_task(self._loop(), name="webhooks")

    async def stop(self) -> None:
        """Begins nothing more, gives calls under way a few seconds, and writes down what came of them. What
        was cut off is sent again after its lease."""
        self._stopping = True
        self._woken.set()
        if self._loop_task is not None:
            await self._loop_task
            self._loop_task = None
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        if self._finished:
            await self._turn([])

    async def drain(self) -> int:
        """Sends until nothing is due and nothing is under way; answers how many attempts were made. For
        tests, and for embedding without the loop."""
        made = 0
        while True:
            found = await self._due()
            settled = len(self._finished)
            made += settled
            begun = await self._turn(found) if found or settled else 0
            if self._tasks:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            elif not begun and not settled and not self._finished:
                return made

    async def _loop(self) -> None:
        while not self._stopping:
            self._woken.clear()
            try:
                found = await self._due()
                begun = await self._turn(found) if found or self._finished else 0
            except (Unavailable, TransientFailure, OSError) as error:
                _log.warning("webhooks wait for the database", extra={"reason": str(error)})
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            except Exception:  # noqa: BLE001 - see below
                # Whatever it was, it may be mended by the next try; a loop that ended would tell nobody.
                _log.exception("sending webhooks failed")
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            if not begun:
                await self._rest()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), timeout=POLL_SECONDS)
        except TimeoutError:
            return

    async def _due(self) -> Sequence[UUID]:
        """The next endpoints with something due. Read without writing, as most of the time there is
        nothing."""
        now, full = self._real_time.now(), self._pacing.full()
        async with self._units.view(SYSTEM) as view:
            endpoints = view.webhook_endpoints
            found = list(
                await endpoints.due(now=now, after=self._place, excluded=full, limit=ENDPOINTS_A_TURN)
            )
            if not found and self._place != _BEGINNING:
                found = list(
                    await endpoints.due(now=now, after=_BEGINNING, excluded=full, limit=ENDPOINTS_A_TURN)
                )
        self._place = found[-1] if len(found) == ENDPOINTS_A_TURN else _BEGINNING
        return found

    async def _turn(self, found: Sequence[UUID]) -> int:
        """Settles and leases in one transaction, then begins what was leased; answers how many."""
        outcomes = list(self._finished)

        async def body(unit: WebhooksUnit) -> list[Begun]:
            await self._settle(unit, outcomes)
            begun = await self._lease(unit, found)
            await unit.commit()
            return begun

        leased = await in_unit(lambda: self._units.open(SYSTEM), body)
        del self._finished[: len(outcomes)]
        return sum(self._begin(endpoint, messages) for endpoint, messages in leased)

    async def _lease(self, unit: WebhooksUnit, found: Sequence[UUID]) -> list[Begun]:
        now, taken, begun = self._real_time.now(), 0, []
        free = max(0, AT_ONCE - self._pacing.under_way)
        for endpoint_id in found:
            room = min(self._pacing.room(endpoint_id), free - taken)
            if room <= 0:
                continue
            messages = await unit.webhook_messages.lease(
                endpoint_id, now=now, until=now + self._lease_length, limit=room
            )
            endpoint = await unit.webhook_endpoints.find(endpoint_id) if messages else None
            if endpoint is not None:
                begun.append((endpoint, messages))
                taken += len(messages)
        return begun

    def _begin(self, endpoint: Endpoint, messages: Sequence[Message]) -> int:
        for message in messages:
            begun_well = self._pacing.begin(endpoint.id)
            task = asyncio.create_task(self._send(endpoint, message, begun_well=begun_well))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        return len(messages)

    async def _send(self, endpoint: Endpoint, message: Message, *, begun_well: bool) -> None:
        began, succeeded = self._real_time.monotonic(), False
        try:
            outcome = await self._delivering.attempt(endpoint, message)
            succeeded = outcome.is_success
            self._finished.append(outcome)
        finally:
            seconds = self._real_time.monotonic() - began
            self._pacing.end(endpoint.id, begun_well=begun_well, seconds=seconds, succeeded=succeeded)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The message stays leased and is sent again after the lease.
            _log.error("a webhook could not be sent", exc_info=error)
        self._woken.set()

    async def _settle(self, unit: WebhooksUnit, outcomes: Sequence[Outcome]) -> None:
        if not outcomes:
            return
        await unit.webhook_messages.settle([each.settlement for each in outcomes])
        for endpoint_id in sorted({each.endpoint_id for each in outcomes}):
            of_it = [each for each in outcomes if each.endpoint_id == endpoint_id]
            await self._note(unit, endpoint_id, sorted(of_it, key=lambda each: each.at))

    async def _note(self, unit: WebhooksUnit, endpoint_id: UUID, outcomes: Sequence[Outcome]) -> None:
        endpoint = await unit.webhook_endpoints.find(endpoint_id)
        if endpoint is None:
            return
        health = endpoint.health
        for each in outcomes:
            health = Health() if each.is_success else health.failed(each.at)
        paused = _latest(endpoint.paused_until, *(each.resume_at for each in outcomes))
        if (health, paused) != (endpoint.health, endpoint.paused_until):
            await unit.webhook_endpoints.note(endpoint_id, health=health, paused_until=paused)
        reason = _reason_to_stop(outcomes, health)
        if reason is not None and endpoint.is_enabled:
            endpoint.disable(reason, now=self._clock.now())
            await unit.webhook_endpoints.save(endpoint)


def _reason_to_stop(outcomes: Sequence[Outcome], health: Health) -> DisabledFor | None:
    if any(each.is_gone for each in outcomes):
        return DisabledFor.GONE
    return DisabledFor.FAILING if health.is_hopeless else None


def _latest(*moments: datetime | None) -> datetime | None:
    return max((each for each in moments if each is not None), default=None)
