"""What happens to human translations and glossaries."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanTranslationWritten(Event):
    """Somebody translated a text of a field, or translated it anew. Long texts are cut."""

    NAME = "translation.human_translation_written"
    ACTION = Action.UPDATE
    RESOURCE = "human_translation"
    CONCERNS_SECURITY = False

    translation_id: UUID
    field: str
    target_language: str
    before: str | None
    after: str | None

    @property
    def resource_id(self) -> str:
        return str(self.translation_id)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {f"{self.field}/{self.target_language}": (self.before, self.after)}


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanTranslationRemoved(Event):
    """What somebody translated is not shown any more."""

    NAME = "translation.human_translation_removed"
    ACTION = Action.DELETE
    RESOURCE = "human_translation"
    CONCERNS_SECURITY = False

    translation_id: UUID
    field: str
    target_language: str

    @property
    def resource_id(self) -> str:
        return str(self.translation_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryTermSet(Event):
    """A term's wording in a language was decided. None: it stays as it is."""

    NAME = "translation.glossary_term_set"
    ACTION = Action.UPDATE
    RESOURCE = "glossary_term"
    CONCERNS_SECURITY = False

    term_id: UUID
    target_language: str
    term: str
    before: str | None
    after: str | None

    @property
    def resource_id(self) -> str:
        return str(self.term_id)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {f"{self.term}/{self.target_language}": (self.before, self.after)}


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryTermRemoved(Event):
    """A term is translated by whoever translates the text around it again."""

    NAME = "translation.glossary_term_removed"
    ACTION = Action.DELETE
    RESOURCE = "glossary_term"
    CONCERNS_SECURITY = False

    term_id: UUID
    target_language: str
    term: str

    @property
    def resource_id(self) -> str:
        return str(self.term_id)


EVENTS: tuple[type[Event], ...] = (
    HumanTranslationWritten,
    HumanTranslationRemoved,
    GlossaryTermSet,
    GlossaryTermRemoved,
)
"""Every event of this context."""
