"""What notifications need from outside: their wording as mails, in the colours of a brand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

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


class MailRenderer(Protocol):
    """Words a notification as a mail. Promises that parameters can never become markup, headers or lines."""

    def render(self, type_key: str, *, locale: str, params: Mapping[str, str | int]) -> RenderedMail:
        """The mail in the language nearest to `locale`.

        Raises ValueError where the type is not known or the parameters do not fit it.
        """
        ...
