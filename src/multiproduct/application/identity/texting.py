"""Whether a telephone may be texted: there is a gateway, the number is no trap, and the budgets allow it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from multiproduct.application.caller import Caller
from multiproduct.application.identity.contacts import Contact
from multiproduct.application.identity.phone_numbers import PhoneNumbers
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.otp import CodeBook
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import PhoneNumber
from multiproduct.domain.identity.phone_events import TextRequestRefused
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotConfigured, TooManyRequests

_SCOPE = "text_message"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPolicy:
    """`countries` (ISO 3166, two letters) are those whose numbers are texted; none named means all."""

    is_configured: bool = True
    countries: frozenset[str] = frozenset()

    def serves(self, country: str | None) -> bool:
        """Whether numbers of the country are texted. The ranges of no country never are: they belong to
        satellites and to networks that are used for fraud."""
        return country is not None and (not self.countries or country in self.countries)


class Texting:
    """Asked before a code is owed to a telephone, whatever the code is for and whoever has the number.

    Refusals other than of an installation without a gateway are written to the audit log, with the number's
    pseudonym. What the limiter said is not told to callers: one of its counts is everybody's.
    """

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        code_book: CodeBook,
        phone_numbers: PhoneNumbers,
        throttle: Throttle,
        policy: TextPolicy,
    ) -> None:
        self._units = units
        self._clock = clock
        self._code_book = code_book
        self._phone_numbers = phone_numbers
        self._throttle = throttle
        self._policy = policy

    def require_configured(self) -> None:
        """Raises NotConfigured where nothing could be sent."""
        if not self._policy.is_configured:
            raise NotConfigured(what="sms")

    async def admit(self, contact: Contact, caller: Caller) -> None:
        """Takes one text from the budgets of the number, the caller's address and the installation; nothing
        for a mailbox.

        Raises NotConfigured, InvalidInput on `phone` (phone_not_served), TooManyRequests.
        """
        if contact.phone is None:
            return
        self.require_configured()
        facts = self._phone_numbers.facts(contact.phone)
        if facts.is_costly or not self._policy.serves(facts.country):
            await self._note(contact.phone, "costly_number" if facts.is_costly else "country", caller)
            raise InvalidInput(FieldProblem("phone", "phone_not_served"))
        subject_key = self._code_book.subject_key(contact.key)
        try:
            await self._throttle.admit(_SCOPE, replace(caller, standings=None), subject=subject_key)
        except TooManyRequests:
            await self._note(contact.phone, "budget", caller)
            raise

    async def _note(self, number: PhoneNumber, reason: str, caller: Caller) -> None:
        refused = TextRequestRefused(
            occurred_at=self._clock.now(),
            subject_key=self._code_book.subject_key(str(number)),
            reason=reason,
            country=self._phone_numbers.facts(number).country,
        )

        async def body(unit: IdentityUnit) -> None:
            unit.record(refused)
            await unit.commit()

        await in_unit(self._opening(caller), body)

    def _opening(self, caller: Caller) -> Callable[[], AbstractAsyncContextManager[IdentityUnit]]:
        return lambda: self._units.open(caller)
