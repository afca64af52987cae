"""A customer's account as a bookkeeper keeps it: one list of facts, everything else summed from it anew."""

from dataclasses import dataclass, field


@dataclass
class Fact:
    """Something that happened to one invoice, or to the customer's money, in minor units."""

    kind: str
    invoice: int | None
    minor: int


@dataclass
class Account:
    """Nothing is kept but the facts."""

    facts: list[Fact] = field(default_factory=list)

    def total(self, kind: str, invoice: int | None = None) -> int:
        return sum(
            fact.minor
            for fact in self.facts
            if fact.kind == kind and (invoice is None or fact.invoice == invoice)
        )

    def is_void(self, invoice: int) -> bool:
        return self.total("void", invoice) > 0

    def due(self, invoice: int) -> int:
        """What nobody paid, credited while it was owed, or declared void."""
        return (
            self.total("issue", invoice)
            - self.total("void", invoice)
            - self.total("allocate", invoice)
            - self.total("reduce", invoice)
        )

    def creditable(self, invoice: int) -> int:
        if self.is_void(invoice):
            return 0
        return self.total("issue", invoice) - self.total("reduce", invoice) - self.total("back", invoice)

    def funds(self) -> int:
        return self.total("pay") + self.total("back") - self.total("allocate") - self.total("refund")

    def receivable(self) -> int:
        return self.total("issue") - self.total("void") - self.total("allocate") - self.total("reduce")

    def revenue(self) -> int:
        return self.total("issue") - self.total("void") - self.total("reduce") - self.total("back")

    def issue(self, invoice: int, minor: int) -> None:
        """Money that is there is taken for it at once."""
        taken = min(self.funds(), minor)
        self.facts.append(Fact("issue", invoice, minor))
        if taken:
            self.facts.append(Fact("allocate", invoice, taken))

    def pay(self, invoices: list[int]) -> None:
        for invoice in invoices:
            due = self.due(invoice)
            self.facts += [Fact("pay", invoice, due), Fact("allocate", invoice, due)]

    def refundable(self, invoice: int) -> int:
        """What was paid of this very invoice, not out of funds, and is not on its way back."""
        return self.total("pay", invoice) - self.total("refund", invoice)

    def credit(self, invoice: int, minor: int, *, refunds: bool) -> None:
        reduced = min(minor, self.due(invoice))
        self.facts += [Fact("reduce", invoice, reduced), Fact("back", invoice, minor - reduced)]
        if refunds:
            back = min(minor - reduced, self.refundable(invoice))
            self.facts.append(Fact("refund", invoice, back))

    def void(self, invoice: int) -> None:
        self.facts.append(Fact("void", invoice, self.total("issue", invoice)))
