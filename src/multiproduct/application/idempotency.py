"""Same key, same answer: commands that create something can be repeated without doing it twice."""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from multiproduct.application.caller import Caller
from multiproduct.application.throttling import network_of
from multiproduct.domain.shared import MultiproductError
from multiproduct.domain.shared.errors import Kind

KEPT_FOR = timedelta(hours=24)
MAX_KEY_LENGTH = 255

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyRecord:
    """What is kept of a first request: a keyed fingerprint of its input, and its answer once there is one."""

    scope: str
    key: str
    fingerprint: str
    answer: dict[str, Any] | None
    expires_at: datetime


class IdempotencyRecords(Protocol):
    """The slice of a unit that keeps first answers, with the effect they belong to."""

    async def claim(self, record: IdempotencyRecord, *, now: datetime) -> IdempotencyRecord | None:
        """Keeps `record` if its scope and key are free (or expired), else answers what is kept.

        One conditional insert decides; a rival waits until the first unit ends.
        """
        ...

    async def find(self, scope: str, key: str, *, now: datetime) -> IdempotencyRecord | None:
        """What is kept and not expired, claiming nothing."""
        ...

    async def answer(self, scope: str, key: str, answer: dict[str, Any]) -> None:
        """Stores the first answer."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes expired records, at most `limit`; answers how many."""
        ...


class IdempotencyUnit(Protocol):
    """A unit with idempotency records."""

    @property
    def idempotency(self) -> IdempotencyRecords: ...


class IdempotencyMismatch(MultiproductError):
    """The key was used before, with other input."""

    code = "idempotency_mismatch"
    kind = Kind.MISMATCH


class IdempotencyUnfinished(MultiproductError):
    """The first request with this key is still under way."""

    code = "idempotency_unfinished"
    kind = Kind.CONFLICT


class Idempotency:
    """Runs a command's body at most once per key, inside the unit that holds its effect."""

    def __init__(self, *, secret: bytes) -> None:
        self._secret = secret

    async def first_answer(
        self,
        unit: IdempotencyUnit,
        *,
        key: str | None,
        activity: str,
        caller: Caller,
        command: BaseModel,
        answer_type: type[Answer],
        now: datetime,
    ) -> Answer | None:
        """The stored answer, so that a repeat costs neither limits nor work; None where there is none yet.

        Raises IdempotencyMismatch.
        """
        if key is None:
            return None
        kept = await unit.idempotency.find(_scope(activity, caller), key, now=now)
        if kept is None or kept.answer is None:
            return None
        return self._replay(kept, self._fingerprint(activity, command), answer_type)

    async def once(
        self,
        unit: IdempotencyUnit,
        *,
        key: str | None,
        activity: str,
        caller: Caller,
        command: BaseModel,
        answer_type: type[Answer],
        now: datetime,
        body: Callable[[], Awaitable[Answer]],
    ) -> Answer:
        """The body's answer, or the stored one of the first request with this key and input.

        Without a key the body simply runs. Raises IdempotencyMismatch, IdempotencyUnfinished.
        """
        if key is None:
            return await body()
        scope = _scope(activity, caller)
        fingerprint = self._fingerprint(activity, command)
        record = IdempotencyRecord(
            scope=scope, key=key, fingerprint=fingerprint, answer=None, expires_at=now + KEPT_FOR
        )
        kept = await unit.idempotency.claim(record, now=now)
        if kept is not None:
            return self._replay(kept, fingerprint, answer_type)
        answer = await body()
        await unit.idempotency.answer(scope, key, answer.model_dump(mode="json"))
        return answer

    def _fingerprint(self, activity: str, command: BaseModel) -> str:
        # Keyed, because the input can hold a password that a plain digest would let one guess at.
        canonical = json.dumps(command.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hmac.new(self._secret, f"{activity}\0{canonical}".encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def _replay(kept: IdempotencyRecord, fingerprint: str, answer_type: type[Answer]) -> Answer:
        if not hmac.compare_digest(kept.fingerprint, fingerprint):
            raise IdempotencyMismatch(key=kept.key)
        if kept.answer is None:
            raise IdempotencyUnfinished(key=kept.key)
        return answer_type.model_validate(kept.answer)


def _scope(activity: str, caller: Caller) -> str:
    """Keys are each caller's own: a stranger's key must not stand in another's way."""
    who = caller.principal.user_id or f"anonymous@{network_of(caller.ip) if caller.ip else 'here'}"
    return f"{activity}/{who}"
