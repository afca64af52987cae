"""Addresses that nothing is sent to any more."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from multiproduct.domain.notifications.preference import Channel


class SuppressionReason(StrEnum):
    """Why an address is on the list."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"


ADDRESSED = frozenset({Channel.EMAIL, Channel.SMS})
"""The channels that have addresses which can be suppressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address on the list. It is kept as a keyed digest, which tells it again when it is met and cannot be
    turned back; `masked` is what staff may see. `detail` is what the provider said."""

    channel: Channel
    address_digest: str
    masked: str
    reason: SuppressionReason
    detail: str
    created_at: datetime

    def __post_init__(self) -> None:
        if self.channel not in ADDRESSED:
            raise ValueError(f"nothing is suppressed over {self.channel}")
