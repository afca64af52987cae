"""Whose installation it is, as the settings say."""

from dataclasses import replace

from multiproduct.application.notifications.ports import DARK, LIGHT, Brand, Palette
from multiproduct.settings import Settings


def brand_of(settings: Settings) -> Brand:
    """The name, the colours, the logo and where people find help. Raises ValueError for a name that is
    none."""
    return Brand(
        name=settings.brand_name,
        support_url=settings.support_url,
        support_email=settings.support_email,
        logo_url=settings.brand_logo_url,
        light=_with(LIGHT, settings.brand_light),
        dark=_with(DARK, settings.brand_dark),
    )


def _with(palette: Palette, written: str) -> Palette:
    changed = dict(each.split("=", 1) for each in written.split(",") if each)
    return replace(palette, **changed)
