"""Every code that says what is wrong with a field has its wording, in every language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import multiproduct
from multiproduct.adapters.babel import BabelTranslator
from multiproduct.application.field_wording import FINER_WORDINGS, field_wording
from multiproduct.domain.identity import ErasureRefused
from multiproduct.domain.ledger import LedgerRefused
from multiproduct.domain.ledger.outcome import ResultCode
from multiproduct.domain.shared import FieldProblem
from multiproduct.entrypoints.http.problems import _FIELD_CODES, _LIMITS, problem_document

ROOT = Path(multiproduct.__file__).parent
TRANSLATOR = BabelTranslator()

# Where the code is no text that stands in the call, and which codes it can be there.
WORKED_OUT = {
    "application/catalog/configuring.py": {"bad_schema", "breaks_schema"},
    "application/identity/identifiers.py": {"required", "one_of"},
    "application/identity/importing.py": set(),  # pydantic's own, for a report that is not worded
    "application/identity/password_change.py": set(),  # those of the passwords' rules
    "application/identity/password_reset.py": set(),
    "application/identity/registration_choosing.py": set(),
    "application/notifications/push_tokens.py": set(),  # those of addresses of push services
    "application/notifications/suppressing.py": set(),  # those of addresses
    "domain/webhooks/destination.py": {
        "url_credentials",
        "url_malformed",
        "url_not_https",
        "url_not_public",
        "url_port",
    },
    "entrypoints/http/dialects.py": set(),  # the same codes under other names
    "entrypoints/http/documents.py": {"invalid", "too_deep"},
    "entrypoints/http/problems.py": {*_FIELD_CODES.values(), *(code for code, *_ in _LIMITS.values())},
}


def _codes() -> Iterator[tuple[str, str | None]]:
    """Each file with the codes that it gives to FieldProblem; None for one that is worked out."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = (
                getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            )
            if name != "FieldProblem":
                continue
            [code] = node.args[1:2] or [each.value for each in node.keywords if each.arg == "code"]
            given = code.value if isinstance(code, ast.Constant) else None
            yield path.relative_to(ROOT).as_posix(), given


FOUND = list(_codes())


def test_the_codes_that_are_worked_out_are_known_by_their_files():
    assert len(FOUND) > 150
    assert {path for path, code in FOUND if code is None} == WORKED_OUT.keys()


@pytest.mark.parametrize("locale", TRANSLATOR.locales)
def test_every_code_of_a_field_is_worded_in_every_language(locale):
    codes = {code for _, code in FOUND if code is not None}.union(*WORKED_OUT.values())
    codes |= {*FINER_WORDINGS.values(), *(code for code, _ in FINER_WORDINGS)}
    messages = TRANSLATOR._catalogue(locale).messages
    assert {code for code in codes if f"field.{code}" not in messages} == set()


@pytest.mark.parametrize("locale", TRANSLATOR.locales)
def test_a_refusal_of_the_ledger_gives_its_reason_in_words(locale):
    for code in set(ResultCode) - {ResultCode.POSTED, ResultCode.EXISTS}:
        error = LedgerRefused(reason=code.value)
        told = problem_document(error, locale=locale, translator=TRANSLATOR)["detail"]
        assert code.value not in told if "_" in code.value else f": {code.value}" not in told


def test_a_reason_in_words_is_in_the_readers_language():
    error = LedgerRefused(reason="unbalanced")
    told = problem_document(error, locale="es", translator=TRANSLATOR)
    assert told["detail"] == "No se registró: el debe y el haber no son iguales."
    # A reason of somebody else's stays the code that it is.
    other = ErasureRefused(reason="open_invoices")
    assert problem_document(other, locale="en", translator=TRANSLATOR)["detail"].endswith(": open_invoices.")


def test_what_is_known_besides_the_code_chooses_the_wording_and_fills_it():
    for (code, name), key in FINER_WORDINGS.items():
        assert field_wording(FieldProblem("a", code, ((name, "x"),))) == f"field.{key}"
        assert field_wording(FieldProblem("a", code)) == f"field.{code}"
        places = TRANSLATOR._catalogue("en").messages[f"field.{key}"].places
        assert places <= {name, "min"}, key
