"""The gateway `STARK_PAY`: it does what its scripts say, and keeps its own books of what it did.

Decisions are made when a key is first heard, and written down before they are answered. Everything that is
taken of a charge, or given back, stands in the charge's own record, which one conditional write changes.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from multiproduct.adapters.sandbox.records import (
    CANCELLED,
    DECLINED,
    HELD,
    TAKEN,
    WAITING,
    answer_of,
    first_document,
    part_of,
    reference_of,
    state_of,
)
from multiproduct.adapters.sandbox.scripts import (
    DECLINES_FIRST,
    Script,
    script_of_amount,
    script_of_token,
)
from multiproduct.adapters.sandbox.signing import read_signed, signed
from multiproduct.application.payments.gateways import (
    CallbackRequest,
    ChargeOrder,
    Feature,
    HoldOrder,
    MethodDetails,
    Notice,
    NotSent,
    Question,
    QuestionKind,
    RefundOrder,
    money,
)
from multiproduct.application.payments.sandbox_books import SandboxBooks, SandboxRecord
from multiproduct.application.ports.clock import Clock
from multiproduct.domain.payments import (
    CalledOff,
    Declined,
    MethodRefused,
    NeverHeard,
    Outcome,
    Unknown,
)
from multiproduct.domain.shared import Money

NAME = "STARK_PAY"
_NO_CURRENCY = "XXX"
_RIVALS = 1_000


class SandboxGateway:
    """The `Gateway` port. `secret` signs callbacks. `approve` and `refuse` play the payer."""

    def __init__(self, *, books: SandboxBooks, clock: Clock, secret: bytes) -> None:
        self._books = books
        self._clock = clock
        self._secret = secret

    @property
    def name(self) -> str:
        """STARK_PAY."""
        return NAME

    @property
    def features(self) -> frozenset[Feature]:
        """Everything but payments by hand."""
        return frozenset(Feature) - {Feature.BY_HAND}

    async def charge(self, order: ChargeOrder) -> Outcome:
        """Takes the money, as the script has it."""
        return await self._begin(order, QuestionKind.CHARGE)

    async def authorise(self, order: ChargeOrder) -> Outcome:
        """Holds the money, as the script has it."""
        return await self._begin(order, QuestionKind.AUTHORISE)

    async def capture(self, order: HoldOrder) -> Outcome:
        """Takes some of what is held."""
        key, amount = str(order.key), order.amount.minor
        await self._point(order.key, QuestionKind.CAPTURE, str(order.hold_key), order.amount)

        def take(hold: SandboxRecord) -> SandboxRecord | None:
            captures: dict[str, int] = dict(hold.document["captures"])
            fits = hold.moved + amount <= hold.minor and hold.currency == order.amount.currency.code
            if key in captures or hold.document["state"] != HELD or not fits:
                return None
            document = {**hold.document, "captures": {**captures, key: amount}}
            return replace(hold, moved=hold.moved + amount, document=document)

        hold = await self._change(str(order.hold_key), take)
        return part_of(hold, "captures", key)

    async def release(self, order: HoldOrder) -> Outcome:
        """Lets go of what is still held."""
        await self._point(order.key, QuestionKind.RELEASE, str(order.hold_key), order.amount)

        def let_go(hold: SandboxRecord) -> SandboxRecord | None:
            if hold.document["state"] != HELD:
                return None
            return replace(hold, document={**hold.document, "state": CANCELLED})

        hold = await self._change(str(order.hold_key), let_go)
        if hold is None:
            return Declined(code="invalid_request")
        return CalledOff(reference=reference_of(hold.key))

    async def refund(self, order: RefundOrder) -> Outcome:
        """Gives back some of what was taken, at most all of it."""
        key, amount = str(order.key), order.amount.minor
        was_known = await self._books.find(key) is not None
        await self._point(order.key, QuestionKind.REFUND, str(order.charge_key), order.amount)

        def give_back(charge: SandboxRecord) -> SandboxRecord | None:
            refunds: dict[str, int] = dict(charge.document["refunds"])
            fits = sum(refunds.values()) + amount <= charge.moved
            is_declined = charge.document["script"] == Script.REFUND_DECLINED.value
            if key in refunds or is_declined or not fits or charge.currency != order.amount.currency.code:
                return None
            return replace(charge, document={**charge.document, "refunds": {**refunds, key: amount}})

        charge = await self._change(str(order.charge_key), give_back)
        if charge is not None and charge.document["script"] == Script.REFUND_UNKNOWN.value and not was_known:
            return Unknown(reason="the script has it so", reference=reference_of(key))
        return part_of(charge, "refunds", key)

    async def cancel(self, question: Question) -> Outcome:
        """Calls off what waits for its payer."""

        def call_off(charge: SandboxRecord) -> SandboxRecord | None:
            if self._state(charge) != WAITING:
                return None
            return replace(charge, document={**charge.document, "state": CANCELLED})

        charge = await self._change(str(question.key), call_off)
        return NeverHeard() if charge is None else self._answer(charge)

    async def ask(self, question: Question) -> Outcome:
        """What became of it."""
        record = await self._books.find(str(question.key))
        if record is None:
            return NeverHeard()
        match QuestionKind(record.kind):
            case QuestionKind.CHARGE | QuestionKind.AUTHORISE:
                return self._answer(record)
            case QuestionKind.CAPTURE:
                return part_of(await self._books.find(record.related or ""), "captures", record.key)
            case QuestionKind.REFUND:
                return part_of(await self._books.find(record.related or ""), "refunds", record.key)
            case QuestionKind.RELEASE:
                hold = await self._books.find(record.related or "")
                is_over = hold is not None and hold.document["state"] == CANCELLED
                return CalledOff() if is_over else Unknown(reason="not released yet")

    async def store_method(self, *, key: UUID, owner_id: UUID, token: str) -> MethodDetails:
        """Stores a test method, `tok_<script>`. Raises MethodRefused."""
        script = script_of_token(token)
        if script is None or not token.startswith("tok_"):
            raise MethodRefused(reason="invalid_card")
        stored = f"pm_{script.value}.{key}"
        document = {"script": script.value, "owner_id": str(owner_id), "is_detached": False}
        await self._books.add(self._record(stored, "method", None, money(0, _NO_CURRENCY), document))
        return MethodDetails(
            token=stored,
            kind="card",
            brand="visa",
            last4=f"{list(Script).index(script):04d}",
            expires_year=self._clock.now().year + 3,
            expires_month=12,
        )

    async def detach_method(self, token: str) -> None:
        """Forgets a method: whatever is charged to it afterwards is declined."""
        await self._change(
            token, lambda method: replace(method, document={**method.document, "is_detached": True})
        )

    def read_callback(self, request: CallbackRequest) -> Sequence[Notice]:
        """What a callback tells. Raises CallbackRefused."""
        document = read_signed(request, secret=self._secret)
        record = SandboxRecord(**{**document["record"], "created_at": self._clock.now()})
        return [
            Notice(
                id=document["id"],
                kind=QuestionKind(record.kind),
                outcome=self._answer(record),
                key=UUID(record.key),
                reference=reference_of(record.key),
            )
        ]

    async def approve(self, key: UUID) -> CallbackRequest:
        """The payer approves, or pays; answers the callback that the sandbox would send. What does not wait
        stays as it is."""
        return await self._decide(key, self._approved)

    async def refuse(self, key: UUID) -> CallbackRequest:
        """The payer refuses; answers the callback."""

        def refused(charge: SandboxRecord) -> SandboxRecord:
            document = {**charge.document, "state": DECLINED, "code": "authentication_failed"}
            return replace(charge, document=document)

        return await self._decide(key, refused)

    async def callback_about(self, key: UUID) -> CallbackRequest | None:
        """The callback about a charge as it stands, or None where there is none."""
        record = await self._books.find(str(key))
        return None if record is None else self._callback(record)

    async def _decide(self, key: UUID, decided: Callable[[SandboxRecord], SandboxRecord]) -> CallbackRequest:
        def decide(charge: SandboxRecord) -> SandboxRecord | None:
            return decided(charge) if self._state(charge) == WAITING else None

        charge = await self._change(str(key), decide)
        if charge is None:
            raise LookupError(f"the sandbox knows no charge {key}")
        return self._callback(charge)

    @staticmethod
    def _approved(charge: SandboxRecord) -> SandboxRecord:
        if charge.kind == QuestionKind.AUTHORISE.value:
            return replace(charge, document={**charge.document, "state": HELD})
        return replace(charge, moved=charge.minor, document={**charge.document, "state": TAKEN})

    async def _begin(self, order: ChargeOrder, kind: QuestionKind) -> Outcome:
        known = await self._books.find(str(order.key))
        if known is not None:
            return self._answer(known)
        method = None if order.token is None else await self._books.find(order.token)
        script = self._script(order, method)
        if script is Script.UNREACHABLE:
            raise NotSent("the script has it so")
        if script is Script.TIMEOUT_BEFORE_CHARGE:
            raise TimeoutError("the script has it so")
        related = order.token or str(order.payment_id)
        document = await self._decision(order, kind, script, related)
        if order.token is not None and (method is None or method.document["is_detached"]):
            document |= {"state": DECLINED, "code": "revoked"}
        amount = order.amount
        if script is Script.OTHER_AMOUNT:
            amount = Money(amount.minor + 1, amount.currency)
        record = self._record(str(order.key), kind.value, related, amount, document)
        if not await self._books.add(record):
            record = await self._books.find(record.key) or record
            return self._answer(record)
        if script is Script.TIMEOUT_AFTER_CHARGE:
            raise TimeoutError("the script has it so")
        if script in {Script.UNKNOWN_THEN_SETTLED, Script.UNKNOWN_THEN_DECLINED}:
            return Unknown(reason="the script has it so", reference=reference_of(record.key))
        return self._answer(record)

    @staticmethod
    def _script(order: ChargeOrder, method: SandboxRecord | None) -> Script:
        if method is not None:
            return Script(method.document["script"])
        named = None if order.token is None else script_of_token(order.token)
        return named or script_of_amount(order.amount.minor)

    async def _decision(
        self, order: ChargeOrder, kind: QuestionKind, script: Script, related: str
    ) -> dict[str, Any]:
        document = first_document(
            order, script, is_hold=kind is QuestionKind.AUTHORISE, now=self._clock.now()
        )
        declines = DECLINES_FIRST.get(script, 0)
        if declines and len(await self._books.related(related)) < declines:
            document |= {"state": DECLINED, "code": "insufficient_funds"}
        return document

    def _answer(self, record: SandboxRecord) -> Outcome:
        return answer_of(record, now=self._clock.now())

    def _state(self, record: SandboxRecord) -> str:
        return state_of(record, now=self._clock.now())

    async def _point(self, key: UUID, kind: QuestionKind, to: str, amount: Money) -> None:
        """Notes where to look when somebody asks about the key."""
        await self._books.add(self._record(str(key), kind.value, to, amount, {}))

    async def _change(
        self, key: str, change: Callable[[SandboxRecord], SandboxRecord | None]
    ) -> SandboxRecord | None:
        """Changes a record unless there is nothing to change; answers how it stands then."""
        for _ in range(_RIVALS):
            record = await self._books.find(key)
            changed = None if record is None else change(record)
            if changed is None or await self._books.save(changed):
                return changed or record
            await asyncio.sleep(0)
        raise RuntimeError("the sandbox's books are written too often at once")

    def _record(
        self, key: str, kind: str, related: str | None, amount: Money, document: Mapping[str, Any]
    ) -> SandboxRecord:
        is_taken = document.get("state") == TAKEN
        return SandboxRecord(
            key=key,
            kind=kind,
            related=related,
            minor=amount.minor,
            currency=amount.currency.code,
            moved=amount.minor if is_taken else 0,
            document=document,
            created_at=self._clock.now(),
        )

    def _callback(self, record: SandboxRecord) -> CallbackRequest:
        told = {
            "key": record.key,
            "kind": record.kind,
            "related": record.related,
            "minor": record.minor,
            "currency": record.currency,
            "moved": record.moved,
            "document": dict(record.document),
        }
        return signed({"id": f"{record.key}:{self._state(record)}", "record": told}, secret=self._secret)
