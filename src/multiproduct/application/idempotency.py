"""Same key, same answer: commands that create something can be repeated without doing it twice."""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

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
    """What is kept of a first request: a keyed fingerprint of its input, and its answer once there is one.
    `about` is the person whose data the answer tells: an id of a user, or the key of an address."""

    scope: str
    key: str
    fingerprint: str
    answer: dict[str, Any] | None
    expires_at: datetime
    about: str | None = None


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

    async def answer(self, scope: str, key: str, answer: dict[str, Any], *, about: str | None = None) -> None:
        """Stores the first answer, and whom it tells of, so that it goes when that person is erased."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes expired records, at most `limit`; answers how many."""
        ...


@runtime_checkable
class TellsOfPerson(Protocol):
    """An answer that holds somebody's personal data."""

    @property
    def about(self) -> str | None:
        """The id of the user, or the key of the address."""
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

    def __init__(self, *, secret: bytes, older: Sequence[bytes] = ()) -> None:
        """`secret` keys new fingerprints. `older` ones are still known, so that a request which is repeated
        after the secret was rotated finds its first answer."""
        self._secret = secret
        self._older = tuple(older)

    def keyed(
        self,
        *,
        key: str | None,
        activity: str,
        caller: Caller,
        command: BaseModel,
        answer_type: type[Answer],
    ) -> "KeyedRequest[Answer]":
        """One request, which may be a repetition."""
        return KeyedRequest(
            idempotency=self,
            key=key,
            activity=activity,
            caller=caller,
            command=command,
            answer_type=answer_type,
        )

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
        return self._replay(kept, activity, command, answer_type)

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
        record = IdempotencyRecord(
            scope=scope,
            key=key,
            fingerprint=_fingerprint(self._secret, activity, command),
            answer=None,
            expires_at=now + KEPT_FOR,
        )
        kept = await unit.idempotency.claim(record, now=now)
        if kept is not None:
            return self._replay(kept, activity, command, answer_type)
        answer = await body()
        await unit.idempotency.answer(scope, key, answer.model_dump(mode="json"), about=_told_of(answer))
        return answer

    def _replay(
        self, kept: IdempotencyRecord, activity: str, command: BaseModel, answer_type: type[Answer]
    ) -> Answer:
        known = (_fingerprint(secret, activity, command) for secret in (self._secret, *self._older))
        if not any(hmac.compare_digest(kept.fingerprint, fingerprint) for fingerprint in known):
            raise IdempotencyMismatch(key=kept.key)
        if kept.answer is None:
            raise IdempotencyUnfinished(key=kept.key)
        return answer_type.model_validate(kept.answer)


class KeyedRequest(Generic[Answer]):
    """A request with its key, or without one, in which case it is never taken for a repetition."""

    def __init__(
        self,
        *,
        idempotency: Idempotency,
        key: str | None,
        activity: str,
        caller: Caller,
        command: BaseModel,
        answer_type: type[Answer],
    ) -> None:
        self._idempotency = idempotency
        self._key = key
        self._activity = activity
        self._caller = caller
        self._command = command
        self._answer_type = answer_type

    async def first_answer(
        self, view: Callable[[Caller], AbstractAsyncContextManager[IdempotencyUnit]], *, now: datetime
    ) -> Answer | None:
        """What was answered the first time, if this is a repetition: to be asked before limits are taken and
        anything is worked out. `view` opens a unit that reads. Raises IdempotencyMismatch."""
        if self._key is None:
            return None
        async with view(self._caller) as unit:
            return await self._idempotency.first_answer(
                unit,
                key=self._key,
                activity=self._activity,
                caller=self._caller,
                command=self._command,
                answer_type=self._answer_type,
                now=now,
            )

    async def once(
        self, unit: IdempotencyUnit, body: Callable[[], Awaitable[Answer]], *, now: datetime
    ) -> Answer:
        """The body's answer, or the first one where a rival with the same key was faster. The answer is kept
        with what the unit commits, so a refusal that leaves a mark is one too; secrets never are.

        Raises IdempotencyMismatch, IdempotencyUnfinished.
        """
        return await self._idempotency.once(
            unit,
            key=self._key,
            activity=self._activity,
            caller=self._caller,
            command=self._command,
            answer_type=self._answer_type,
            now=now,
            body=body,
        )


def _told_of(answer: object) -> str | None:
    return answer.about if isinstance(answer, TellsOfPerson) else None


def _fingerprint(secret: bytes, activity: str, command: BaseModel) -> str:
    # Keyed, because the input can hold a password that a plain digest would let one guess at.
    canonical = json.dumps(command.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hmac.new(secret, f"{activity}\0{canonical}".encode(), hashlib.sha256).hexdigest()


def _scope(activity: str, caller: Caller) -> str:
    """Keys are each caller's own: a stranger's key must not stand in another's way."""
    who = caller.principal.user_id or f"anonymous@{network_of(caller.ip) if caller.ip else 'here'}"
    return f"{activity}/{who}"
