"""Errors that callers are told about: a stable code, a kind and parameters, never a status or a wording."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """What sort of refusal it is. Each transport maps kinds, not codes, to its own status."""

    INVALID = "invalid"
    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    GONE = "gone"
    TOO_LARGE = "too_large"
    UNSUPPORTED_TYPE = "unsupported_type"
    MISMATCH = "mismatch"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with one field. `field` is a dotted path, `code` is stable, `params` fill the
    wording."""

    field: str
    code: str
    params: tuple[tuple[str, str | int], ...] = ()


class MultiproductError(Exception):
    """The base of every error that is part of the public API."""

    code: ClassVar[str] = "error"
    kind: ClassVar[Kind] = Kind.INTERNAL

    def __init__(self, **params: str | int | None) -> None:
        self.params: dict[str, str | int | None] = params
        super().__init__(self.code, params)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code}({shown})"


class InvalidInput(MultiproductError):
    """Fields are missing or break a rule. `problems` says which, and why."""

    code = "invalid_input"
    kind = Kind.INVALID

    def __init__(self, *problems: FieldProblem) -> None:
        self.problems = problems
        super().__init__(fields=", ".join(problem.field for problem in problems))


class Unauthenticated(MultiproductError):
    """Nobody is signed in, or what was shown as proof is not (or no longer) good."""

    code = "unauthenticated"
    kind = Kind.UNAUTHENTICATED


class Forbidden(MultiproductError):
    """The caller is known and may not do this."""

    code = "forbidden"
    kind = Kind.FORBIDDEN


class StepUpRequired(MultiproductError):
    """The caller signed in too long ago for this, and may do it after proving again who they are. `methods`
    are the ways in which this person can, where that is known. `by_second_factor`: nothing but a second
    factor will do, which may have to be set up first."""

    code = "step_up_required"
    kind = Kind.FORBIDDEN

    def __init__(self, *, methods: tuple[str, ...] = (), by_second_factor: bool = False) -> None:
        self.methods = methods
        self.by_second_factor = by_second_factor
        super().__init__(methods=", ".join(methods))


class NotFound(MultiproductError):
    """There is no such thing, or it is somebody else's (which is answered alike)."""

    code = "not_found"
    kind = Kind.NOT_FOUND


class Conflict(MultiproductError):
    """What was asked for contradicts what is."""

    code = "conflict"
    kind = Kind.CONFLICT


class StaleAggregate(MultiproductError):
    """Somebody saved the aggregate since it was loaded; the unit's body may be run again."""

    code = "stale"
    kind = Kind.CONFLICT


class TooManyRequests(MultiproductError):
    """A limit is used up. `retry_after` is in whole seconds, at least 1."""

    code = "too_many_requests"
    kind = Kind.RATE_LIMITED

    def __init__(self, *, scope: str, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(scope=scope, retry_after=retry_after)


class NotConfigured(MultiproductError):
    """The installation has no settings for this. `what` is the name of the capability."""

    code = "not_configured"
    kind = Kind.NOT_FOUND

    def __init__(self, *, what: str) -> None:
        super().__init__(what=what)


class Unavailable(MultiproductError):
    """It cannot be done just now. `retry_after` is in whole seconds, at least 1."""

    code = "unavailable"
    kind = Kind.UNAVAILABLE

    def __init__(self, *, what: str, retry_after: int = 1) -> None:
        self.retry_after = retry_after
        super().__init__(what=what, retry_after=retry_after)
