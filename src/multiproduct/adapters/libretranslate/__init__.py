"""Machine translation by any service that speaks as LibreTranslate does."""

from multiproduct.adapters.libretranslate.provider import LibreTranslateProvider, read_language_names

__all__ = ["LibreTranslateProvider", "read_language_names"]
