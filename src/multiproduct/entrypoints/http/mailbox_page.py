"""The development mailbox as people see it: a page of messages, and each mail's HTML in a sandbox."""

import hashlib
import re
from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from multiproduct.adapters.mailbox.message import MailboxMessage
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import NotFound
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.page_layout import FRAMES_OF_OURS, page
from multiproduct.entrypoints.http.page_writing import mounted

MAILBOX = "/dev/mailbox"
_MOST_SHOWN = 50
_MOST_KEPT = 1_000
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
_ENDS_A_SENTENCE = ".,;:!?)"

# A mail's scripts and forms stay dead; its links open pages of their own, outside the sandbox.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; base-uri 'none'; "
    f"form-action 'none'; frame-ancestors 'self'; sandbox {SANDBOX}"
)


class MailboxPage:
    """`/dev/mailbox` for browsers, and `/dev/mailbox/{message}` for the HTML of one mail."""

    def __init__(self, *, container: Container) -> None:
        self._container = container

    async def show(self, visit: Visit) -> Response:
        """The newest messages, those to one address where `to` is in the query."""
        if self._container.mailbox is None:
            raise NotFound
        to = visit.request.query_params.get("to") or None
        found = await self._container.mailbox.messages(to, limit=_MOST_SHOWN)
        return page(
            brand=self._container.brand,
            locale="en",
            title=f"Mailbox of {to}" if to else "Mailbox",
            content="".join(_article(visit, message) for message in found) or "<p>Nothing was sent yet.</p>",
            layout="wide",
            also_allowed=FRAMES_OF_OURS,
        )

    async def show_html(self, visit: Visit) -> Response:
        """A mail as a mail program would show it. Raises NotFound."""
        wanted = visit.request.path_params["message"]
        kept = await self._container.mailbox.messages(limit=_MOST_KEPT) if self._container.mailbox else []
        message = next((each for each in kept if each.html and name_of(each) == wanted), None)
        if message is None:
            raise NotFound
        # So that a link does not open within the frame, where no page of ours lets itself be shown.
        html = message.html.replace("<head>", '<head><base target="_blank">', 1)
        return HTMLResponse(
            html, headers={"content-security-policy": MAIL_POLICY, "cache-control": "no-store"}
        )


def name_of(message: MailboxMessage) -> str:
    """How a message is named in addresses."""
    return hashlib.sha256(f"{message.channel} {message.id}".encode()).hexdigest()[:32]


def with_links(text: str) -> str:
    """Plain text as HTML in which web addresses can be clicked."""
    return "".join(_pieces(text))


def _pieces(text: str) -> Iterable[str]:
    done = 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_ENDS_A_SENTENCE)
        yield escape(text[done : found.start()])
        yield f'<a href="{escape(address)}">{escape(address)}</a>'
        done = found.start() + len(address)
    yield escape(text[done:])


def _article(visit: Visit, message: MailboxMessage) -> str:
    sent = message.created_at.isoformat(timespec="seconds")
    subject = escape(message.subject or message.channel)
    to = escape(message.to)
    shown = ""
    if message.html:
        source = escape(mounted(visit, f"{MAILBOX}/{name_of(message)}"))
        shown = (
            f"<details><summary>Show as HTML</summary>"
            f'<iframe sandbox="{SANDBOX}" loading="lazy" src="{source}" title="{subject}"></iframe>'
            f'</details><a href="{source}">Open as a page</a>'
        )
    return (
        f'<article><h2 dir="auto">{subject}</h2>'
        f'<p class="hint">{escape(message.channel)} to <a href="?to={quote(message.to, safe="@")}">{to}</a>, '
        f'<time datetime="{sent}">{sent}</time></p>'
        f'<pre dir="auto">{with_links(message.text)}</pre>{shown}</article>'
    )
