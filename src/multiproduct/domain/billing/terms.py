"""Payment terms: how long a customer has to pay, and when they are reminded."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class ReminderPlan:
    """Days relative to the due date on which the customer hears of an open invoice: negative ones before it.
    Day 0 is the due date itself, when an invoice becomes overdue; it is always one of them."""

    days: tuple[int, ...] = (-3, 0, 3, 7, 14, 30)

    def next_after(self, moment: datetime, *, due_at: datetime) -> datetime | None:
        """The next of them, strictly after that moment; None after the last."""
        moments = sorted(due_at + timedelta(days=day) for day in {0, *self.days})
        return next((each for each in moments if each > moment), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """The seller's usual ones."""

    term: timedelta = timedelta(days=14)
    reminders: ReminderPlan = ReminderPlan()

    def due_at(self, issued_at: datetime, *, term_days: int | None) -> datetime:
        """When an invoice issued then is due."""
        return issued_at + (self.term if term_days is None else timedelta(days=term_days))
