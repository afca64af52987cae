"""The style of the pages: what is written can be read, by day and by night, on small screens, by keyboard."""

import re

import pytest

from multiproduct.application.notifications import Brand
from multiproduct.entrypoints.http.page_layout import page, style_of

STYLE = style_of(Brand().light, Brand().dark)
NIGHT, DAY = re.findall(r":root\{((?:color-scheme:[^;]+;)?--[^}]+)\}", STYLE)
LEAST = 4.5
"""WCAG 2.2, 1.4.3: the contrast of text at level AA."""


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_of_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("block", [NIGHT, DAY], ids=["night", "day"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("text", "card"),
        ("text", "page"),
        ("muted", "card"),
        ("accent", "card"),
        ("wrong", "card"),
        ("on-accent", "accent"),
    ],
)
def test_text_stands_out_from_its_ground(block, text, ground) -> None:
    found = colours(block)
    assert contrast(found[text], found[ground]) >= LEAST


def test_every_colour_of_text_is_one_of_those_that_were_measured() -> None:
    used = set(re.findall(r"(?<![-\w])color:([^;}]+)", STYLE))
    assert used == {f"var(--{name})" for name in ("text", "muted", "accent", "wrong", "on-accent")} | {
        "inherit"
    }


def test_day_and_night_have_the_same_colours_by_name() -> None:
    assert colours(DAY).keys() == colours(NIGHT).keys()
    assert "prefers-color-scheme:light" in STYLE


def test_what_has_the_focus_is_seen() -> None:
    for element in ("a", "button", "input", "summary"):
        assert f"{element}:focus-visible" in STYLE
    assert "outline:none" not in STYLE
    assert "outline:0" not in STYLE


def test_nothing_is_wider_than_a_small_screen() -> None:
    assert (
        'content="width=device-width,initial-scale=1"'
        in page(brand=Brand(name="B"), locale="en", title="T", content="").body.decode()
    )
    assert "overflow-wrap:anywhere" in STYLE
    rigid = re.findall(r"(?<![-\w])(?:min-)?width:(\d+(?:\.\d+)?)(px|rem)", STYLE)
    assert rigid == []


def test_a_page_says_its_language_direction_and_title() -> None:
    html = page(brand=Brand(name="<B>"), locale="fa", title="<T>", content="").body.decode()
    assert '<html lang="fa" dir="rtl">' in html
    assert "<title>&lt;T&gt; - &lt;B&gt;</title>" in html
