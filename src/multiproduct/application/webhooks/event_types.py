"""Which events the outside is told of, and what of each: what is not declared here is never sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from multiproduct.application.events import EventCatalogue
from multiproduct.application.money import MoneyView
from multiproduct.domain.shared import Currency, Event, Money

AMOUNT = "amount"
"""A field that is made of an event's `minor` and `currency`, as money is written on the wire."""
TEST = "webhooks.test.v1"
"""The type of the message that an owner asks for, to try an endpoint."""


class Audience(StrEnum):
    """Whose endpoints are told of an event."""

    OWNER_AND_STAFF = "owner_and_staff"
    """Those of the person whom it is about, and those of the installation that its permission allows."""
    STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicEvent:
    """One type of event as the outside knows it. The version is part of the name: a field may be added to a
    version, never taken away or given another meaning."""

    event: type[Event]
    permission: str
    fields: tuple[str, ...]
    audience: Audience = Audience.OWNER_AND_STAFF
    version: int = 1

    @property
    def name(self) -> str:
        """What filters and messages call it."""
        return f"{self.event.NAME}.v{self.version}"

    @property
    def reaction(self) -> str:
        """The deferred reaction that makes its messages."""
        return REACTIONS + self.event.NAME.replace(".", "_")

    def data(self, event: Event) -> dict[str, Any]:
        """The declared fields of an event, as JSON values."""
        found = EventCatalogue.to_json(event)
        if AMOUNT in self.fields:
            money = Money(found["minor"], Currency(found["currency"]))
            found[AMOUNT] = MoneyView.of(money).model_dump()
        return {name: found[name] for name in self.fields}


REACTIONS = "webhooks.fan_out_"
"""How the names of the reactions begin that make messages; a store looks for what is owed by it."""


def public(
    event: type[Event], permission: str, *fields: str, audience: Audience = Audience.OWNER_AND_STAFF
) -> PublicEvent:
    """A line of a table of public events."""
    return PublicEvent(event=event, permission=permission, fields=fields, audience=audience)


class PublicEvents:
    """All tables together."""

    def __init__(self, *tables: Iterable[PublicEvent]) -> None:
        """Raises ValueError for an event that is there twice."""
        by_event: dict[type[Event], PublicEvent] = {}
        for each in (line for table in tables for line in table):
            if each.event in by_event:
                raise ValueError(f"{each.name} is declared twice")
            by_event[each.event] = each
        self._by_event = by_event
        self._by_name = MappingProxyType({each.name: each for each in by_event.values()})

    @property
    def all(self) -> Sequence[PublicEvent]:
        """Every one, by name."""
        return sorted(self._by_event.values(), key=lambda each: each.name)

    @property
    def by_name(self) -> Mapping[str, PublicEvent]:
        """Every one by its name."""
        return self._by_name

    @property
    def permissions(self) -> frozenset[str]:
        """Those that decide what staff is told of."""
        return frozenset(each.permission for each in self._by_event.values())

    def of(self, event: Event) -> PublicEvent:
        """How the outside knows an event. Raises KeyError for one that it does not."""
        return self._by_event[type(event)]
