"""The brand's colour put to use: what can be read on it, and what it can be read on."""

_WHITE, _INK = "#ffffff", "#16181d"
_READABLE = 4.5
"""The contrast of text to what is behind it (WCAG 2.2, 1.4.3, level AA)."""


def ink_on(colour: str) -> str:
    """White, or nearly black: whichever reads better on the colour (`#rrggbb`)."""
    return _WHITE if _contrast(colour, _WHITE) >= _contrast(colour, _INK) else _INK


def readable_on_white(colour: str) -> str:
    """The colour itself where text in it can be read on white paper, else nearly black."""
    return colour if _contrast(colour, _WHITE) >= _READABLE else _INK


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definitions)."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
