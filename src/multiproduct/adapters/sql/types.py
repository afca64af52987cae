"""Column types that mean the same on PostgreSQL and on SQLite."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_POSTGRESQL = "postgresql"


def to_microseconds(moment: datetime) -> int:
    """Microseconds since the Unix epoch, exact. Raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a stored moment has a time zone")
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """The moment in aware UTC."""
    return _EPOCH + count * _MICROSECOND


class Moment(TypeDecorator[datetime]):
    """An aware moment, in UTC when it comes back: `timestamptz` on PostgreSQL, on SQLite an integer of
    microseconds since the epoch, which compares and sorts as moments do."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Chooses what the database keeps."""
        if dialect.name == _POSTGRESQL:
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """Refuses a moment without a time zone: it would be taken for this machine's local time."""
        if value is None:
            return None
        if dialect.name != _POSTGRESQL:
            return to_microseconds(value)
        if value.tzinfo is None:
            raise ValueError("a stored moment has a time zone")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The driver for PostgreSQL answers aware UTC by itself."""
        if value is None or dialect.name == _POSTGRESQL:
            moment: datetime | None = value
            return moment
        return from_microseconds(value)


class LogText(TypeDecorator[str]):
    """Text that others supplied and that is kept for people to read (a browser's name, an error's wording).

    What no database can keep, NUL and lone surrogates, becomes U+FFFD: a log must not fail on what it logs.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replaces what cannot be kept."""
        del dialect
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in value)


ID = Uuid(as_uuid=True)
"""`uuid` on PostgreSQL, 32 hexadecimal digits on SQLite; both sort by the bytes."""
DOCUMENT = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), _POSTGRESQL)
"""JSON; None is an SQL null."""
POSITION = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database hands out, growing."""
KEY_TEXT = Text().with_variant(Text(collation="C"), _POSTGRESQL)
"""Text that compares by code points on both databases, so that an index finds a prefix."""
