"""What people are told, as developers look at it: every type in every language, with example data."""

from collections.abc import Iterable
from html import escape
from typing import Literal
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from multiproduct.application.notifications.examples import variants_of
from multiproduct.application.notifications.notification_type import NotificationType
from multiproduct.application.notifications.previewing import Preview
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import NotFound
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.mailbox_page import MAIL_POLICY, SANDBOX, with_links
from multiproduct.entrypoints.http.page_layout import FRAMES_OF_OURS, page
from multiproduct.entrypoints.http.page_writing import mounted

PREVIEWS = "/dev/notifications"
Scheme = Literal["light", "dark"]
_DARK_RULES = "@media (prefers-color-scheme: dark)"
_DECLARED = "color-scheme: light dark"


class NotificationPreviews:
    """`/dev/notifications` lists the types; `/{type}` shows one, and `/{type}/mail` the HTML of its mail.

    `lang` chooses the language, as everywhere; `variant` the wording, `scheme` the screen.
    """

    def __init__(self, *, container: Container) -> None:
        self._container = container
        self._previewing = container.previewing

    async def show_all(self, visit: Visit) -> Response:
        """Every type, with a link for each language."""
        rows = "".join(self._row(visit, each) for each in self._previewing.types)
        head = "<tr><th>type</th><th>channels</th><th>languages</th></tr>"
        return self._page("Notifications", f"<table>{head}{rows}</table>")

    async def show(self, visit: Visit) -> Response:
        """One type in one language. Raises NotFound."""
        found = self._found(visit)
        key = found.type_.key
        content = [
            f'<p><a href="{escape(mounted(visit, PREVIEWS))}/">All notifications</a></p>',
            f"<p>{self._languages(visit, key, found.variant)}</p>",
            _variants(visit, found),
            _mail(visit, found),
            _short(found),
        ]
        return self._page(f"{key} ({found.locale})", "".join(content))

    async def show_mail(self, visit: Visit) -> Response:
        """The HTML of a mail, as a mail program shows it on a light or a dark screen, or as the browser has
        it. Raises NotFound."""
        found = self._found(visit)
        if found.mail is None:
            raise NotFound
        html = found.mail.html.replace("<head>", '<head><base target="_blank">', 1)
        scheme = visit.request.query_params.get("scheme")
        if scheme == "light":
            html = on_screen(html, "light")
        elif scheme == "dark":
            html = on_screen(html, "dark")
        headers = {
            "content-security-policy": MAIL_POLICY,
            "cache-control": "no-store",
            "content-language": found.locale,
        }
        return HTMLResponse(html, headers=headers)

    def _found(self, visit: Visit) -> Preview:
        return self._previewing.preview(
            visit.request.path_params["type"],
            locale=visit.locale,
            variant=visit.request.query_params.get("variant") or None,
        )

    def _page(self, title: str, content: str) -> Response:
        return page(
            brand=self._container.brand,
            locale="en",
            title=title,
            content=content,
            layout="wide",
            also_allowed=FRAMES_OF_OURS,
        )

    def _row(self, visit: Visit, type_: NotificationType) -> str:
        kind = "mandatory" if type_.is_mandatory else "commercial" if type_.is_commercial else ""
        about = escape(", ".join(filter(None, (type_.category.value, kind))))
        return (
            f'<tr><td>{escape(type_.key)}<p class="hint">{about}</p></td>'
            f"<td>{escape(', '.join(type_.channels))}</td>"
            f"<td>{self._languages(visit, type_.key, None)}</td></tr>"
        )

    def _languages(self, visit: Visit, key: str, variant: str | None) -> str:
        return _links(
            (each, _address(visit, key, lang=each, variant=variant)) for each in self._previewing.locales
        )


def on_screen(html: str, scheme: Scheme) -> str:
    """A mail as it is on a light or a dark screen, whatever the screen is that it is looked at on."""
    rules = "@media all" if scheme == "dark" else "@media not all"
    settled = html.replace(_DARK_RULES, rules).replace(_DECLARED, f"color-scheme: {scheme}")
    return settled.replace('content="light dark"', f'content="{scheme}"')


def _address(visit: Visit, path: str, **asked: str | None) -> str:
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return mounted(visit, f"{PREVIEWS}/{path}") + f"?{query}"


def _links(named: Iterable[tuple[str, str]]) -> str:
    return " ".join(f'<a href="{escape(address)}">{escape(name)}</a>' for name, address in named)


def _variants(visit: Visit, found: Preview) -> str:
    key = found.type_.key
    links = _links((each, _address(visit, key, lang=found.locale, variant=each)) for each in variants_of(key))
    return f"<p>{links}</p>" if links else ""


def _mail(visit: Visit, found: Preview) -> str:
    if found.mail is None:
        return "<p>This type does not travel by mail.</p>"
    frames = "".join(_frame(visit, found, scheme) for scheme in ("light", "dark"))
    return (
        f'<article><h2 dir="auto">{escape(found.mail.subject)}</h2><div class="pair">{frames}</div></article>'
        f'<article><h2>Plain text</h2><pre dir="auto">{with_links(found.mail.text)}</pre></article>'
    )


def _frame(visit: Visit, found: Preview, scheme: Scheme) -> str:
    path = f"{found.type_.key}/mail"
    source = escape(_address(visit, path, lang=found.locale, variant=found.variant, scheme=scheme))
    return (
        f'<div><iframe sandbox="{SANDBOX}" src="{source}" title="{scheme}"></iframe>'
        f'<a href="{source}">{scheme}, as a page</a></div>'
    )


def _short(found: Preview) -> str:
    parts = []
    if found.sms is not None:
        parts.append(_said(f"SMS, segments: {found.sms.segments}", found.sms.body))
    if found.notice is not None:
        parts.append(_said("Inbox and push", found.notice.title, found.notice.body))
    return "".join(parts)


def _said(title: str, *lines: str) -> str:
    said = "".join(f'<p dir="auto">{escape(line)}</p>' for line in lines)
    return f"<article><h2>{escape(title)}</h2>{said}</article>"
