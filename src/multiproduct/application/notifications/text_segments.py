"""How many segments a short message takes: networks carry 140 octets in each, and each is paid for.

The default alphabet and its extension are those of 3GPP TS 23.038 section 6.2.1; what they lack travels as
UCS-2, in UTF-16 code units.
"""

_DEFAULT_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("^{}\\[~]|€\f")  # each takes two septets
_SEPTETS, _SEPTETS_OF_PART = 160, 153
_UNITS, _UNITS_OF_PART = 70, 67

_PLAIN = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{NO-BREAK SPACE}": " ",
    }
)
"""Signs of typography, and what stands for them where a message has the default alphabet otherwise."""


def segments(text: str) -> int:
    """The segments that a message of this text is sent in; an empty one takes one."""
    if _DEFAULT_ALPHABET.issuperset(text) or (_DEFAULT_ALPHABET | _EXTENSION).issuperset(text):
        size = len(text) + sum(sign in _EXTENSION for sign in text)
        return 1 if size <= _SEPTETS else -(-size // _SEPTETS_OF_PART)
    size = len(text.encode("utf-16-le")) // 2
    return 1 if size <= _UNITS else -(-size // _UNITS_OF_PART)


def in_fewer_segments(text: str) -> str:
    """The text with plain signs in place of typographic ones, if it takes fewer segments then."""
    plain = text.translate(_PLAIN)
    return plain if segments(plain) < segments(text) else text
