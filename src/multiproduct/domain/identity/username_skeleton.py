"""What a name looks like: texts that can be mistaken for each other have the same skeleton.

The algorithm is section 4 of UTS #39 (Unicode Security Mechanisms), reduced to names and made stronger in
four ways, because a skeleton is only ever compared with those of protected names and never with other
people's:

- case, combining marks, invisible characters and the punctuation of names do not count ("A_d.min" is
"admin");
- compatibility forms fold (full width, mathematical letters, ligatures), as they do in lookup keys;
- pairs that UTS #39 leaves apart in ASCII are one: 0 o, 1 l i |, rn m, vv w, cl d;
- digits and signs written for letters are read as those: 3 e, 4 @ a, 5 $ s, 7 t, 8 b, ! i.

Doubled glyphs are expanded (m becomes rn), not contracted, so that the skeleton of a text is the
concatenation of its characters' skeletons and equality of skeletons stays an equivalence. 2 z, 6 b, 9 g and
q g stay apart: they are told apart at a glance, and folding them would only refuse more innocent names.
"""

import unicodedata
from functools import cache

_ASCII_FOLD = str.maketrans(
    "01i|!34@5$78" + "abcdefghjklmnopqrstuvwxyz" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "olllleaasstb" + "abcdefghjklmnopqrstuvwxyz" + "abcdefghljklmnopqrstuvwxyz",
    "._-+ ",
)
# Default ignorable code points that are letters by category: the Hangul fillers.
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")


def ascii_skeleton(text: str) -> str:
    """The skeleton of ASCII text. Other characters pass through unchanged."""
    return text.translate(_ASCII_FOLD).replace("m", "rn").replace("w", "vv").replace("d", "cl")


def skeleton(text: str) -> str:
    """What `text` looks like. Two texts may be mistaken for each other when their skeletons are equal."""
    if text.isascii():
        return ascii_skeleton(text)
    return ascii_skeleton(_latinised(text))


def _latinised(text: str) -> str:
    """Non-ASCII text with every character that has an ASCII look-alike replaced by it, marks removed.

    The table is asked about the character as typed before anything else, because a capital may look like
    ASCII where its lower case does not (Greek capital eta and H), and a compatibility form may look like
    another letter than it stands for (long s and f).
    """
    table = _table()
    seen = unicodedata.normalize("NFKD", text.translate(table)).translate(table)
    folded = unicodedata.normalize("NFKD", seen.casefold()).translate(table)
    return "".join(c for c in folded if c.isascii() or not _is_unseen(c))


def _is_unseen(character: str) -> bool:
    """Whether it is a mark on another character, or invisible."""
    category = unicodedata.category(character)
    return category[0] == "M" or category == "Cf" or character in _INVISIBLE_LETTERS


@cache
def _table() -> dict[int, str]:
    # Loaded on first use: with ASCII-only names, a process may never need it.
    from multiproduct.domain.identity.confusable_characters import CONFUSABLES  # noqa: PLC0415

    return {int(code, 16): target for target, codes in CONFUSABLES.items() for code in codes.split()}
