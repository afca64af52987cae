"""Reading telephone numbers as people write them."""

from dataclasses import dataclass
from typing import Protocol

from multiproduct.domain.identity.addresses import PhoneNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFacts:
    """What is known of a number's range. `country` is ISO 3166 (two letters), None for the ranges of no
    country: satellites and international networks. `is_costly` is one where whoever is called earns by it."""

    country: str | None
    is_costly: bool


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

    def facts(self, number: PhoneNumber) -> NumberFacts:
        """What is known of the number's range."""
        ...
