"""The languages that texts can be translated between: those of the installation."""

from collections.abc import Sequence

from multiproduct.application.input_findings import InputFindings
from multiproduct.domain.shared import FieldProblem, InvalidInput


class Languages:
    """Knows the locales there are, and the one that the installation's texts are written in."""

    def __init__(self, *, locales: Sequence[str], source: str) -> None:
        self._locales = {locale.lower(): locale for locale in locales}
        self.source = source

    def pair(self, source: str | None, target: str) -> tuple[str, str]:
        """Both in their usual writing. Raises InvalidInput for one that there is not, and for the same one
        twice."""
        findings = InputFindings()
        into = findings.read(lambda: self.known(target, "target_language"), "target_language")
        out_of = findings.read(
            lambda: self.source if source is None else self.known(source, "source_language"),
            "source_language",
        )
        findings.refuse()
        assert into is not None
        assert out_of is not None
        if into == out_of:
            raise InvalidInput(FieldProblem("target_language", "invalid"))
        return out_of, into

    def known(self, language: str, field: str) -> str:
        """In its usual writing. Raises InvalidInput."""
        known = self._locales.get(language.replace("_", "-").lower())
        if known is None:
            raise InvalidInput(FieldProblem(field, "invalid_locale"))
        return known
