"""Reading payments: one's own, and everybody's for staff."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.paging import decode_cursor, encode_cursor, page_of
from multiproduct.application.payments.commands import ListPayments
from multiproduct.application.payments.ports import PaymentFilter, PaymentsUnit, Place
from multiproduct.application.payments.results import PaymentDetails, PaymentList, PaymentView
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.payments import Payment, Status, UnknownPayment
from multiproduct.domain.payments.permissions import PAYMENTS_READ
from multiproduct.domain.shared import FieldProblem, InvalidInput


class PaymentReading:
    """Another's payment is answered as none."""

    def __init__(self, *, units: Units[PaymentsUnit]) -> None:
        self._units = units

    async def own(self, caller: Caller, *, cursor: str | None, limit: int) -> PaymentList:
        """The caller's payments, the newest first. Raises Unauthenticated, InvalidInput."""
        wanted = PaymentFilter(payer_id=caller.require_user())
        return await self._page(wanted, caller, cursor=cursor, limit=limit)

    async def every(self, query: ListPayments, caller: Caller) -> PaymentList:
        """Everybody's. Needs `payments.payment.read`. Raises InvalidInput."""
        caller.require(PAYMENTS_READ)
        wanted = PaymentFilter(
            payer_id=query.payer_id,
            status=None if query.status is None else Status(query.status),
            gateway=query.gateway,
            needs_review=query.needs_review,
        )
        return await self._page(wanted, caller, cursor=query.cursor, limit=query.limit)

    async def read(self, payment_id: UUID, caller: Caller) -> PaymentDetails:
        """One with its attempts and refunds: one's own, or with `payments.payment.read` anybody's. Raises
        Unauthenticated, UnknownPayment."""
        async with self._units.view(caller) as view:
            payment = await view.payments.find(payment_id)
            require_reach(payment, caller)
            attempts = await view.payment_attempts.of_payment(payment_id)
            refunds = await view.payment_refunds.of_payment(payment_id)
        if payment is None:
            raise UnknownPayment
        return PaymentDetails.of(payment, attempts, refunds)

    async def _page(
        self, wanted: PaymentFilter, caller: Caller, *, cursor: str | None, limit: int
    ) -> PaymentList:
        after = None if cursor is None else _place(cursor)
        async with self._units.view(caller) as view:
            found = await view.payments.page(wanted, after=after, limit=limit + 1)
        page = page_of(list(found), limit=limit, cursor_of=_cursor)
        return PaymentList(
            items=[PaymentView.of(payment) for payment in page.items], next_cursor=page.next_cursor
        )


def require_reach(payment: Payment | None, caller: Caller) -> None:
    """Raises Unauthenticated for nobody; UnknownPayment where it is neither the caller's nor staff's."""
    if not caller.principal.is_system:
        caller.require_user()
    is_own = payment is not None and payment.payer_id == caller.principal.user_id
    if payment is None or not (is_own or caller.principal.may(PAYMENTS_READ)):
        raise UnknownPayment


def _cursor(payment: Payment) -> str:
    return encode_cursor(payment.created_at.isoformat(), str(payment.id))


def _place(cursor: str) -> Place:
    moment, last = decode_cursor(cursor, length=2)
    try:
        at, payment_id = datetime.fromisoformat(moment), UUID(last)
    except (TypeError, ValueError, AttributeError):
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None
    if at.tzinfo is None:
        raise InvalidInput(FieldProblem("cursor", "invalid"))
    return Place(created_at=at, id=payment_id)
