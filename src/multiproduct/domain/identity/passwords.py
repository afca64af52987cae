"""What a password must be: long enough, not too long, and none that an attacker tries first.

After NIST SP 800-63B-4 section 3.1.1.2: a minimum length, none that is commonly used or expected (the whole
of it is judged), none made of words of its context, and no composition rules.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

from multiproduct.domain.identity.common_passwords import is_common
from multiproduct.domain.identity.guessability import is_guessable
from multiproduct.domain.shared import FieldProblem, InvalidInput

MIN_LENGTH = 8  # characters
MAX_BYTES = 1_024  # of UTF-8: enough for any pass phrase, and a bound on the work of hashing

# Walks along a keyboard or an alphabet, each tried in both directions.
_WALKS = (
    *("01234567890123456789", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertyuiopasdfghjklzxcvbnm"),
    *("qwertzuiopü", "azertyuiop", "йцукенгшщзхъ", "фывапролджэ"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p"),
)
_MAX_BLOCK = 3
_MIN_CONTEXT_WORD = 2
_MIN_CONTEXT_DIGITS = 4
_MAX_CONTEXT_WORDS = 64
_SEPARATORS = re.compile(r"[-._' ]+")  # what people put between the parts of a name


def prepared(password: str) -> str:
    """The text that is hashed and checked: NFC, so that one password typed on two keyboards is the same.

    Nothing is trimmed, folded or cut. Raises InvalidInput on `password`: too_long (over 1,024 bytes), or
    invalid_password (a NUL, which hashes do not all accept, or half a surrogate pair, which is not text).
    """
    # NFC never shrinks UTF-8 by more than three to one, so no text longer than this can fit.
    if len(password) > 3 * MAX_BYTES:
        _refuse_length()
    normal = unicodedata.normalize("NFC", password)
    try:
        size = len(normal.encode())
    except UnicodeEncodeError:
        raise InvalidInput(FieldProblem("password", "invalid_password")) from None
    if size > MAX_BYTES:
        _refuse_length()
    if "\0" in normal:
        raise InvalidInput(FieldProblem("password", "invalid_password"))
    return normal


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The rules for new passwords. Old ones are only compared, never judged again. `known_words` are context
    of every account, such as the brand."""

    min_length: int = MIN_LENGTH
    known_words: tuple[str, ...] = ()

    def check(self, password: str, context: Iterable[str] = ()) -> None:
        """Refuses a bad choice. `context` holds what an attacker knows of the account: user name, e-mail
        address, first and last name, brand. At most 64 words of it are looked at.

        Raises InvalidInput on `password`: required, too_short, too_long, invalid_password, password_common
        (made of common words, names, dates or walks over the keyboard, so that few tries find it; a
        sequence, one block repeated; in a list of common ones), password_context (context words and a few
        digits).
        """
        if not password:
            raise InvalidInput(FieldProblem("password", "required"))
        text = prepared(password)
        if len(text) < self.min_length:
            raise InvalidInput(FieldProblem("password", "too_short", (("min", self.min_length),)))
        folded = text.casefold()
        if is_predictable(folded) or is_common(folded):
            raise InvalidInput(FieldProblem("password", "password_common"))
        words = _context_words([*context, *self.known_words])
        if _is_made_of(folded, words) or _is_made_of(_SEPARATORS.sub("", folded), words):
            raise InvalidInput(FieldProblem("password", "password_context"))
        if is_guessable(text):
            raise InvalidInput(FieldProblem("password", "password_common"))


def is_predictable(folded: str) -> bool:
    """Whether text in lower case is one short block repeated, or a walk along an alphabet or keyboard."""
    if any(folded == (folded[:size] * len(folded))[: len(folded)] for size in range(1, _MAX_BLOCK + 1)):
        return True
    steps = {ord(b) - ord(a) for a, b in pairwise(folded)}
    if steps in ({1}, {-1}):
        return True
    return any(folded in walk or folded[::-1] in walk for walk in _WALKS)


def _is_made_of(folded: str, words: list[str]) -> bool:
    """Whether nothing but context words is in it, apart from digits and signs too few for a password."""
    rest = folded
    for word in words:
        rest = rest.replace(word, "")
    return rest != folded and len(rest) < MIN_LENGTH and not any(c.isalpha() for c in rest)


def _context_words(context: Iterable[str]) -> list[str]:
    """The words of the context and what they make without their punctuation, the longest first."""
    words: set[str] = set()
    for text in context:
        folded = unicodedata.normalize("NFC", text[:MAX_BYTES]).casefold()
        parts = re.findall(r"[^\W_]+", folded)
        for word in (folded, "".join(parts), *parts):
            if len(word) >= (_MIN_CONTEXT_DIGITS if word.isdigit() else _MIN_CONTEXT_WORD):
                words.add(word)
    return sorted(words, key=lambda word: (-len(word), word))[:_MAX_CONTEXT_WORDS]


def _refuse_length() -> NoReturn:
    raise InvalidInput(FieldProblem("password", "too_long", (("max", MAX_BYTES),)))
