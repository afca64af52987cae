"""Aggregates: the things that are loaded, changed and saved as one, and remember what happened to them."""

from dataclasses import dataclass, field

from multiproduct.domain.shared.events import Event


@dataclass(slots=True, kw_only=True)
class Aggregate:
    """Holds the version that optimistic locking compares, and the events not yet committed."""

    version: int = 0
    _happened: list[Event] = field(default_factory=list, init=False, repr=False, compare=False)

    def _record(self, event: Event) -> None:
        self._happened.append(event)

    def collect_events(self) -> list[Event]:
        """Hands over what happened since the last call, oldest first."""
        happened, self._happened = self._happened, []
        return happened
