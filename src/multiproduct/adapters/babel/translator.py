"""The translator: finds the catalogue for a locale and the message in it."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from multiproduct.adapters.babel.catalogue import Catalogue, read_catalogue
from multiproduct.application.ports.translator import Params
from multiproduct.domain.translation.locales import LOCALES
from multiproduct.domain.translation.negotiation import (
    MAX_HEADER_CHARACTERS,
    MAX_TAG_CHARACTERS,
    lookup,
    negotiate,
)

_REMEMBERED_HEADERS = 1_024
_REMEMBERED_TAGS = 256


class BabelTranslator:
    """Reads the catalogues beside this module, each when it is first needed, and keeps them.

    Whole numbers are written by CLDR, in the digits and groups of the language; texts are put in as they are.
    What was negotiated is remembered for the latest thousand headers, as few different ones are ever sent.
    """

    def __init__(self) -> None:
        self._folder: Traversable = files("multiproduct.adapters.babel") / "locale"
        self._catalogue = lru_cache(maxsize=len(LOCALES))(self._read)
        self._resolve = lru_cache(maxsize=_REMEMBERED_TAGS)(self._find)
        self._negotiate = lru_cache(maxsize=_REMEMBERED_HEADERS)(self._choose)

    @property
    def locales(self) -> Sequence[str]:
        """English first, then the others by their tags."""
        return LOCALES

    def text(self, key: str, *, locale: str, params: Params | None = None) -> str:
        """The message, in English where the locale's catalogue has none; see the port."""
        found = self._resolve(locale[:MAX_TAG_CHARACTERS]) or LOCALES[0]
        given = params or {}
        wording = self._catalogue(found).text(key, given)
        if wording is None and found != LOCALES[0]:
            wording = self._catalogue(LOCALES[0]).text(key, given)
        return key if wording is None else wording

    def moment(self, moment: datetime, *, locale: str, time_zone: str) -> str:
        """See the port."""
        from multiproduct.adapters.babel.moments import write_moment  # noqa: PLC0415 - only mails need it

        found = self._resolve(locale[:MAX_TAG_CHARACTERS]) or LOCALES[0]
        return write_moment(moment, locale=self._catalogue(found).locale, time_zone=time_zone)

    def negotiate(
        self, accept_language: str | None, *, preferred: str | None = None, setting: str | None = None
    ) -> str:
        """See the port. Reads the first 1,000 characters and 20 ranges of the header."""
        if preferred and (found := self._resolve(preferred[:MAX_TAG_CHARACTERS])):
            return found
        if setting and (found := self._resolve(setting[:MAX_TAG_CHARACTERS])):
            return found
        if not accept_language:
            return LOCALES[0]
        # One character beyond the limit tells a cut header from one that fits.
        return self._negotiate(accept_language[: MAX_HEADER_CHARACTERS + 1])

    def _read(self, locale: str) -> Catalogue:
        name = locale.replace("-", "_")
        return read_catalogue(self._folder / name / "LC_MESSAGES" / "messages.po", locale=name)

    @staticmethod
    def _find(tag: str) -> str | None:
        return lookup(tag, LOCALES)

    @staticmethod
    def _choose(header: str) -> str:
        return negotiate(header, LOCALES)
