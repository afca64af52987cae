"""Keyed digests of addresses, by which a suppressed one is known again and nobody can read it."""

import hashlib
import hmac
from collections.abc import Sequence

from multiproduct.application.otp import Peppers
from multiproduct.domain.notifications.preference import Channel

_LABEL = "suppression"


class AddressDigests:
    """HMAC-SHA256 under the installation's secrets. `key_ids` are those of every secret that is still good,
    so that an address is known again after a rotation; under a secret that was retired none is."""

    def __init__(self, *, peppers: Peppers, key_ids: Sequence[str]) -> None:
        self._peppers = peppers
        self._key_ids = tuple(key_ids)

    def current(self, channel: Channel, address_key: str) -> str:
        """The digest to keep. Raises LookupError if the peppers lack their own current one."""
        found = self._under(self._peppers.current_id, channel, address_key)
        if found is None:
            raise LookupError(self._peppers.current_id)
        return found

    def every(self, channel: Channel, address_key: str) -> list[str]:
        """The digests that an address may be kept under."""
        found = (self._under(key_id, channel, address_key) for key_id in self._key_ids)
        return [each for each in found if each is not None]

    def _under(self, key_id: str, channel: Channel, address_key: str) -> str | None:
        secret = self._peppers.secret(key_id, _LABEL)
        if secret is None:
            return None
        told = f"suppression/v1\0{channel.value}\0{address_key}".encode("utf-8", "surrogatepass")
        return hmac.new(secret, told, hashlib.sha256).hexdigest()
