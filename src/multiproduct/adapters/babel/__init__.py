"""The wording of messages, from gettext catalogues read by Babel."""

from multiproduct.adapters.babel.translator import BabelTranslator

__all__ = ["BabelTranslator"]
