"""The events and reactions that the contracts of a store are run with."""

import os
import threading
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from multiproduct.adapters.contracts.builders import NOW
from multiproduct.application.committing import Surroundings
from multiproduct.application.events import EventCatalogue
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain import audit, identity, ledger, otp
from multiproduct.domain.shared import Action, Event, uuid4_from, uuid7_from

FIRST, SECOND, THIRD = "contract.first", "contract.second", "contract.third"
"""Deferred reactions: two to `Noted`, one to `Followed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _NoteEvent(Event):
    RESOURCE = "note"

    note: str

    @property
    def resource_id(self) -> str:
        return self.note

    @property
    def subject_user_id(self) -> str | None:
        return f"user of {self.note}"

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"note": (None, self.note)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(_NoteEvent):
    """Is owed two deferred reactions."""

    NAME = "contract.noted"
    ACTION = Action.UPDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed(_NoteEvent):
    """Is owed nothing."""

    NAME = "contract.passed"
    ACTION = Action.REFUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(_NoteEvent):
    """Is owed a deferred reaction that makes messages of webhooks."""

    NAME = "contract.told"
    ACTION = Action.UPDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Led(_NoteEvent):
    """Has a joining reaction, which records `Followed`."""

    NAME = "contract.led"
    ACTION = Action.CREATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(_NoteEvent):
    """Is owed one deferred reaction."""

    NAME = "contract.followed"
    ACTION = Action.UPDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Thwarted(_NoteEvent):
    """Has a joining reaction that raises `Thwarting`."""

    NAME = "contract.thwarted"
    ACTION = Action.UPDATE


class Thwarting(Exception):
    """What the joining reaction to `Thwarted` raises."""


class ContractIds:
    """Identifiers for the contracts: later ones sort later, whatever the clock does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest = 0

    def for_user(self) -> UUID:
        return uuid4_from(os.urandom(16))

    def next(self) -> UUID:
        with self._lock:
            self._latest = max(self._latest + 1, time.time_ns() // 1_000_000)
            return uuid7_from(milliseconds=self._latest, randomness=os.urandom(10))


def contract_surroundings() -> Surroundings:
    """What the units of a store under contract are to be opened with."""
    reactions = ReactionTable()
    reactions.join(Led, _follow)
    reactions.join(Thwarted, _thwart)
    reactions.defer(Noted, FIRST, _left_alone)
    reactions.defer(Noted, SECOND, _left_alone)
    reactions.defer(Followed, THIRD, _left_alone)
    reactions.defer(Told, "webhooks.fan_out_contract_told", _left_alone)
    own = (Noted, Passed, Told, Led, Followed, Thwarted)
    return Surroundings(
        reactions=reactions,
        events=EventCatalogue((*own, *otp.EVENTS, *audit.EVENTS, *identity.EVENTS, *ledger.EVENTS)),
        ids=ContractIds(),
        committed=_told,
        now=lambda: NOW,
    )


def _told(has_todos: bool, forgotten_keys: frozenset[str]) -> None:  # noqa: FBT001 - called by position
    del has_todos, forgotten_keys


async def _follow(unit: Any, event: Led) -> None:
    unit.record(Followed(occurred_at=event.occurred_at, note=event.note))


async def _thwart(unit: Any, event: Thwarted) -> None:
    del unit
    raise Thwarting(event.note)


async def _left_alone(event: Event, heard: Heard) -> None:
    raise AssertionError(f"the contracts complete todos by themselves: {event.NAME} {heard.todo}")
