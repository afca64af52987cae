"""The brand as the settings say it: for mails, pages and paper."""

from types import SimpleNamespace

import pytest

from multiproduct.application.notifications import Brand
from multiproduct.application.notifications.ports import DARK, LIGHT
from multiproduct.bootstrap.billing import paper_brand_of
from multiproduct.bootstrap.branding import brand_of
from multiproduct.settings import Settings


def settings(**changed):
    return Settings(_env_file=None, database_url="memory://", **changed)


def test_without_settings_it_is_the_demonstration_brand():
    brand = brand_of(settings())
    assert (brand.name, brand.light, brand.dark, brand.logo_url) == ("STARK", LIGHT, DARK, None)


def test_every_setting_of_the_brand_is_heeded():
    brand = brand_of(
        settings(
            brand_name="WAYNE",
            brand_logo_url="https://wayne.example/logo.png",
            brand_light="accent=#0b5fff, on_accent=#fffffe",
            brand_dark="page=#000001",
            support_url="https://wayne.example/help",
            support_email="help@wayne.example",
        )
    )
    assert (brand.name, brand.logo_url) == ("WAYNE", "https://wayne.example/logo.png")
    assert (brand.support_url, brand.support_email) == ("https://wayne.example/help", "help@wayne.example")
    assert (brand.light.accent, brand.light.on_accent, brand.light.page) == ("#0b5fff", "#fffffe", LIGHT.page)
    assert (brand.dark.page, brand.dark.accent) == ("#000001", DARK.accent)


def test_invoices_are_in_the_colour_of_mails():
    brand = brand_of(settings(brand_name="WAYNE", brand_light="accent=#0b5fff"))
    paper = paper_brand_of(SimpleNamespace(brand=brand))
    assert (paper.name, paper.colour) == ("WAYNE", "#0b5fff")
    assert paper_brand_of(SimpleNamespace(brand=Brand())).colour == LIGHT.accent


def test_a_name_that_cannot_be_printed_is_no_brand():
    with pytest.raises(ValueError, match="name"):
        brand_of(settings(brand_name="A\x00B"))
