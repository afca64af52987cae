"""Which events an endpoint asks for: names, or every event of a context."""

import re
from collections.abc import Collection, Iterable, Sequence

from multiproduct.domain.shared import FieldProblem, InvalidInput

MAX_FILTERS = 50
EVERYTHING = "*"
_of_context = re.compile(r"([a-z][a-z0-9_]*)\.\*").fullmatch


def matches(filters: Iterable[str], event_type: str) -> bool:
    """Whether one of the filters is for the event."""
    context = event_type.partition(".")[0]
    return any(each in (EVERYTHING, event_type, f"{context}.*") for each in filters)


def checked(filters: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """The filters, each once. Raises InvalidInput for none, and for one that is for no event there is."""
    if not filters:
        raise InvalidInput(FieldProblem("events", "required"))
    contexts = {name.partition(".")[0] for name in known}
    for each in filters:
        found = _of_context(each)
        if each != EVERYTHING and each not in known and (found is None or found[1] not in contexts):
            raise InvalidInput(FieldProblem("events", "unknown_webhook_event"))
    return tuple(dict.fromkeys(filters))
