"""Mails as a real SMTP server received them, shown and measured in a browser.

`python -m tests.integration.journeys.mail_screens` writes the golden layouts and pictures anew: look at them
before they are kept.
"""

import asyncio
import io
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from PIL import Image
from tests.servers.ports import free_port

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.babel.figures import BabelFigures
from multiproduct.adapters.jinja2 import JinjaMailRenderer
from multiproduct.adapters.smtp import SmtpMailer
from multiproduct.application.notifications import Brand
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.previewing import Previewing
from multiproduct.application.ports.mailer import Attachment, Mail

GOLDEN = Path(__file__).parent / "golden"
LAYOUTS = GOLDEN / "mail-layouts.json"
WIDTHS = (360, 700)
SCHEMES = ("light", "dark")
MOST_BYTES = 60_000
"""Of one picture that is kept."""
_COLOURS = 64
_PATIENCE_SECONDS = 300
_PDF = Attachment(name="INV-2026-000017.pdf", media_type="application/pdf", content=b"%PDF-1.7\n%%EOF\n")
_NEVER = "https://shop.example"
BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)

TYPES = (
    "identity.code", "identity.welcome", "identity.security", "billing.invoice_issued",
    "subscriptions.renewed", "subscriptions.payment_failed", "subscriptions.trial_over",
    "notifications.digest",
)  # fmt: skip
"""One of each kind of mail: those whose layouts and pictures are kept."""
PICTURES = (
    ("identity.code", "en", 700, "light"),
    ("identity.security", "kn", 360, "light"),
    ("billing.invoice_issued", "en", 700, "dark"),
    ("subscriptions.renewed", "zh-Hant", 360, "light"),
    ("subscriptions.payment_failed", "fa", 700, "dark"),
    ("subscriptions.trial_over", "es", 360, "dark"),
    ("notifications.digest", "fa", 360, "light"),
)

MEASURE = """() => {
    const ground = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = getComputedStyle(each).backgroundColor;
            if (!/rgba\\(.*, 0\\)/.test(colour) && colour !== 'transparent') return colour;
        }
        return 'rgb(255, 255, 255)';
    };
    const box = (range) => {
        const {left, right, top, bottom} = range.getBoundingClientRect();
        return {left, right, top, bottom, width: right - left, height: bottom - top};
    };
    const texts = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, parent = node.parentElement, range = document.createRange();
        range.selectNodeContents(node);
        if (!node.data.replaceAll('\\u00a0', ' ').trim() || !range.getClientRects().length) continue;
        const style = getComputedStyle(parent);
        texts.push({words: node.data.trim(), colour: style.color, ground: ground(parent),
                    direction: style.direction, kind: parent.className, ...box(range)});
    }
    const names = ['brand', 'stripe', 'card', 'heading', 'words', 'label', 'code', 'digits', 'facts', 'fact',
                   'item', 'item-title', 'item-words', 'button-cell', 'button', 'note', 'rule', 'foot'];
    const blocks = [];
    for (const element of document.querySelectorAll('[class]')) {
        const name = names.find((each) => element.classList.contains(each));
        if (!name || !element.getClientRects().length) continue;
        const style = getComputedStyle(element);
        blocks.push({name, size: parseFloat(style.fontSize), display: style.display, ...box(element)});
    }
    const root = document.documentElement;
    return {lang: root.lang, dir: root.dir, direction: getComputedStyle(document.body).direction,
            page: ground(document.body), card: ground(document.querySelector('.card')),
            inner: root.clientWidth, wide: root.scrollWidth, texts, blocks};
}"""


class Wanted(NamedTuple):
    """One mail: a type, a language, and a wording where the type has several."""

    key: str
    locale: str
    variant: str | None = None


class PostOffice:
    """Keeps the mails that a real SMTP server received, by their ids."""

    def __init__(self) -> None:
        self.received: dict[str, EmailMessage] = {}

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        message = message_from_bytes(envelope.original_content, policy=policy.default)
        self.received[message["Message-ID"].strip("<>").partition("@")[0]] = message
        return "250 accepted"


class _StandingTime:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, 3, 28, 15, tzinfo=UTC)

    def monotonic(self) -> float:
        return 1_000.0


def previewing_of(brand: Brand) -> Previewing:
    translator = BabelTranslator()
    return Previewing(
        renderer=JinjaMailRenderer(translator=translator, brand=brand),
        translator=translator,
        figures=BabelFigures(translator=translator),
        links=Links(base_url=_NEVER),
    )


def sent_and_received(
    wanted: Iterable[Wanted], *, brand: Brand | None = None
) -> Mapping[Wanted, EmailMessage]:
    """The mails, after their way through a real SMTP server."""
    office, port, wishes = PostOffice(), free_port(), list(wanted)
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        sending = _send(previewing_of(brand or Brand()), wishes, port)
        # In a thread of its own: where a browser is open, this one has a loop already.
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(asyncio.run, sending).result(_PATIENCE_SECONDS)
    finally:
        controller.stop()
    return {each: office.received[f"mail.{number}"] for number, each in enumerate(wishes)}


async def _send(previewing: Previewing, wanted: list[Wanted], port: int) -> None:
    mailer = SmtpMailer(
        url=f"smtp://127.0.0.1:{port}", sender="STARK <no-reply@stark.example>", real_time=_StandingTime()
    )
    try:
        for number, each in enumerate(wanted):
            preview = previewing.preview(each.key, locale=each.locale, variant=each.variant)
            mail = preview.mail
            assert mail is not None
            unsubscribe_url = f"{_NEVER}/unsubscribe/x" if preview.type_.is_commercial else None
            await mailer.send(
                Mail(
                    message_id=f"mail.{number}",
                    to="ada@example.com",
                    subject=mail.subject,
                    text=mail.text,
                    html=mail.html,
                    locale=mail.locale,
                    unsubscribe_url=unsubscribe_url,
                    attachments=(_PDF,) if each.key == "billing.invoice_issued" else (),
                )
            )
    finally:
        await mailer.close()


def html_of(message: EmailMessage) -> str:
    """The HTML part, as a mail program takes it out."""
    part = message.get_body(("html",))
    assert part is not None
    html: str = part.get_content()
    return html


class Screens:
    """A browser with a page for each scheme and width. `asked_for` are the addresses that mails had it load:
    nothing is ever loaded."""

    def __init__(self, browser: Any) -> None:
        self.asked_for: list[str] = []
        self._pages = {
            (width, scheme): self._page(browser, width, scheme) for width in WIDTHS for scheme in SCHEMES
        }

    def measured(self, html: str, width: int, scheme: str) -> dict[str, Any]:
        """What the browser makes of it."""
        page = self._pages[width, scheme]
        page.set_content(html)
        found: dict[str, Any] = page.evaluate(MEASURE)
        return found

    def picture(self, html: str, width: int, scheme: str) -> bytes:
        """A PNG of the whole mail, in few colours."""
        page = self._pages[width, scheme]
        page.set_content(html)
        shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        written = io.BytesIO()
        shot.quantize(_COLOURS).save(written, "PNG", optimize=True)
        return written.getvalue()

    def _page(self, browser: Any, width: int, scheme: str) -> Any:
        page = browser.new_page(viewport={"width": width, "height": 300}, color_scheme=scheme)
        page.route("**/*", self._refuse)
        return page

    def _refuse(self, route: Any) -> None:
        self.asked_for.append(route.request.url)
        route.abort()


def wide_word_html(type_key: str, **params: str) -> str:
    """A mail with a word in it that is wider than any screen."""
    renderer = JinjaMailRenderer(translator=BabelTranslator(), brand=Brand())
    return renderer.render(type_key, locale="en", params=params).html


@contextmanager
def opened_screens() -> Iterator[Screens]:
    """A browser of the machine, without a window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        try:
            yield Screens(browser)
        finally:
            browser.close()


def layout_of(measured: Mapping[str, Any]) -> list[list[Any]]:
    """The blocks from the top down: name, left, width, and size of the letters in pixels. Boxes that are as
    wide as their words are left out, and heights too: both are another font's business."""
    return [
        [each["name"], round(each["left"], 1), round(each["width"], 1), each["size"]]
        for each in measured["blocks"]
        if each["display"] != "inline"
        and (each["name"] not in {"button-cell", "button"} or measured["inner"] < 480)
    ]


def golden_layouts() -> dict[str, list[list[Any]]]:
    """Those that are kept, by `type locale width`."""
    layouts: dict[str, list[list[Any]]] = json.loads(LAYOUTS.read_text(encoding="utf-8"))
    return layouts


def picture_name(key: str, locale: str, width: int, scheme: str) -> str:
    return f"{key}.{locale}.{width}.{scheme}.png"


def _main() -> None:
    wanted = {Wanted(key, locale) for key in TYPES for locale in ("en", "fa")}
    wanted |= {Wanted(key, locale) for key, locale, _, _ in PICTURES}
    mails = sent_and_received(sorted(wanted))
    with opened_screens() as screens:
        layouts = {
            f"{key} {locale} {width}": layout_of(
                screens.measured(html_of(mails[Wanted(key, locale)]), width, "light")
            )
            for key in TYPES
            for locale in ("en", "fa")
            for width in WIDTHS
        }
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(each)}" for name, each in layouts.items())
        LAYOUTS.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
        for key, locale, width, scheme in PICTURES:
            picture = screens.picture(html_of(mails[Wanted(key, locale)]), width, scheme)
            (GOLDEN / picture_name(key, locale, width, scheme)).write_bytes(picture)


if __name__ == "__main__":
    _main()
