"""Reasons of errors as words, where the catalogues have some: what people read holds no codes."""

from collections.abc import Mapping

from multiproduct.application.ports.translator import Translator
from multiproduct.domain.shared import MultiproductError


def worded_params(
    error: MultiproductError, *, locale: str, translator: Translator
) -> Mapping[str, str | int | None]:
    """The error's parameters, the `reason` among them in words; one that has none stays the code it is."""
    reason = error.params.get("reason")
    if reason is None:
        return error.params
    key = f"reason.{error.code}.{reason}"
    wording = translator.text(key, locale=locale)
    return error.params if wording == key else {**error.params, "reason": wording}
