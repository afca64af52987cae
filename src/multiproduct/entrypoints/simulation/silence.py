"""Mails that nobody words and nobody gets: what is to be told is decided and kept, the rest costs time."""

from collections.abc import Mapping

from multiproduct.application.notifications import RenderedMail, RenderedNotice
from multiproduct.application.ports.mailer import Mail
from multiproduct.application.ports.texter import Text


class SilentRenderer:
    """The `MailRenderer` port: every mail is worded by the name of its type."""

    def render(
        self,
        type_key: str,
        *,
        locale: str,
        params: Mapping[str, str | int],
        unsubscribe_url: str | None = None,
    ) -> RenderedMail:
        """The name of the type, in the place of all words."""
        del params, unsubscribe_url
        return RenderedMail(subject=type_key, short=type_key, text=type_key, html=type_key, locale=locale)

    def notice(self, type_key: str, *, locale: str, params: Mapping[str, str | int]) -> RenderedNotice:
        """Likewise."""
        del params
        return RenderedNotice(title=type_key, body=type_key, locale=locale)


class SilentMailer:
    """The `Mailer` port: takes every mail, and forgets it."""

    async def send(self, mail: Mail) -> None:
        """Nothing is sent."""


class SilentTexter:
    """The `Texter` port: takes every message, and forgets it."""

    async def send(self, text: Text) -> None:
        """Nothing is sent."""
