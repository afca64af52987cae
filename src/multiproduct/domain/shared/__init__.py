"""What every context speaks in: errors, events, aggregates, identifiers, money."""

from multiproduct.domain.shared.aggregate import Aggregate
from multiproduct.domain.shared.errors import (
    Conflict,
    FieldProblem,
    Forbidden,
    InvalidInput,
    Kind,
    MultiproductError,
    NotConfigured,
    NotFound,
    StaleAggregate,
    StepUpRequired,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from multiproduct.domain.shared.events import Action, Event
from multiproduct.domain.shared.ids import uuid4_from, uuid7_from, uuid7_of
from multiproduct.domain.shared.money import Currency, Money, currency_mismatch
from multiproduct.domain.shared.permissions import PermissionCatalogue

__all__ = [
    "Action",
    "Aggregate",
    "Conflict",
    "Currency",
    "Event",
    "FieldProblem",
    "Forbidden",
    "InvalidInput",
    "Kind",
    "Money",
    "MultiproductError",
    "NotConfigured",
    "NotFound",
    "PermissionCatalogue",
    "StaleAggregate",
    "StepUpRequired",
    "TooManyRequests",
    "Unauthenticated",
    "Unavailable",
    "currency_mismatch",
    "uuid4_from",
    "uuid7_from",
    "uuid7_of",
]
