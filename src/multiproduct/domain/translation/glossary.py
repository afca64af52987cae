"""Glossaries: terms whose wording in another language is decided once, and terms that stay as they are."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
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
        """The text in its order: other words with None, terms with their wording."""
        if self._found is None:
            yield text, None
            return
        end = 0
        for found in self._found.finditer(text):
            yield text[end : found.start()], None
            wording = self.wordings.get(term_key(found[0]))
            yield found[0], found[0] if wording is None else wording
            end = found.end()
        yield text[end:], None

    @cached_property
    def _found(self) -> re.Pattern[str] | None:
        if not self.wordings:
            return None
        # The longest first: an alternation takes the first that fits.
        keys = sorted(self.wordings, key=len, reverse=True)
        terms = "|".join(r"\s+".join(re.escape(word) for word in key.split(" ")) for key in keys)
        return re.compile(rf"(?<!\w)(?:{terms})(?!\w)", re.IGNORECASE)
