"""Events by name, to JSON and back, for the log that keeps them."""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

from multiproduct.domain.shared import Event

_adapters: dict[type[Event], TypeAdapter[Event]] = {}


def _adapter(event_type: type[Event]) -> TypeAdapter[Event]:
    adapter = _adapters.get(event_type)
    if adapter is None:
        adapter = _adapters[event_type] = TypeAdapter(event_type)
    return adapter


class EventCatalogue:
    """Every event there is, by its public name."""

    def __init__(self, event_types: Iterable[type[Event]]) -> None:
        self._types: dict[str, type[Event]] = {}
        for event_type in event_types:
            if event_type.NAME in self._types:
                raise ValueError(f"two events are called {event_type.NAME}")
            self._types[event_type.NAME] = event_type

    @staticmethod
    def to_json(event: Event) -> dict[str, Any]:
        """The event's fields as plain JSON values."""
        fields: dict[str, Any] = _adapter(type(event)).dump_python(event, mode="json")
        return fields

    def from_json(self, name: str, fields: dict[str, Any]) -> Event:
        """The event back. Raises KeyError for a name that is not in the catalogue."""
        return _adapter(self._types[name]).validate_json(json.dumps(fields))
