"""Whether a brand's colours can be read by weak eyes."""

from collections.abc import Sequence

from multiproduct.application.notifications.ports import Brand, Palette

LEAST_CONTRAST = 4.5
"""What WCAG 2.2 asks of text at level AA (1.4.3)."""

_INKS_AND_GROUNDS = (
    ("text", "card"), ("text", "page"), ("muted", "card"), ("muted", "page"),
    ("accent", "card"), ("accent", "page"), ("on_accent", "accent"),
)  # fmt: skip


def illegible(brand: Brand) -> Sequence[str]:
    """The pairs of colours that stand out too little, each as `light: accent on card 3.1`."""
    return [
        f"{screen}: {ink} on {ground} {contrast:.1f}"
        for screen, palette in (("light", brand.light), ("dark", brand.dark))
        for ink, ground in _INKS_AND_GROUNDS
        if (contrast := _contrast_of(palette, ink, ground)) < LEAST_CONTRAST
    ]


def contrast_of(one: str, other: str) -> float:
    """The contrast ratio of two colours `#rrggbb` by WCAG 2.2, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _contrast_of(palette: Palette, ink: str, ground: str) -> float:
    return contrast_of(getattr(palette, ink), getattr(palette, ground))


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
