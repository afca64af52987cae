"""Moments as people write them: date and time of their language, on the clocks of their time zone."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name

from multiproduct.adapters.babel.catalogue import own_digits

_PLAIN_UTC = "UTC"
_NAMES_OF_UTC = frozenset(
    {"UTC", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu", "UCT", "Universal", "Zulu"}
)


def write_moment(moment: datetime, *, locale: Locale, time_zone: str) -> str:
    """To the minute, by CLDR, in the digits of the language; the zone's name stands behind."""
    zone = _zone(time_zone)
    there = moment.astimezone(zone)
    # Babel words dates and times by CLDR, but joins them with seconds: so each is worded by itself.
    date = format_date(there, format="long", locale=locale)
    time = format_time(there, format="short", tzinfo=zone, locale=locale)
    joined = str(locale.datetime_formats["medium"]).replace("{1}", date).replace("{0}", time)
    name = _PLAIN_UTC if zone is UTC else f"({get_timezone_name(there, width='long', locale=locale)})"
    return own_digits(f"{joined} {name}", locale)


def _zone(name: str) -> tzinfo:
    if name in _NAMES_OF_UTC:
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # not a name, a folder of names, or not in this installation
        return UTC
