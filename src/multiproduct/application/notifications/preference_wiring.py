"""Putting together what people and the staff may do about notifications."""

from dataclasses import dataclass

from multiproduct.application.notifications.address_digests import AddressDigests
from multiproduct.application.notifications.delivery_reading import DeliveryReading
from multiproduct.application.notifications.preference_keeping import PreferenceKeeping
from multiproduct.application.notifications.security_notices import ListenerUnit
from multiproduct.application.notifications.suppressing import Suppressing
from multiproduct.application.notifications.unsubscribe_tokens import UnsubscribeTokens
from multiproduct.application.notifications.unsubscribing import Unsubscribing
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.notifications.resolution import HousePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationUseCases:
    """Everything about preferences, suppressed addresses and the delivery log."""

    preferences: PreferenceKeeping
    unsubscribing: Unsubscribing
    suppressing: Suppressing
    deliveries: DeliveryReading


def wire_notifications(
    *,
    units: Units[ListenerUnit],
    clock: Clock,
    house: HousePolicy,
    digests: AddressDigests,
    tokens: UnsubscribeTokens,
) -> NotificationUseCases:
    """The use cases on these units."""
    return NotificationUseCases(
        preferences=PreferenceKeeping(units=units, clock=clock, house=house),
        unsubscribing=Unsubscribing(units=units, clock=clock, tokens=tokens),
        suppressing=Suppressing(units=units, clock=clock, digests=digests),
        deliveries=DeliveryReading(units=units),
    )
