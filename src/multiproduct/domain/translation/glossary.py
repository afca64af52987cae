"""Glossaries: terms whose wording in another language is decided once, and terms that stay as they are."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from multiproduct.domain.shared import Aggregate
from multiproduct.domain.translation.events import GlossaryTermRemoved, GlossaryTermSet

MAX_TERM = 200
MAX_TERMS = 1_000
"""For one pair of languages."""


def term_key(term: str) -> str:
    """What makes two writings the same term: letter case and spaces do not count."""
    return " ".join(unicodedata.normalize("NFC", term).casefold().split())


@dataclass(slots=True, kw_only=True)
class GlossaryTerm(Aggregate):
    """A term of one language and its wording in another; None: it stays as it is."""

    id: UUID
    source_language: str
    target_language: str
    term: str
    wording: str | None
    author_id: UUID | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def set(
        cls, *, id: UUID, source_language: str, target_language: str, term: str, wording: str | None,
        author_id: UUID | None, now: datetime,
    ) -> "GlossaryTerm":  # fmt: skip
        """A new term."""
        made = cls(
            id=id, source_language=source_language, target_language=target_language, term=term,
            wording=wording, author_id=author_id, created_at=now, updated_at=now,
        )  # fmt: skip
        made._tell(None, now)
        return made

    @property
    def key(self) -> str:
        """What makes it the same term as another."""
        return term_key(self.term)

    def reword(self, wording: str | None, *, by: UUID | None, now: datetime) -> None:
        """Another wording. Nothing happens where it is the same."""
        before = self.wording
        if wording == before:
            return
        self.wording, self.author_id, self.updated_at = wording, by, now
        self._tell(before, now)

    def removed(self, *, now: datetime) -> None:
        """It is gone."""
        self._record(
            GlossaryTermRemoved(
                occurred_at=now, term_id=self.id, target_language=self.target_language, term=self.term
            )
        )

    def _tell(self, before: str | None, now: datetime) -> None:
        self._record(
            GlossaryTermSet(
                occurred_at=now,
                term_id=self.id,
                target_language=self.target_language,
                term=self.term,
                before=before,
                after=self.wording,
            )
        )


@dataclass(frozen=True)
class Glossary:
    """The terms from one language into another, by their keys: wordings, or None for what stays as it is."""

    wordings: Mapping[str, str | None] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """Another one for other terms, the same one for the same."""
        if not self.wordings:
            return "0"
        told = json.dumps(dict(self.wordings), sort_keys=True)
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()

    def pieces(self, text: str) -> Iterator[tuple[str, str | None]]:
        """The text in its order: other words with None, terms with their wording. Of two terms that begin at
        one place the longer one counts."""
        if not self.wordings:
            yield text, None
            return
        spots = list(_TOKEN.finditer(text))
        folded = [_folded(spot[0]) for spot in spots]
        done = place = 0
        while place < len(spots):
            after = self._end_of_term(text, spots, folded, place)
            if after is None:
                place += 1
                continue
            start, end = spots[place].start(), spots[after - 1].end()
            yield text[done:start], None
            wording = self.wordings.get(term_key(text[start:end]))
            yield text[start:end], text[start:end] if wording is None else wording
            done, place = end, after
        yield text[done:], None

    def _end_of_term(
        self, text: str, spots: Sequence[re.Match[str]], folded: Sequence[str], place: int
    ) -> int | None:
        """Where the longest term that begins at a token ends, if one does."""
        start = spots[place].start()
        if folded[place] not in self._tree or (start and _is_word(text[start - 1])):
            return None
        node, found = self._tree, None
        for number in range(place, len(spots)):
            inner = node.get(folded[number])
            if inner is None:
                break
            node = inner
            end = spots[number].end()
            if _HERE in node and not (end < len(text) and _is_word(text[end])):
                found = number + 1
        return found

    @cached_property
    def _tree(self) -> "_Node":
        """The terms, token by token. An alternation of a thousand of them takes seconds to go along a text
        that is nearly one of them everywhere, and as long to be made."""
        tree: _Node = {}
        for key in self.wordings:
            node = tree
            for token in _TOKEN.findall(key):
                node = node.setdefault(_folded(token), {})
            node[_HERE] = {}
        return tree


_Node = dict[str, "_Node"]
_HERE = ""
"""Marks a node of the tree where a term ends."""
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def _folded(token: str) -> str:
    return " " if token.isspace() else unicodedata.normalize("NFC", token).casefold()


def _is_word(character: str) -> bool:
    """Also of the signs that Indic scripts write vowels with."""
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
