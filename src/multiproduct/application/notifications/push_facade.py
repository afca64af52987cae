"""The front of pushing: devices for whoever owns them, and sending for the pipeline."""

from dataclasses import dataclass

from multiproduct.application.notifications.push_device_keeping import PushDeviceKeeping
from multiproduct.application.notifications.push_purging import PushDevicePurging
from multiproduct.application.notifications.pushing import Pushing


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """Use cases: `devices` for entrypoints, `pushing` for whoever has a message, `purging` for the
    scheduler."""

    devices: PushDeviceKeeping
    pushing: Pushing
    purging: PushDevicePurging
