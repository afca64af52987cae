"""A person's inbox: what they were told, what of it they have read, and how much is unread."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

MAX_TITLE = 200
MAX_BODY = 4_000
MAX_DATA = 50
MAX_DATUM = 500
"""Characters of a title and of a text, members of the data, and characters of one. Title and text are cut
there, with an ellipsis."""

Data = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInboxEntry:
    """What somebody is to find in their inbox because of one event. It never holds a code or a link that
    lets anybody in."""

    user_id: UUID
    event_position: int
    type_key: str
    category: str
    title: str
    body: str
    data: Data = field(default_factory=dict)
    locale: str
    created_at: datetime

    def __post_init__(self) -> None:
        if len(self.data) > MAX_DATA:
            raise ValueError(f"an entry has at most {MAX_DATA} members of data")
        if any(isinstance(datum, str) and len(datum) > MAX_DATUM for datum in self.data.values()):
            raise ValueError(f"a member of the data has at most {MAX_DATUM} characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """One entry. `sequence` is the version of the inbox by which it came, `changed` the one by which it was
    changed last: both follow the order of the commits, which ids do not."""

    id: UUID
    user_id: UUID
    event_position: int
    type_key: str
    category: str
    title: str
    body: str
    data: Data
    locale: str
    created_at: datetime
    sequence: int
    changed: int
    read_at: datetime | None = None

    @classmethod
    def of(cls, new: NewInboxEntry, *, id: UUID, sequence: int) -> "InboxEntry":
        """An unread entry that comes with this version of the inbox."""
        return cls(
            id=id,
            user_id=new.user_id,
            event_position=new.event_position,
            type_key=new.type_key,
            category=new.category,
            title=_cut(new.title, MAX_TITLE),
            body=_cut(new.body, MAX_BODY),
            data=dict(new.data),
            locale=new.locale,
            created_at=new.created_at,
            sequence=sequence,
            changed=sequence,
        )

    @property
    def is_read(self) -> bool:
        """Whether the person has read it."""
        return self.read_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxCounter:
    """How much of an inbox is unread. `version` grows by one with every change of the inbox, so that whoever
    heard two counts knows which is the later one."""

    user_id: UUID
    unread: int = 0
    version: int = 0

    def moved(self, *, unread_by: int) -> "InboxCounter":
        """The next version. Raises ValueError where fewer than none would be unread."""
        unread = self.unread + unread_by
        if unread < 0:
            raise ValueError("fewer than no entries cannot be unread")
        return replace(self, unread=unread, version=self.version + 1)

    def before_put(self) -> "InboxCounter":
        """As it was before an entry was counted that turned out to be there already."""
        return replace(self, unread=self.unread - 1, version=self.version - 1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class InboxPosition:
    """How far somebody has followed the changes of an inbox: every change up to a version, or of that version
    as far as one entry. Written `17`, or `17.12`."""

    changed: int
    sequence: int

    @classmethod
    def after(cls, version: int) -> "InboxPosition":
        """With everything of that version: no entry came later than it was changed."""
        return cls(changed=version, sequence=version)

    @classmethod
    def of(cls, entry: InboxEntry) -> "InboxPosition":
        """With this change."""
        return cls(changed=entry.changed, sequence=entry.sequence)

    @classmethod
    def parse(cls, text: str) -> "InboxPosition":
        """Raises ValueError for what is no position."""
        changed, _, sequence = text.partition(".")
        numbers = [changed, sequence] if sequence else [changed, changed]
        if not all(part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS for part in numbers):
            raise ValueError("not a position")
        return cls(changed=int(numbers[0]), sequence=int(numbers[1]))

    def __str__(self) -> str:
        return str(self.changed) if self.sequence == self.changed else f"{self.changed}.{self.sequence}"


_MOST_DIGITS = 18
"""What fits into a signed integer of 64 bits."""


def datum(value: str | int) -> str | int:
    """A member of the data, cut like title and text."""
    return _cut(value, MAX_DATUM) if isinstance(value, str) else value


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
