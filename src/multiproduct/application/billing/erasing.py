"""What goes when a person is erased: what they wanted on invoices. The invoices stay, as the law asks."""

from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.reactions import ReactionTable
from multiproduct.domain.identity import UserErased


class BillingErasing:
    """A joining reaction: it is gone with the person, in one transaction."""

    def declare(self, table: ReactionTable) -> None:
        """Declares the reaction."""
        table.join(UserErased, self.forget)

    async def forget(self, unit: BillingUnit, event: UserErased) -> None:
        """Removes it."""
        await unit.billing_customers.remove(event.user_id)
