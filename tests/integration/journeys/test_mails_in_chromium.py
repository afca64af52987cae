"""Mails that a real SMTP server received, in a real browser: on light and dark screens, narrow and wide, from
the left and from the right.

What is held: words stand out from their ground and within the screen, a language is read from its own side,
and nothing is loaded. Golden layouts hold where blocks begin, how wide they are, and how large their letters
are: that is the same with any font. The pictures beside them are for people, and are not compared.
"""

import itertools
from dataclasses import replace

import pytest
from PIL import Image
from tests.campaigns import proof_is_asked
from tests.integration.journeys.mail_screens import (
    BROWSER,
    GOLDEN,
    LAYOUTS,
    MOST_BYTES,
    PICTURES,
    SCHEMES,
    TYPES,
    WIDTHS,
    Wanted,
    golden_layouts,
    html_of,
    layout_of,
    opened_screens,
    picture_name,
    sent_and_received,
    wide_word_html,
)

from multiproduct.application.notifications import NOTIFICATION_TYPES, Brand
from multiproduct.application.notifications.examples import variants_of
from multiproduct.application.notifications.legibility import LEAST_CONTRAST, contrast_of

pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="needs a browser: chromium, chromium-browser or google-chrome on the PATH"
)

LOCALES = ("en", "es", "fa", "kn", "ta", "zh-Hant") if proof_is_asked() else ("en", "fa", "kn", "zh-Hant")
KEYS = tuple(NOTIFICATION_TYPES) if proof_is_asked() else TYPES
SAME_PIXEL = 1.5
"""What another browser may round differently, in pixels."""
LEAST_TARGET = 44
"""How high and wide a button must be for a thumb, in CSS pixels (WCAG 2.2, 2.5.5)."""


def wordings(key):
    return (variants_of(key) if proof_is_asked() else ()) or (None,)


MAILS = [Wanted(key, locale, variant) for key in KEYS for variant in wordings(key) for locale in LOCALES]
every_mail = pytest.mark.parametrize("wanted", MAILS, ids=lambda each: " ".join(filter(None, each)))
every_screen = pytest.mark.parametrize(("width", "scheme"), list(itertools.product(WIDTHS, SCHEMES)))


@pytest.fixture(scope="module")
def mails():
    return sent_and_received(MAILS)


@pytest.fixture(scope="module")
def screens():
    with opened_screens() as opened:
        yield opened


@pytest.fixture
def shown(mails, screens):
    """Shows one of the mails, once for each screen."""

    def show(wanted, width=700, scheme="light"):
        return screens.measured(html_of(mails[wanted]), width, scheme)

    return show


def hexadecimal(colour):
    """`rgb(1, 2, 3)` as #010203."""
    parts = colour.removeprefix("rgb(").removesuffix(")").split(",")
    return "#" + "".join(f"{int(part):02x}" for part in parts)


def blocks(measured, name):
    return [each for each in measured["blocks"] if each["name"] == name]


@needs_browser
@every_mail
def test_a_mail_is_within_the_screen_and_its_words_stand_out_from_their_ground(wanted, shown):
    for width, scheme in itertools.product(WIDTHS, SCHEMES):
        measured = shown(wanted, width, scheme)
        assert measured["inner"] == width
        assert measured["wide"] <= width
        assert len(measured["texts"]) > 4
        for text in measured["texts"]:
            contrast = contrast_of(hexadecimal(text["colour"]), hexadecimal(text["ground"]))
            assert contrast >= LEAST_CONTRAST, (width, scheme, text)
            assert text["left"] >= 0, text
            assert text["right"] <= width, text
        (card,) = blocks(measured, "card")
        for each in measured["blocks"]:
            if each["name"] not in {"brand", "stripe", "card", "foot"}:
                assert card["left"] < each["left"] <= each["right"] < card["right"], each
                assert card["top"] < each["top"] <= each["bottom"] < card["bottom"], each


@needs_browser
@every_mail
def test_a_mail_is_read_from_the_side_of_its_language(wanted, shown):
    direction = "rtl" if wanted.locale == "fa" else "ltr"
    for width in WIDTHS:
        measured = shown(wanted, width)
        assert (measured["lang"], measured["dir"], measured["direction"]) == (
            wanted.locale, direction, direction,
        )  # fmt: skip
        (block,) = blocks(measured, "heading")
        words = next(each for each in measured["texts"] if each["kind"] == "heading")
        side = "right" if direction == "rtl" else "left"
        assert words[side] == pytest.approx(block[side], abs=4)
        for digits in (each for each in measured["texts"] if each["kind"] == "digits"):
            assert digits["direction"] == "ltr"
        for button in blocks(measured, "button"):
            assert button["height"] >= LEAST_TARGET
            assert button["width"] >= LEAST_TARGET
            cell = blocks(measured, "button-cell")[0]
            assert cell[side] == pytest.approx(block[side], abs=SAME_PIXEL)
            if width < 480:
                assert cell["width"] == pytest.approx(block["width"], abs=SAME_PIXEL)


@needs_browser
@pytest.mark.parametrize("key", TYPES)
def test_a_mail_is_light_on_a_light_screen_and_dark_on_a_dark_one(key, shown):
    for scheme, palette in (("light", Brand().light), ("dark", Brand().dark)):
        measured = shown(Wanted(key, "en", wordings(key)[0]), 700, scheme)
        assert hexadecimal(measured["page"]) == palette.page
        assert hexadecimal(measured["card"]) == palette.card
        (button,) = (each for each in measured["texts"] if each["kind"] == "button")
        assert (hexadecimal(button["colour"]), hexadecimal(button["ground"])) == (
            palette.on_accent, palette.accent,
        )  # fmt: skip


@needs_browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("locale", ["en", "fa"])
@pytest.mark.parametrize("key", TYPES)
def test_the_layout_is_the_one_that_is_kept(key, locale, width, shown):
    """`python -m tests.integration.journeys.mail_screens` writes it anew."""
    kept = golden_layouts()[f"{key} {locale} {width}"]
    found = layout_of(shown(Wanted(key, locale, wordings(key)[0]), width))
    assert [each[0] for each in found] == [each[0] for each in kept], LAYOUTS
    for (name, *numbers), (_, *others) in zip(found, kept, strict=True):
        assert numbers == pytest.approx(others, abs=SAME_PIXEL), name


@needs_browser
@every_screen
def test_what_stands_below_begins_where_what_is_above_ends(width, scheme, shown):
    for key, locale in itertools.product(TYPES, LOCALES):
        measured = shown(Wanted(key, locale, wordings(key)[0]), width, scheme)
        rows = [
            each
            for each in measured["blocks"]
            if each["name"] in {"heading", "words", "note", "facts", "code"}
        ]
        for above, below in itertools.pairwise(rows):
            assert above["bottom"] <= below["top"] + SAME_PIXEL, (key, locale, above, below)


@needs_browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("key", "params"),
    [
        ("identity.welcome", {"name": "W" * 200, "login_link": f"https://shop.example/{'w' * 300}"}),
        ("subscriptions.cancelled", {"product": "W" * 200, "link": "https://shop.example/"}),
        (
            "notifications.digest",
            {"items": f"{'W' * 200}: {'W' * 200}", "count": "1", "link": "https://shop.example/"},
        ),
    ],
)
def test_a_word_wider_than_the_screen_is_broken(key, params, width, screens):
    measured = screens.measured(wide_word_html(key, **params), width, "light")
    assert measured["wide"] <= width
    assert max(each["right"] for each in measured["texts"]) <= blocks(measured, "card")[0]["right"]


@needs_browser
def test_what_is_held_can_be_broken(mails, screens):
    """A brand that nobody can read, and a mail with a picture that is wider than the screen."""
    wanted = Wanted("identity.welcome", "en")
    pale = replace(Brand(), light=replace(Brand().light, text="#cccccc"))
    measured = screens.measured(html_of(sent_and_received([wanted], brand=pale)[wanted]), 700, "light")
    assert any(
        contrast_of(hexadecimal(text["colour"]), hexadecimal(text["ground"])) < LEAST_CONTRAST
        for text in measured["texts"]
    )
    wide = '<img src="https://shop.example/x" style="display:block;width:900px">'
    broken = html_of(mails[wanted]).replace("</h1>", f"</h1>{wide}", 1)
    screens.asked_for.clear()
    assert screens.measured(broken, 360, "light")["wide"] > 360
    assert screens.asked_for == ["https://shop.example/x"]


@needs_browser
def test_a_mail_has_nothing_loaded(shown, screens):
    screens.asked_for.clear()
    for wanted in MAILS:
        shown(wanted)
    assert screens.asked_for == []


@needs_browser
def test_a_logo_is_all_that_a_brand_has_loaded(screens):
    brand = replace(Brand(), logo_url="https://shop.example/logo.png")
    wanted = Wanted("identity.welcome", "en")
    screens.asked_for.clear()
    screens.measured(html_of(sent_and_received([wanted], brand=brand)[wanted]), 700, "light")
    assert screens.asked_for == ["https://shop.example/logo.png"]


def test_an_invoice_comes_with_its_file_and_an_offer_with_a_way_out(mails):
    invoice = mails[Wanted("billing.invoice_issued", "fa")]
    assert invoice.get_content_type() == "multipart/mixed"
    (attached,) = invoice.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == (
        "INV-2026-000017.pdf", "application/pdf",
    )  # fmt: skip
    offer = mails[Wanted("subscriptions.trial_over", "kn")]
    assert offer["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/unsubscribe/" in html_of(offer)
    assert invoice["List-Unsubscribe"] is None


@pytest.mark.parametrize(("key", "locale", "width", "scheme"), PICTURES)
def test_pictures_for_people_are_small_and_as_wide_as_they_say(key, locale, width, scheme):
    path = GOLDEN / picture_name(key, locale, width, scheme)
    assert path.stat().st_size <= MOST_BYTES
    with Image.open(path) as picture:
        assert picture.width == width
