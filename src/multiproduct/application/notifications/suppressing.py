"""The list of addresses that nothing is sent to, as the staff keeps it: bounces, complaints, and by hand."""

from datetime import datetime

from multiproduct.application.caller import Caller
from multiproduct.application.notifications.address_digests import AddressDigests
from multiproduct.application.notifications.deliveries import NotificationUnit
from multiproduct.application.notifications.preference_commands import (
    LiftSuppression,
    ListSuppressions,
    Suppress,
)
from multiproduct.application.notifications.preference_results import (
    Lifted,
    SuppressionList,
    SuppressionView,
)
from multiproduct.application.paging import decode_cursor, encode_cursor, page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import EmailAddress, PhoneNumber
from multiproduct.domain.notifications.events import AddressSuppressed, SuppressionLifted
from multiproduct.domain.notifications.permissions import SUPPRESSIONS_MANAGE, SUPPRESSIONS_READ
from multiproduct.domain.notifications.preference import Channel
from multiproduct.domain.notifications.suppression import Suppression
from multiproduct.domain.shared import FieldProblem, InvalidInput


class Suppressing:
    """Use cases of the staff. An address is read, digested and forgotten: nothing can answer it again."""

    def __init__(self, *, units: Units[NotificationUnit], clock: Clock, digests: AddressDigests) -> None:
        self._units = units
        self._clock = clock
        self._digests = digests

    async def page(self, query: ListSuppressions, caller: Caller) -> SuppressionList:
        """The list, the newest first. Raises Unauthenticated, Forbidden, StepUpRequired, InvalidInput."""
        caller.require(SUPPRESSIONS_READ)
        before = None if query.cursor is None else _place(query.cursor)
        async with self._units.view(caller) as view:
            found = await view.suppressions.page(before=before, limit=query.limit + 1)
        page = page_of(list(found), limit=query.limit, cursor_of=_cursor)
        items = [SuppressionView.of(each) for each in page.items]
        return SuppressionList(items=items, next_cursor=page.next_cursor)

    async def suppress(self, command: Suppress, caller: Caller) -> SuppressionView:
        """Puts an address on the list; one that is on it stays as it is, so that a report may come twice.
        Raises Unauthenticated, Forbidden, StepUpRequired, InvalidInput."""
        caller.require(SUPPRESSIONS_MANAGE)
        channel = Channel(command.channel)
        key, masked = _read(channel, command.address)
        now = self._clock.now()
        wanted = Suppression(
            channel=channel,
            address_digest=self._digests.current(channel, key),
            masked=masked,
            reason=command.reason,
            detail=command.detail,
            created_at=now,
        )

        async def body(unit: NotificationUnit) -> Suppression:
            kept = await unit.suppressions.find(channel, self._digests.every(channel, key))
            if kept is None and await unit.suppressions.put(wanted):
                unit.record(
                    AddressSuppressed(
                        occurred_at=now, channel=channel.value, masked=masked, reason=wanted.reason.value
                    )
                )
            await unit.commit()
            return kept or wanted

        return SuppressionView.of(await in_unit(lambda: self._units.open(caller), body))

    async def lift(self, command: LiftSuppression, caller: Caller) -> Lifted:
        """Takes an address off the list. Raises Unauthenticated, Forbidden, StepUpRequired, InvalidInput."""
        caller.require(SUPPRESSIONS_MANAGE)
        channel = Channel(command.channel)
        key, masked = _read(channel, command.address)

        async def body(unit: NotificationUnit) -> bool:
            found = await unit.suppressions.remove(channel, self._digests.every(channel, key))
            if found is not None:
                unit.record(
                    SuppressionLifted(occurred_at=self._clock.now(), channel=channel.value, masked=masked)
                )
            await unit.commit()
            return found is not None

        return Lifted(lifted=await in_unit(lambda: self._units.open(caller), body))


def _read(channel: Channel, address: str) -> tuple[str, str]:
    """The key and the masked writing of an address."""
    try:
        if channel is Channel.EMAIL:
            mailbox = EmailAddress.parse(address)
            return mailbox.key, mailbox.masked()
        phone = PhoneNumber.parse(address)
        return str(phone), phone.masked()
    except InvalidInput as error:
        codes = {problem.code for problem in error.problems}
        raise InvalidInput(*(FieldProblem("address", code) for code in sorted(codes))) from None


def _cursor(suppression: Suppression) -> str:
    return encode_cursor(suppression.created_at.isoformat(), suppression.address_digest)


def _place(cursor: str) -> tuple[datetime, str]:
    at, digest = decode_cursor(cursor, length=2)
    try:
        place = datetime.fromisoformat(at), str(digest)
        if place[0].tzinfo is None:
            raise ValueError
    except (TypeError, ValueError):
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None
    return place
