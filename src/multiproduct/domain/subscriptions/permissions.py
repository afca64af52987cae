"""What may be permitted about other people's subscriptions."""

from types import MappingProxyType

SUBSCRIPTIONS_READ = "subscriptions.subscription.read"
SUBSCRIPTIONS_UPDATE = "subscriptions.subscription.update"
USAGE_RECORD = "subscriptions.usage.record"

PERMISSIONS = MappingProxyType(
    {
        SUBSCRIPTIONS_READ: "Read anybody's subscriptions.",
        SUBSCRIPTIONS_UPDATE: "Change, cancel, pause and renew anybody's subscription.",
        USAGE_RECORD: "Record what was used of a product.",
    }
)
