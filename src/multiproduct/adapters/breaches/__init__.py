"""Services that know passwords from breaches."""

from multiproduct.adapters.breaches.range_service import RangeBreachedPasswords

__all__ = ["RangeBreachedPasswords"]
