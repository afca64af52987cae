"""How many segments a text takes, and texts with a code that take one."""

import pytest

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.jinja2 import JinjaMailRenderer
from multiproduct.application.notifications import Brand
from multiproduct.application.notifications.text_segments import in_fewer_segments, segments

TRANSLATOR = BabelTranslator()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("é" * 160, 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ó" * 70, 1),
        ("ó" * 71, 2),
        ("ó" * 134, 2),
        ("ó" * 135, 3),
        ("🦊" * 35, 1),
        ("🦊" * 36, 2),
    ],
)
def test_segments_are_counted_as_networks_do(text, number):
    assert segments(text) == number


def test_signs_of_typography_give_way_where_that_saves_a_segment():
    assert in_fewer_segments("“" + "a" * 100 + "” – it’s…") == '"' + "a" * 100 + "\" - it's..."


@pytest.mark.parametrize("text", ["it’s", "“" + "ó" * 100 + "”", "a" * 400])
def test_they_stay_where_it_saves_nothing(text):
    assert in_fewer_segments(text) == text


@pytest.mark.parametrize("locale", sorted(TRANSLATOR.locales))
@pytest.mark.parametrize("minutes", [1, 10])
def test_a_code_takes_one_segment_in_every_language(locale, minutes):
    renderer = JinjaMailRenderer(translator=TRANSLATOR, brand=Brand())
    params = {"code": "482913", "minutes": minutes, "purpose": "login"}
    short = in_fewer_segments(renderer.render("identity.code", locale=locale, params=params).short)
    assert "482913" in short
    assert "STARK" in short
    assert segments(short) == 1, f"{len(short)} characters"
