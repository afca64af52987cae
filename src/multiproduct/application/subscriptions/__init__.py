"""Subscriptions: buying, trying, renewing, changing, pausing and ending them."""

from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.wiring import (
    SubscriptionParts,
    SubscriptionUseCases,
    wire_subscriptions,
)

__all__ = ["SubscriptionParts", "SubscriptionUseCases", "SubscriptionsUnit", "wire_subscriptions"]
