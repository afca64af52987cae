"""Translation by a list of phrases alone, for demonstrations and tests."""

from multiproduct.adapters.glossary.provider import GlossaryProvider, read_phrases

__all__ = ["GlossaryProvider", "read_phrases"]
