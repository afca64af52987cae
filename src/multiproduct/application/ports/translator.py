"""The wording of messages in the person's language."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

Params = Mapping[str, str | int | None]


class Translator(Protocol):
    """Words for message keys. Promises never to raise: an unknown locale falls back along its truncations
    to English, an unknown key answers the key itself."""

    @property
    def locales(self) -> Sequence[str]:
        """The locales there are catalogues for, the default first (BCP 47 tags, like `en` and `zh-Hant`)."""
        ...

    def text(self, key: str, *, locale: str, params: Params | None = None) -> str:
        """The message under `key` with `{name}` places filled from `params`."""
        ...

    def moment(self, moment: datetime, *, locale: str, time_zone: str) -> str:
        """A moment to the minute, as the locale writes it, on the clocks of an IANA time zone and with the
        zone's name; in UTC where there is no such zone."""
        ...

    def negotiate(
        self, accept_language: str | None, *, preferred: str | None = None, setting: str | None = None
    ) -> str:
        """The best locale: `preferred` (what is wished this time) where there is a catalogue for it, else
        `setting` (what the person chose for good), else by RFC 4647 lookup with quality values, else the
        default."""
        ...
