"""Whether colours can be read: the measure, and what is told of a brand."""

from dataclasses import replace

import pytest

from multiproduct.application.notifications import Brand
from multiproduct.application.notifications.legibility import contrast_of, illegible


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#777777", "#ffffff", 4.48),
        ("#ffffff", "#777777", 4.48),
        ("#123abc", "#123abc", 1),
    ],
)
def test_the_measure_of_contrast_is_that_of_the_standard(one, other, ratio):
    assert contrast_of(one, other) == pytest.approx(ratio, abs=0.01)


def test_the_demonstration_brand_can_be_read():
    assert illegible(Brand()) == []


def test_what_stands_out_too_little_is_named_with_its_screen_and_its_contrast():
    brand = Brand(light=replace(Brand().light, accent="#ffd700"))
    assert illegible(brand) == [
        "light: accent on card 1.4",
        "light: accent on page 1.2",
        "light: on_accent on accent 1.4",
    ]
