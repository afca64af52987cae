"""Encrypting what must be kept but never read from a dump."""

from typing import Protocol


class Sealing(Protocol):
    """Authenticated encryption under the installation's secrets, of which older ones stay good until retired.

    Promises: two sealings of one secret differ; what was changed, or sealed for another `purpose`, does not
    open. `purpose` names the table, row and field (`identity.totp|<user>|<factor>`), so that a sealed value
    copied into another row is of no use there.
    """

    def seal(self, secret: bytes, *, purpose: str) -> bytes:
        """The secret, sealed under the present key."""
        ...

    def open(self, sealed: bytes, *, purpose: str) -> bytes | None:
        """The secret, or None for anything but a genuine sealing for this purpose under a key that is not
        retired."""
        ...

    def is_current(self, sealed: bytes) -> bool:
        """Whether it is sealed under the present key; if not, it is sealed anew at the next occasion."""
        ...
