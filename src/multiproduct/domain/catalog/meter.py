"""A meter: what of a product's usage is measured, and how measurements become one quantity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from multiproduct.domain.catalog.changing import set_differing
from multiproduct.domain.catalog.errors import UnknownMeter
from multiproduct.domain.catalog.events import MeterArchived, MeterChanged, MeterCreated
from multiproduct.domain.catalog.metering import Aggregation
from multiproduct.domain.shared import Aggregate


@dataclass(slots=True, kw_only=True)
class Meter(Aggregate):
    """`code` is what usage events name it by, its own within the product. `unit` is for people: GB, calls.
    How it aggregates never changes, as that would change what was measured."""

    id: UUID
    product_id: UUID
    code: str
    name: str
    unit: str = ""
    aggregation: Aggregation
    archived_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    def created(self) -> None:
        """Notes that it is new."""
        self._record(
            MeterCreated(
                occurred_at=self.created_at,
                meter_id=self.id,
                code=self.code,
                product_id=self.product_id,
                aggregation=self.aggregation.value,
            )
        )

    def change(self, wanted: Mapping[str, Any], *, now: datetime) -> None:
        """Sets the given attributes where they differ. Raises UnknownMeter for an archived one."""
        if self.archived_at is not None:
            raise UnknownMeter
        fields = set_differing(self, wanted)
        if not fields:
            return
        self.updated_at = now
        self._record(MeterChanged(occurred_at=now, meter_id=self.id, code=self.code, fields=fields))

    def archive(self, *, now: datetime) -> None:
        """Has it take no new prices; nothing happens where it has ended."""
        if self.archived_at is not None:
            return
        self.archived_at = self.updated_at = now
        self._record(MeterArchived(occurred_at=now, meter_id=self.id, code=self.code))
