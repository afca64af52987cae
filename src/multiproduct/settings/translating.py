"""Settings of translation: who translates display texts, and how long a request waits for that."""

from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from multiproduct.settings.declaring import setting


class TranslatingSettings(BaseSettings):
    """How display texts are translated on their way out."""

    translation_provider: Literal["libretranslate", "glossary"] | None = setting(
        None,
        "TRANSLATION_PROVIDER",
        "who translates display texts where no person did: libretranslate (any service with its API) or "
        "glossary (a file of phrases, for demonstrations); without one, they are shown as they are written",
    )
    translation_url: str | None = setting(
        None, "TRANSLATION_URL", "the translating service's address, before /translate"
    )
    translation_key: SecretStr = setting("", "TRANSLATION_KEY", "the key of the translating service")
    translation_model: str = setting(
        "",
        "TRANSLATION_MODEL",
        "the version of what translates there; another one has everything translated anew",
    )
    translation_languages: str = setting(
        "",
        "TRANSLATION_LANGUAGES",
        "what the service calls languages where it is not as we do: zh-Hant=zt, separated by commas",
    )
    translation_phrases: str | None = setting(
        None,
        "TRANSLATION_PHRASES",
        'for glossary: a JSON file of phrases, as in {"es": {"Gold": "Oro"}}; without one, those of the '
        "demonstration's products",
    )
    translation_source: str = setting(
        "en", "TRANSLATION_SOURCE", "the language that display texts are written in"
    )
    translation_patience_ms: int = setting(
        15,
        "TRANSLATION_PATIENCE_MS",
        "for how long a request to read waits for the service, 0 to 2000 milliseconds; after that it is "
        "answered in the original, and translated for the next one",
    )
    translation_timeout_seconds: int = setting(
        10, "TRANSLATION_TIMEOUT_SECONDS", "how long a call to the service may take, 1 to 60 seconds"
    )
