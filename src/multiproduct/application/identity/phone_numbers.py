"""Reading telephone numbers as people write them."""

from typing import Protocol

from multiproduct.domain.identity.addresses import PhoneNumber


class PhoneNumbers(Protocol):
    """Knows how telephone numbers are written around the world.

    Promises one and the same number for all usual ways of writing it: what it returns, written out as
    E.164, is read as the same number again whatever the region.
    """

    def parse(self, text: str, *, region: str | None) -> PhoneNumber:
        """The number meant by `text`; `region` (ISO 3166, two letters) is where a national number is from.

        Without a region, or with an unknown one, only international forms are understood. Raises InvalidInput
        on `phone`: required, invalid_phone.
        """
        ...
