"""What people are told of what was added to their accounts, and of what they handed in."""

from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.notifying import Notifying
from multiproduct.application.notifications.security_notices import ListenerUnit, SecurityNotices
from multiproduct.application.notifications.types import IDENTITY_DOCUMENT
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.identity import DocumentReviewed
from multiproduct.domain.notifications.preference import Channel
from multiproduct.domain.notifications.push_events import PushDeviceRegistered
from multiproduct.domain.payments import PaymentMethodStored


class BelongingsNotices:
    """Deferred reactions. Each completes its todo whatever it decides."""

    def __init__(
        self, *, units: Units[ListenerUnit], notices: SecurityNotices, notifying: Notifying, links: Links
    ) -> None:
        self._units = units
        self._notices = notices
        self._notifying = notifying
        self._links = links

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(PaymentMethodStored, "notifications.tell_of_method", self.tell_of_method)
        table.defer(PushDeviceRegistered, "notifications.tell_of_push_device", self.tell_of_push_device)
        table.defer(DocumentReviewed, "notifications.tell_of_document", self.tell_of_document)

    async def tell_of_method(self, event: PaymentMethodStored, heard: Heard) -> None:
        """So that an owner who did not do it can act."""
        await self._notices.tell(heard, event.owner_id, "payment_method_added", event)

    async def tell_of_push_device(self, event: PushDeviceRegistered, heard: Heard) -> None:
        """Likewise: whoever has the device reads along. It is not pushed, as that device would show it."""
        left_out = {Channel.PUSH: "the_new_device_would_show_it"}
        await self._notices.tell(heard, event.user_id, "push_device_added", event, left_out=left_out)

    async def tell_of_document(self, event: DocumentReviewed, heard: Heard) -> None:
        """What the staff decided; why stands with the document."""
        async with self._units.view(SYSTEM) as view:
            user = await view.users.find(event.user_id)
        if user is None or event.outcome not in IDENTITY_DOCUMENT.choices["outcome"]:
            await self._notifying.nothing_to_do(heard)
            return
        params = {"outcome": event.outcome, "link": self._links.sign_in}
        await self._notifying.tell(heard, IDENTITY_DOCUMENT, user, params, reason=f"document_{event.outcome}")
