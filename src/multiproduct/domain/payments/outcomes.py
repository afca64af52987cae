"""What a gateway says became of a charge, a capture, a release or a refund."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from multiproduct.domain.shared import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The money moved. `amount` is what the gateway says it moved, in its own words, to be compared. `fee` is
    what it kept of it, in the same currency."""

    reference: str
    amount: Money
    fee: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorised:
    """The amount is held until it is captured or released, or until the gateway lets it go."""

    reference: str
    amount: Money
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """No money moved and none will. `code` is one of the table of declines."""

    code: str
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The payer, or time, has to do something first. `instructions` are for the payer, such as an address to
    open or an account to pay to; `deadline` is when the gateway gives up."""

    reference: str | None = None
    instructions: Mapping[str, str] = field(default_factory=dict)
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nobody can tell whether money moved. `reason` is for staff."""

    reason: str
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledOff:
    """It was cancelled, or released, before money moved."""

    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """The payer let the deadline pass; the gateway would take nothing any more."""

    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverHeard:
    """The answer to a question about a key under which the gateway received nothing."""


Outcome = Settled | Authorised | Declined | Pending | Unknown | CalledOff | Lapsed | NeverHeard
