"""User names: the one place that decides what a valid name is and which names are the same."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from multiproduct.domain.identity.reserved_usernames import (
    BRAND_AFFIXES,
    PROTECTED_USERNAMES,
    RESERVED_USERNAMES,
    TRUSTED_AFFIXES,
)
from multiproduct.domain.identity.username_skeleton import skeleton
from multiproduct.domain.shared import FieldProblem, InvalidInput

MIN_LENGTH = 3
MAX_LENGTH = 30
MAX_IMPORTED_LENGTH = 150

# Runs of letters and digits with single punctuation marks between them, at least one letter: without one, a
# name could be taken for a telephone number where both are accepted for signing in.
_is_well_formed = re.compile(r"(?=[0-9._-]*[A-Za-z])[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*").fullmatch
_is_importable = re.compile(r"[\w.@+-]+").fullmatch


@dataclass(frozen=True, slots=True)
class UsernamePolicy:
    """Which well-formed names are refused. Built once for an installation, with the names of its brand."""

    reserved: frozenset[str]
    look_alikes: frozenset[str]

    @classmethod
    def of(cls, *, brands: Iterable[str] = (), reserved: Iterable[str] = ()) -> "UsernamePolicy":
        """The rules for an installation with these brand names ("Stark Industries") and further reserved
        names.

        A brand is refused alone, with what makes it official or one of its desks ("stark.support"), and in
        all its look-alikes. A brand's word inside another name ("tony.stark") is free.
        """
        look_alikes = set(_decorated(PROTECTED_USERNAMES, TRUSTED_AFFIXES)) | set(
            _decorated(brands, BRAND_AFFIXES)
        )
        return cls(RESERVED_USERNAMES | {canonical_key(name) for name in reserved}, frozenset(look_alikes))

    def refuses(self, name: str) -> bool:
        """Whether the name, in any case, is reserved or looks like a protected one."""
        return (
            skeleton(name) in self.look_alikes
            or (key := canonical_key(name)) in self.reserved
            # A case pair may look less alike than its partner, so both readings count.
            or (not name.isascii() and skeleton(key) in self.look_alikes)
        )


@dataclass(frozen=True, slots=True)
class Username:
    """A name as typed (`display`) and as compared (`key`). Two names with equal keys are one name."""

    display: str
    key: str

    @classmethod
    def parse(cls, text: str, policy: UsernamePolicy | None = None) -> "Username":
        """A name that somebody wants: 3 to 30 ASCII letters and digits with single `.`, `_` or `-` inside.

        Without a policy, the default one, which knows no brand. Raises InvalidInput on `username`: required,
        too_short, too_long, invalid_username, reserved_username.
        """
        if not (MIN_LENGTH <= len(text) <= MAX_LENGTH and _is_well_formed(text)):
            _refuse_shape(text)
        key = text.lower()
        rules = policy or DEFAULT_POLICY
        if key in rules.reserved or skeleton(text) in rules.look_alikes:
            raise InvalidInput(FieldProblem("username", "reserved_username"))
        return cls(text, key)

    @classmethod
    def imported(cls, text: str) -> "Username":
        """A name brought over from a source system: up to 150 letters, digits and `@ . + - _`, reserved or
        not.

        Raises InvalidInput on `username`: required, too_long, invalid_username.
        """
        if not text:
            raise InvalidInput(FieldProblem("username", "required"))
        if len(text) > MAX_IMPORTED_LENGTH:
            raise InvalidInput(FieldProblem("username", "too_long", (("max", MAX_IMPORTED_LENGTH),)))
        key = canonical_key(text)
        if not _is_importable(text) or not key or not _is_importable(unicodedata.normalize("NFKC", text)):
            raise InvalidInput(FieldProblem("username", "invalid_username"))
        return cls(text, key)

    def __str__(self) -> str:
        return self.display


def canonical_key(text: str) -> str:
    """What a name is looked up by: compatibility forms and case folded, nothing stripped, 150 characters at
    most.

    Text that no stored name can equal (too long, or with characters that are not printed) has the empty key.
    Source: Unicode, definition D147 (NFKC_Casefold), less its removal of default ignorable characters,
    which are not printed and so never part of a name.
    """
    if len(text) > MAX_IMPORTED_LENGTH or not text.isprintable():
        return ""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFD", text).casefold()
    folded = unicodedata.normalize("NFKC", folded).casefold()
    key = unicodedata.normalize("NFKC", folded)
    return key if len(key) <= MAX_IMPORTED_LENGTH and key.isprintable() else ""


def _refuse_shape(text: str) -> NoReturn:
    if not text.strip():
        problem = FieldProblem("username", "required")
    elif len(text) < MIN_LENGTH:
        problem = FieldProblem("username", "too_short", (("min", MIN_LENGTH),))
    elif len(text) > MAX_LENGTH:
        problem = FieldProblem("username", "too_long", (("max", MAX_LENGTH),))
    else:
        problem = FieldProblem("username", "invalid_username")
    raise InvalidInput(problem)


def _decorated(words: Iterable[str], affixes: Iterable[str]) -> Iterable[str]:
    """The skeletons of the words, alone and with each affix before and behind."""
    endings = [skeleton(affix) for affix in affixes]
    for word in words:
        if seen := skeleton(word):
            yield seen
            for ending in endings:
                yield seen + ending
                yield ending + seen


DEFAULT_POLICY = UsernamePolicy.of()
