"""The permissions of translation. Admin has all of them; reading translated texts needs none."""

from collections.abc import Mapping
from types import MappingProxyType

TEXTS_READ = "translation.text.read"
TEXTS_MANAGE = "translation.text.manage"
GLOSSARY_READ = "translation.glossary.read"
GLOSSARY_MANAGE = "translation.glossary.manage"

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        TEXTS_READ: "Read what people translated.",
        TEXTS_MANAGE: "Translate texts, and take translations back.",
        GLOSSARY_READ: "Read the glossaries.",
        GLOSSARY_MANAGE: "Decide how terms are translated, or that they stay as they are.",
    }
)
"""What each permission of this context allows."""
