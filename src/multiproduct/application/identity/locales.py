"""Locales and time zones that people may choose."""

from collections.abc import Sequence
from zoneinfo import available_timezones

from multiproduct.domain.shared import FieldProblem, InvalidInput


class Locales:
    """Knows the locales there are catalogues for, and the time zones of the IANA database."""

    def __init__(self, *, locales: Sequence[str]) -> None:
        self._locales = {locale.lower(): locale for locale in locales}
        self._zones: frozenset[str] = frozenset()

    def locale(self, wished: str | None, *, default: str) -> str:
        """A locale in its usual writing. Raises InvalidInput for one without a catalogue."""
        if wished is None:
            return default
        known = self._locales.get(wished.replace("_", "-").lower())
        if known is None:
            raise InvalidInput(FieldProblem("locale", "invalid_locale"))
        return known

    def time_zone(self, wished: str | None) -> str:
        """A time zone, UTC where none is wished. Raises InvalidInput for an unknown one."""
        if wished is None or wished == "UTC":
            return "UTC"
        if not self._zones:
            self._zones = frozenset(available_timezones())
        if wished not in self._zones:
            raise InvalidInput(FieldProblem("time_zone", "invalid_time_zone"))
        return wished
