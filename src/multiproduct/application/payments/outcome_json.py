"""Outcomes to JSON and back, for notices that are taken down first and taken in later."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter

from multiproduct.domain.payments import (
    Authorised,
    CalledOff,
    Declined,
    Lapsed,
    NeverHeard,
    Outcome,
    Pending,
    Settled,
    Unknown,
)

_KINDS: Mapping[str, type[Outcome]] = MappingProxyType(
    {
        kind.__name__: kind
        for kind in (Settled, Authorised, Declined, Pending, Unknown, CalledOff, Lapsed, NeverHeard)
    }
)


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome as a JSON object with its kind."""
    kind = type(outcome)
    document: dict[str, Any] = TypeAdapter(kind).dump_python(outcome, mode="json")
    return {"kind": kind.__name__, **document}


def outcome_from_json(document: Mapping[str, Any]) -> Outcome:
    """What was written. Raises KeyError or ValueError for anything else."""
    kind = _KINDS[document["kind"]]
    rest = {name: value for name, value in document.items() if name != "kind"}
    outcome: Outcome = TypeAdapter(kind).validate_python(rest)
    return outcome
