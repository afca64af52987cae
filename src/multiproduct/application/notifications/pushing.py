"""Pushing one message to every device of a person, side by side, and forgetting the devices that are gone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.push_lanes import PushLanes
from multiproduct.application.notifications.push_ports import (
    PushAnswer,
    PushChannels,
    Pusher,
    PushMessage,
    PushTarget,
    PushUnit,
    PushVerdict,
)
from multiproduct.application.notifications.push_results import PushOutcome, PushState
from multiproduct.application.notifications.push_tokens import PushTokens
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.unit_of_work import TransientFailure, Units
from multiproduct.application.units import in_unit
from multiproduct.domain.notifications.push_device import (
    MAX_DEVICES,
    DeviceRemovedFor,
    PushDevice,
)
from multiproduct.domain.shared import Unavailable

_log = logging.getLogger(__name__)

TRIES = 3
"""Of one message to one device within one call."""
PATIENCE_SECONDS = 8.0
"""How long a call waits between its tries at one device, all together. A provider that asks for more is left
to a later call."""
_USUAL_WAIT = (0.5, 2.0)
"""Seconds before each further try where the provider did not say."""
_MOST_SESSIONS = 1_000
_FRESH_SECONDS = 1.0
"""After this a device is read again before it is pushed to: its token may be somebody else's by now."""

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Addressed:
    device: PushDevice
    target: PushTarget
    pusher: Pusher
    read_at: float


class Pushing:
    """Call it outside of any unit: it calls out. Within a call a device is sent a message at most once, save
    after an answer that it was not accepted. A call notes nothing of that: whoever makes it notes before that
    it is made, as `Notifying` does, and makes none for a message of which a call may have begun."""

    def __init__(
        self,
        *,
        units: Units[PushUnit],
        channels: PushChannels,
        tokens: PushTokens,
        clock: Clock,
        real_time: RealTime,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._units = units
        self._channels = channels
        self._tokens = tokens
        self._clock = clock
        self._real_time = real_time
        self._lanes = PushLanes(real_time=real_time)
        self._pause = pause

    async def send(self, user_id: UUID, message: PushMessage) -> PushOutcome:
        """Pushes to every device of the person that is not stale and whose session is not over. Raises
        nothing that a provider does; Unavailable and TransientFailure are those of the store, and come before
        anything was sent."""
        if not self._channels.pushers:
            return PushOutcome(state=PushState.NO_DEVICES, reason="push_off")
        addressed, reason = await self._addressed(user_id)
        if not addressed:
            return PushOutcome(state=PushState.NO_DEVICES, reason=reason)
        answers = await asyncio.gather(*(self._push(each, message) for each in addressed))
        for each, answer in zip(addressed, answers, strict=True):
            if answer.verdict is PushVerdict.GONE and each.device.died_at(answer.gone_since):
                await self._bury_if_possible(each.device)
        return outcome_of(answers)

    async def _addressed(self, user_id: UUID) -> tuple[Sequence[_Addressed], str]:
        """At most MAX_DEVICES, and why there are none where there are none."""
        now, read_at = self._clock.now(), self._real_time.monotonic()
        async with self._units.view(SYSTEM) as view:
            devices = await view.push_devices.of_user(user_id)
            sessions = await view.sessions.of_user(user_id, now=now, limit=_MOST_SESSIONS) if devices else ()
        live = {session.id for session in sessions}
        reason, found = "no_devices", []
        for device in devices[:MAX_DEVICES]:
            pusher = self._channels.pushers.get(device.kind)
            if pusher is None:
                reason = "push_off"
            elif device.is_stale(now):
                reason = "stale"
            elif device.session_id is not None and device.session_id not in live:
                reason = "signed_out"
            elif (target := self._tokens.opened(device)) is None:
                reason = "secret_retired"
            else:
                found.append(_Addressed(device=device, target=target, pusher=pusher, read_at=read_at))
        return found, reason

    async def _push(self, to: _Addressed, message: PushMessage) -> PushAnswer:
        lane, device = to.pusher.lane(to.target), to.device.token.digest
        patience = PATIENCE_SECONDS
        answer = PushAnswer(verdict=PushVerdict.LATER, reason="provider_busy")
        for attempt in range(TRIES):
            wait = max(self._lanes.closed_for(lane, device), _wait_before(attempt, answer))
            if wait > patience:
                return _later(answer, wait)
            if wait:
                patience -= wait
                await self._pause(wait)
            async with self._lanes.room(lane):
                # It may have been closed by another's answer while this one waited for room.
                if (closed := self._lanes.closed_for(lane, device)) > patience:
                    return _later(answer, closed)
                if (hindrance := await self._hindrance(to)) is not None:
                    return hindrance
                answer = await to.pusher.push(message, to.target)
            self._lanes.heard(lane, device, answer)
            if answer.verdict is not PushVerdict.LATER:
                return answer
        return _later(answer, max(1.0, self._lanes.closed_for(lane, device)))

    async def _hindrance(self, to: _Addressed) -> PushAnswer | None:
        """Why nothing may be sent there any more. That the store cannot say is an answer too: other devices
        may have the message by now, and must not be sent it again for an error."""
        try:
            is_the_same = await self._is_the_same(to)
        except (Unavailable, TransientFailure):
            return PushAnswer(verdict=PushVerdict.LATER, reason="store_unavailable", retry_after=1)
        return None if is_the_same else PushAnswer(verdict=PushVerdict.GONE, reason="moved")

    async def _is_the_same(self, to: _Addressed) -> bool:
        """Whether the device still has that token and that owner."""
        if self._real_time.monotonic() - to.read_at < _FRESH_SECONDS:
            return True
        async with self._units.view(SYSTEM) as view:
            kept = await view.push_devices.find(to.device.id)
        return kept is not None and kept.token.digest == to.device.token.digest

    async def _bury_if_possible(self, device: PushDevice) -> None:
        """Whatever became of the others is told all the same. The next message finds a dead device again."""
        try:
            await self._bury(device)
        except Unavailable as error:
            _log.warning("a device that is gone could not be removed: %s", error)

    async def _bury(self, device: PushDevice) -> None:
        """Removes a device that was not seen since it was read: with another token, or the same one anew, it
        is alive."""

        async def body(unit: PushUnit) -> None:
            kept = await unit.push_devices.find(device.id)
            if kept is None or kept.version != device.version:
                return
            kept.removed(DeviceRemovedFor.DEAD, now=self._clock.now())
            await unit.push_devices.remove(kept)
            await unit.commit()

        await in_unit(self._open, body)

    def _open(self) -> AbstractAsyncContextManager[PushUnit]:
        return self._units.open(SYSTEM)


def outcome_of(answers: Sequence[PushAnswer]) -> PushOutcome:
    """What the answers of a person's devices come to. One that accepted settles the matter for the person;
    without one the least certain counts, as only what certainly did not arrive may be sent again."""
    by_verdict = {verdict: [each for each in answers if each.verdict is verdict] for verdict in PushVerdict}
    accepted = len(by_verdict[PushVerdict.ACCEPTED])
    if accepted:
        return PushOutcome(state=PushState.SENT, reason="accepted", devices=len(answers), accepted=accepted)
    if uncertain := by_verdict[PushVerdict.UNCERTAIN]:
        return PushOutcome(state=PushState.UNCERTAIN, reason=uncertain[0].reason, devices=len(answers))
    if later := by_verdict[PushVerdict.LATER]:
        waits = [each.retry_after for each in later if each.retry_after is not None]
        return PushOutcome(
            state=PushState.FAILED,
            reason=later[0].reason,
            devices=len(answers),
            retry_after=min(waits, default=1),
        )
    if refused := by_verdict[PushVerdict.REFUSED]:
        return PushOutcome(state=PushState.FAILED, reason=refused[0].reason, devices=len(answers))
    return PushOutcome(state=PushState.NO_DEVICES, reason="devices_gone", devices=len(answers))


def _wait_before(attempt: int, answer: PushAnswer) -> float:
    if attempt == 0:
        return 0.0
    return _USUAL_WAIT[attempt - 1] if answer.retry_after is None else float(answer.retry_after)


def _later(answer: PushAnswer, seconds: float) -> PushAnswer:
    return PushAnswer(
        verdict=PushVerdict.LATER, reason=answer.reason, retry_after=max(1, round(seconds + 0.5))
    )
