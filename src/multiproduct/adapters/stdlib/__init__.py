"""What the standard library and the operating system give: time, identifiers, randomness, derived secrets."""

from multiproduct.adapters.stdlib.clock import OffsetClock, SystemClock, SystemRealTime
from multiproduct.adapters.stdlib.host_names import SystemHostNames
from multiproduct.adapters.stdlib.ids import SystemIds, SystemRandomness
from multiproduct.adapters.stdlib.secrets import DerivedSecrets, key_id

__all__ = [
    "DerivedSecrets",
    "OffsetClock",
    "SystemClock",
    "SystemHostNames",
    "SystemIds",
    "SystemRandomness",
    "SystemRealTime",
    "key_id",
]
