"""What notifications need from outside: their wording as mails and entries, in the colours of a brand, and
whoever puts them into inboxes and pushes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from multiproduct.application.notifications.push_ports import PushMessage
from multiproduct.application.notifications.push_results import PushOutcome
from multiproduct.domain.notifications.inbox import InboxEntry, NewInboxEntry

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
_MAIL_ADDRESS = re.compile(r"[^\s\"'<>@]+@[^\s\"'<>@]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a mail on one kind of screen, as `#rrggbb`. Raises ValueError for anything else."""

    page: str
    card: str
    text: str
    muted: str
    line: str
    accent: str
    on_accent: str

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not _COLOUR.fullmatch(getattr(self, name)):
                raise ValueError(f"the colour {name} is not of the form #rrggbb")


DARK = Palette(
    page="#0a0d13",
    card="#131822",
    text="#f3f6fb",
    muted="#9aa6b8",
    line="#263042",
    accent="#f5b942",
    on_accent="#1a1303",
)
"""The demonstration brand at night: graphite and gold."""

LIGHT = Palette(
    page="#eef1f6",
    card="#ffffff",
    text="#141a26",
    muted="#576275",
    line="#dde3ec",
    accent="#a3161f",
    on_accent="#ffffff",
)
"""The demonstration brand by day: white and crimson."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """Whose mails they are. Raises ValueError where an address is not one.

    `support_url` and `support_email` are where people find help, `logo_url` is a picture 32 pixels high.
    """

    name: str = "STARK"
    support_url: str = "https://stark.example/support"
    support_email: str = "support@stark.example"
    logo_url: str | None = None
    light: Palette = field(default=LIGHT)
    dark: Palette = field(default=DARK)

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.name.isprintable():
            raise ValueError("a brand needs a name of printable characters")
        if not _MAIL_ADDRESS.fullmatch(self.support_email):
            raise ValueError("support_email is not a mail address")
        for address in (self.support_url, self.logo_url):
            if address is not None and not _WEB_ADDRESS.fullmatch(address):
                raise ValueError("support_url and logo_url must be http(s) addresses")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedMail:
    """A mail's wording; `subject` is one line, `locale` the language it came out in.

    `short` says the same in one line for a telephone, with the code where there is one. The bodies and
    `short` hold secrets and are left out of the representation; `subject` never holds one.
    """

    subject: str
    short: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    locale: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedNotice:
    """A notification's wording where there is little room, as plain text: in an inbox, a push, a digest."""

    title: str
    body: str
    locale: str = "en"


class MailRenderer(Protocol):
    """Words a notification. Promises that parameters can never become markup, headers or lines."""

    def render(
        self,
        type_key: str,
        *,
        locale: str,
        params: Mapping[str, str | int],
        unsubscribe_url: str | None = None,
    ) -> RenderedMail:
        """The mail in the language nearest to `locale`, with where such mails can be ended, if that is given.

        Raises ValueError where the type is not known or the parameters do not fit it.
        """
        ...

    def notice(self, type_key: str, *, locale: str, params: Mapping[str, str | int]) -> RenderedNotice:
        """The same said in two lines. Raises ValueError likewise."""
        ...


class Inboxes(Protocol):
    """Where people find what they were told. The `put` of `Inbox`: a step in the caller's unit."""

    async def put(self, unit: Any, new: NewInboxEntry) -> InboxEntry | None:
        """Puts an unread entry, once for each person, event position and type. None where the person is not
        there any more."""
        ...


class Pushes(Protocol):
    """Who brings messages to people's devices. The `send` of `Pushing`: outside of any unit."""

    async def send(self, user_id: UUID, message: PushMessage) -> PushOutcome:
        """Pushes to every live device. Nothing is repeated in there that may have arrived."""
        ...
