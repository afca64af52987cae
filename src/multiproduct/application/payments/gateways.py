"""Gateways: what takes the money. The port, what is said over it, and which gateways there are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from multiproduct.domain.payments import AttemptKind, GatewayCannot, Outcome, UnknownGateway
from multiproduct.domain.shared import Currency, Money


class Feature(StrEnum):
    """What a gateway may or may not offer."""

    OFF_SESSION = "off_session"
    ESCROW = "escrow"
    REFUND = "refund"
    PARTIAL_REFUND = "partial_refund"
    STORED_METHODS = "stored_methods"
    CANCEL = "cancel"
    BY_HAND = "by_hand"
    """Staff says what became of a payment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeOrder:
    """Take, or hold, this amount. `token` names the stored method, where one is charged. `key` is the
    attempt's id."""

    key: UUID
    payment_id: UUID
    payer_id: UUID
    amount: Money
    token: str | None = None
    is_off_session: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder:
    """Take this amount of what is held, or release it. `hold_key` and `hold_reference` name the hold."""

    key: UUID
    amount: Money
    hold_key: UUID
    hold_reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """Give this amount of a charge back. `key` is the refund's id; `charge_key` and `charge_reference` name
    the charge."""

    key: UUID
    payer_id: UUID
    amount: Money
    charge_key: UUID
    charge_reference: str | None
    reason: str


class QuestionKind(StrEnum):
    """What a question, or a notice, is about."""

    CHARGE = AttemptKind.CHARGE.value
    AUTHORISE = AttemptKind.AUTHORISE.value
    CAPTURE = AttemptKind.CAPTURE.value
    RELEASE = AttemptKind.RELEASE.value
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What became of what was told under this key? `deadline` is the payer's, where there is one, and
    `instructions` what the payer was told."""

    key: UUID
    kind: QuestionKind
    reference: str | None
    amount: Money
    deadline: datetime | None = None
    instructions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodDetails:
    """A method as the gateway keeps it: its own token, and what people recognise it by."""

    token: str
    kind: str
    brand: str
    last4: str
    expires_year: int | None = None
    expires_month: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRequest:
    """A request as it came: header names in small letters, the body byte by byte."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that a callback tells. `id` is the gateway's own, the same in every repetition; `key` names
    the attempt or the refund, or `reference` does."""

    id: str
    kind: QuestionKind
    outcome: Outcome
    key: UUID | None = None
    reference: str | None = None


class NotSent(Exception):
    """Nothing left this machine: the gateway cannot have done anything. Only what is raised before the first
    byte of a request was sent may be this."""


class Gateway(Protocol):
    """A company that moves money, reached over a network. Called outside of any unit.

    Promises, which every adapter keeps or says in `features` that it cannot:

    - The same key does the same thing once. Told again under the same key, it answers what became of the
      first time, whatever state that is in by now, and moves no more money.
    - A failure after the request may have been received is `Unknown`, or any exception but `NotSent`, which
      callers take for `Unknown`. It is never `Declined`.
    - Amounts in answers are the gateway's own words, not an echo of the order.
    - `ask` moves nothing. It answers `NeverHeard` only where the gateway has surely received nothing under
      the key, and `Unknown`, or an exception, where it cannot tell.
    - What is cancelled or released does not move money afterwards; where it moved before, the answer is
      `Settled`.
    """

    @property
    def name(self) -> str:
        """In capitals; part of account codes and paths, and never changed."""
        ...

    @property
    def features(self) -> frozenset[Feature]:
        """What it offers."""
        ...

    async def charge(self, order: ChargeOrder) -> Outcome:
        """Takes the money. Answers Settled, Declined, Pending or Unknown. Raises NotSent."""
        ...

    async def authorise(self, order: ChargeOrder) -> Outcome:
        """Holds the money. Answers Authorised, Declined, Pending or Unknown. Raises NotSent."""
        ...

    async def capture(self, order: HoldOrder) -> Outcome:
        """Takes some of what is held; the rest stays held. Answers Settled, Declined or Unknown."""
        ...

    async def release(self, order: HoldOrder) -> Outcome:
        """Lets go of all that is still held. Answers CalledOff, Declined or Unknown."""
        ...

    async def refund(self, order: RefundOrder) -> Outcome:
        """Gives money back. Answers Settled, Declined, Pending or Unknown. Raises NotSent."""
        ...

    async def cancel(self, question: Question) -> Outcome:
        """Calls off a charge that waits for its payer. Answers CalledOff, or where it stands if it is too
        late."""
        ...

    async def ask(self, question: Question) -> Outcome:
        """What became of it."""
        ...

    async def store_method(self, *, key: UUID, owner_id: UUID, token: str) -> MethodDetails:
        """Makes a token that the payer's browser got into one that can be charged later. The same key stores
        once. Raises MethodRefused, NotSent."""
        ...

    async def detach_method(self, token: str) -> None:
        """Forgets a stored method. Forgetting again changes nothing."""
        ...

    def read_callback(self, request: CallbackRequest) -> Sequence[Notice]:
        """What the callback tells, its signature checked over the raw bytes first. Raises CallbackRefused."""
        ...


class InternalGateway(Protocol):
    """A purse of this installation's own: it moves money inside the caller's unit, so that its effect is
    committed with the payment, and nothing is ever unknown."""

    @property
    def name(self) -> str:
        """As a gateway's."""
        ...

    @property
    def features(self) -> frozenset[Feature]:
        """What it offers."""
        ...

    async def charge(self, unit: Any, order: ChargeOrder) -> Outcome:
        """Takes the money, within the unit. Answers Settled or Declined; a second time under one key moves
        nothing more."""
        ...

    async def refund(self, unit: Any, order: RefundOrder) -> Outcome:
        """Gives money back, within the unit. Answers Settled or Declined."""
        ...


class Gateways:
    """The gateways of one installation, by name."""

    def __init__(self, outside: Iterable[Gateway], internal: Iterable[InternalGateway] = ()) -> None:
        """Raises ValueError where two have one name."""
        self._outside = {gateway.name: gateway for gateway in outside}
        self._internal = {gateway.name: gateway for gateway in internal}
        if self._outside.keys() & self._internal.keys():
            raise ValueError("two gateways have one name")

    @property
    def names(self) -> Sequence[str]:
        """Their names, sorted."""
        return sorted([*self._outside, *self._internal])

    def features(self, name: str) -> frozenset[Feature]:
        """What the gateway offers. Raises UnknownGateway."""
        internal = self._internal.get(name)
        return internal.features if internal is not None else self.outside(name).features

    def require(self, name: str, feature: Feature) -> None:
        """Raises UnknownGateway, GatewayCannot."""
        if feature not in self.features(name):
            raise GatewayCannot(gateway=name, what=feature.value)

    def outside(self, name: str) -> Gateway:
        """A gateway that is called outside of units. Raises UnknownGateway."""
        gateway = self._outside.get(name)
        if gateway is None:
            raise UnknownGateway(gateway=name)
        return gateway

    def internal(self, name: str) -> InternalGateway | None:
        """A gateway that moves money within a unit, or None for all others."""
        return self._internal.get(name)


def money(minor: int, currency: str) -> Money:
    """An amount as gateways tell it."""
    return Money(minor, Currency(currency))
