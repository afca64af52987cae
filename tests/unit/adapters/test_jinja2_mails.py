"""Mails as people get them: every type in every language."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from css_inline import CSSInliner

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.jinja2 import JinjaMailRenderer, style
from multiproduct.adapters.jinja2.style import styled_templates
from multiproduct.application.notifications import NOTIFICATION_TYPES, Brand, Palette

TRANSLATOR = BabelTranslator()
BRAND = Brand(name="STARK")
RENDERER = JinjaMailRenderer(translator=TRANSLATOR, brand=BRAND)

LINK = "https://stark.example/verify?token=Zk3vQ8sT1r0aXw9uPqLmN2bYcVdEfGhI&next=1"
CASES = [
    *(
        ("identity.code", {"code": "482913", "minutes": 10, "link": LINK, "purpose": purpose})
        for purpose in ("registration", "login", "password_reset")
    ),
    ("identity.code", {"code": "482913", "minutes": 1, "purpose": "login"}),
    *(
        ("identity.link", {"link": LINK, "purpose": purpose})
        for purpose in ("registration", "password_reset")
    ),
    ("identity.account_exists", {"login_link": LINK, "reset_link": LINK.replace("verify", "reset")}),
    *(("identity.invitation", {"link": LINK, "days": days}) for days in (1, 7)),
    ("identity.welcome", {"name": "Ada", "login_link": LINK}),
    ("identity.welcome", {"name": "", "login_link": LINK}),
    *(("webhooks.disabled", {"event": event, "host": "hooks.example.com"}) for event in ("gone", "failing")),
    *(
        ("identity.security", {"event": event, "when": "21 Nov 2026, 03:28 UTC", "ip": "2001:db8::7"})
        for event in ("failed_logins", "token_reuse", "password_changed", "password_reset")
    ),
    ("identity.security", {"event": "password_changed", "when": "21 Nov 2026, 03:28 UTC"}),
    *(
        (f"billing.{each}", {"number": "INV-2026-000001", "amount": "$19.99", "due": "5 Dec", "link": LINK})
        for each in ("invoice_issued", "invoice_reminder", "invoice_overdue")
    ),
    *(
        (f"billing.{each}", {"number": "INV-2026-000001", "amount": "$19.99", "link": LINK})
        for each in ("payment_received", "payment_failed", "credit_note", "invoice_voided")
    ),
    *(
        (f"subscriptions.{each}", {"product": "CRM", "link": LINK, **days})
        for each, days in (
            ("trial_ending", {"ends": "5 Dec"}),
            ("renewal_reminder", {"ends": "5 Dec"}),
            ("renewed", {"until": "5 Jan"}),
            ("payment_failed", {"next_attempt": "6 Dec", "ends": "12 Dec"}),
            ("payment_failed", {"ends": "12 Dec"}),
            ("expired", {}),
            ("cancelled", {}),
            ("method_removed", {}),
            ("activated", {"until": "5 Jan", "number": "INV-2026-000001", "amount": "$19.99"}),
            ("activated", {}),
            ("trial_started", {"ends": "5 Dec"}),
            ("trial_over", {}),
            ("plan_changed", {"number": "INV-2026-000001", "amount": "$19.99"}),
            ("change_scheduled", {"starts": "5 Jan"}),
            ("change_dropped", {}),
            ("paused", {"resumes": "5 Jan"}),
            ("resumed", {"until": "5 Jan"}),
            ("cancellation_scheduled", {"ends": "5 Jan"}),
            ("cancellation_undone", {}),
        )
    ),
    *(
        ("identity.security", {"event": event, "when": "21 Nov 2026, 03:28 UTC"})
        for event in ("payment_method_added", "webhook_added", "push_device_added")
    ),
    *(("identity.document", {"outcome": outcome, "link": LINK}) for outcome in ("approved", "rejected")),
    ("billing.refunded", {"amount": "$19.99", "link": LINK}),
    ("notifications.digest", {"items": "Paid: CRM\nDue: <b>", "count": 2, "link": LINK}),
]
WELCOME = {"name": "Ada", "login_link": LINK}
EVERY_MAIL = [(key, params, locale) for key, params in CASES for locale in TRANSLATOR.locales]


class Page(HTMLParser):
    """The tags, the links and the words of a page. Raises AssertionError where tags do not match."""

    VOID = frozenset({"meta", "br", "hr", "img"})

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.words, self._open = [], [], [], []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] not in {"style", "title"}:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.mark.parametrize(("key", "params", "locale"), EVERY_MAIL)
def test_every_mail_is_whole_in_every_language(key, params, locale):
    mail = RENDERER.render(key, locale=locale, params=params)
    page = Page(mail.html)
    for words in (mail.subject, mail.short, mail.text, page.text):
        assert words.strip()
        assert not re.search(r"(mail|text)\.[a-z_]+\.|\{|\}", words)  # a key without words, an empty place
    assert mail.locale == locale
    assert "\n" not in mail.subject + mail.short
    assert "STARK" in mail.subject
    assert mail.text.endswith("\n")
    assert "\n\n\n" not in mail.text
    for name, value in params.items():
        if name.endswith("link"):
            assert f"\n{value}\n" in mail.text
            assert page.links.count(value) == 2  # the button, and the link in plain
            assert value in page.words
        elif name in {"code", "name", "when", "ip"}:
            assert str(value) in mail.text
            assert str(value) in page.text
    assert BRAND.support_url in page.links
    assert f"mailto:{BRAND.support_email}" in page.links
    assert BRAND.support_url in mail.text


@pytest.mark.parametrize(("key", "params", "locale"), EVERY_MAIL)
def test_a_secret_is_in_the_bodies_and_nowhere_else(key, params, locale):
    mail = RENDERER.render(key, locale=locale, params=params)
    for secret in ("482913", "Zk3vQ8s"):
        assert secret not in mail.subject
        assert secret not in repr(mail)
    if key == "identity.code":
        assert "482913" in mail.short
    else:
        assert mail.short == mail.subject


@pytest.mark.parametrize("locale", TRANSLATOR.locales)
def test_a_mail_names_its_language_and_direction(locale):
    mail = RENDERER.render(*CASES[0][:1], locale=locale, params=CASES[0][1])
    tags = Page(mail.html).tags
    direction = "rtl" if locale == "fa" else "ltr"
    assert [(a["lang"], a["dir"]) for tag, a in tags if tag == "html"] == [(locale, direction)]
    # Some programs drop html and body, so the outermost table says it again.
    assert next((a["lang"], a["dir"]) for tag, a in tags if tag == "table") == (locale, direction)
    assert [a["dir"] for tag, a in tags if a.get("class") == "code"] == ["ltr"]
    assert not re.search(r"text-align:\s*(left|right)", mail.html)


def test_persian_mails_write_numbers_in_persian_but_codes_as_they_are_typed():
    mail = RENDERER.render("identity.code", locale="fa", params=CASES[0][1])
    assert "۱۰" in mail.text
    assert "482913" in mail.text


@pytest.mark.parametrize(("asked", "got"), [("es-MX", "es"), ("zh-TW", "zh-Hant"), ("fr", "en"), ("", "en")])
def test_a_language_without_words_gets_the_nearest(asked, got):
    mail = RENDERER.render("identity.welcome", locale=asked, params=WELCOME)
    assert mail.locale == got
    assert f'lang="{got}"' in mail.html
    assert mail.subject == TRANSLATOR.text(
        "mail.identity.welcome.subject", locale=got, params={"brand": "STARK"}
    )


@pytest.mark.parametrize(
    "hostile",
    ["<script>x</script>", '"><img src=x onerror=1>', "{{ 7*7 }}", "{% raw %}", "{brand}", "&lt;b&gt;"],
)
def test_a_name_never_becomes_markup(hostile):
    mail = RENDERER.render("identity.welcome", locale="en", params={"name": hostile, "login_link": LINK})
    plain = RENDERER.render("identity.welcome", locale="en", params={"name": "Ada", "login_link": LINK})
    page = Page(mail.html)
    assert page.tags == Page(plain.html).tags
    assert f"Welcome, {hostile}" in page.text
    assert f"Welcome, {hostile}" in mail.text


@pytest.mark.parametrize(
    "hostile", ["Ada\n\nCall 555", "Ada\r\nBcc: x", "Ada\u2028x", "Ada\x85x", "Ada\x00x", "Ada \t x"]
)
def test_a_name_never_becomes_lines_of_its_own(hostile):
    mail = RENDERER.render("identity.welcome", locale="en", params={"name": hostile, "login_link": LINK})
    assert f"Welcome, {' '.join(hostile.replace(chr(0), ' ').split())}\n" in mail.text
    plain = RENDERER.render("identity.welcome", locale="en", params={"name": "Ada", "login_link": LINK})
    assert len(mail.text.splitlines()) == len(plain.text.splitlines())


def test_a_name_cannot_turn_the_line_around_and_is_cut_where_it_is_endless():
    params = {"name": "\u202eA\u2066d\u200fa" + "x" * 10_000, "login_link": LINK}
    mail = RENDERER.render("identity.welcome", locale="en", params=params)
    assert "Welcome, Ada" + "x" * 197 + "\n" in mail.text


@pytest.mark.parametrize(
    ("key", "params"),
    [
        ("identity.nothing", {}),
        ("identity.welcome", {"name": "Ada"}),
        ("identity.welcome", {"name": "Ada", "login_link": LINK, "extra": 1}),
        ("identity.welcome", {"name": "Ada", "login_link": "javascript:alert(1)"}),
        ("identity.welcome", {"name": "Ada", "login_link": "https://x.example/\nBcc: y"}),
        ("identity.code", {"code": "1", "minutes": 1, "link": LINK, "purpose": "theft"}),
        ("identity.security", {"event": "../identity", "when": "now"}),
    ],
)
def test_parameters_that_do_not_fit_are_refused_and_not_shown(key, params):
    with pytest.raises(ValueError, match="identity") as refused:
        RENDERER.render(key, locale="en", params=params)
    assert "javascript" not in str(refused.value)
    assert "Ada" not in str(refused.value)


def test_every_type_can_be_rendered():
    assert {key for key, _, _ in EVERY_MAIL} == set(NOTIFICATION_TYPES)


def test_every_element_carries_its_style_and_the_sheet_serves_dark_and_small_screens():
    mail = RENDERER.render("identity.code", locale="en", params=CASES[0][1])
    tags = Page(mail.html).tags
    classes = {name for _, a in tags for name in a.get("class", "").split()}
    unstyled = {a["class"] for _, a in tags if "class" in a and "style" not in a}
    assert unstyled <= {"button-table"}  # has rules for small screens only
    assert {"digits", "button", "card", "code"} <= classes
    assert "@media (prefers-color-scheme: dark)" in mail.html
    assert "@media (max-width: 480px)" in mail.html
    assert '<meta name="color-scheme" content="light dark">' in mail.html
    dark = mail.html.split("@media (prefers-color-scheme: dark)")[1].split("</style>")[0]
    assert BRAND.dark.card in dark
    assert BRAND.light.card not in dark


def test_styles_are_inlined_when_a_renderer_is_made_and_not_for_each_mail(monkeypatch):
    inlined = []

    def inliner(**options):
        inlined.append(options)
        return CSSInliner(**options)

    monkeypatch.setattr(style, "CSSInliner", inliner)
    renderer = JinjaMailRenderer(translator=TRANSLATOR, brand=BRAND)
    made = len(inlined)
    assert made > 1
    for _ in range(3):
        assert "style=" in renderer.render("identity.code", locale="en", params=CASES[0][1]).html
    assert len(inlined) == made


def test_styling_changes_no_template_code():
    code = re.compile(r"\{[{%].*?[%}]\}")
    templates = files("multiproduct.adapters.jinja2") / "templates"
    styled = styled_templates(BRAND)
    assert len(styled) == 25
    for name, source in styled.items():
        before = (templates / name).read_text(encoding="utf-8")
        assert sorted(code.findall(source)) == sorted(code.findall(before))  # attributes may be put in order
        assert "$" not in source


def test_a_brand_gives_its_name_colours_and_logo():
    brand = replace(
        BRAND, name="قلم", logo_url="https://x.example/logo.png", light=replace(BRAND.light, accent="#123abc")
    )
    renderer = JinjaMailRenderer(translator=TRANSLATOR, brand=brand)
    mail = renderer.render("identity.welcome", locale="fa", params=WELCOME)
    images = [a for tag, a in Page(mail.html).tags if tag == "img"]
    assert [(a["src"], a["alt"]) for a in images] == [("https://x.example/logo.png", "قلم")]
    assert "background-color: #123abc" in mail.html
    assert "قلم" in mail.subject


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "A\nB"},
        {"support_url": "javascript:x"},
        {"support_url": 'https://x.example/"onclick='},
        {"logo_url": "logo.png"},
        {"support_email": "nobody"},
    ],
)
def test_a_brand_that_would_break_a_mail_is_refused(wrong):
    with pytest.raises(ValueError, match=r"brand|support_|logo_"):
        Brand(**wrong)


def test_a_colour_is_a_colour():
    with pytest.raises(ValueError, match="accent"):
        replace(Brand().dark, accent="red; } body { display: none")
    assert isinstance(Brand().dark, Palette)


def _luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [Brand().light, Brand().dark])
def test_the_demonstration_brand_can_be_read_by_weak_eyes(palette):
    """At least 4.5 to 1 for every text, as WCAG 2.2 asks (1.4.3)."""
    for ink, ground in [
        *((ink, ground) for ink in ("text", "muted", "accent") for ground in ("page", "card")),
        ("on_accent", "accent"),
    ]:
        assert _contrast(getattr(palette, ink), getattr(palette, ground)) >= 4.5, (ink, ground)
