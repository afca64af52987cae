"""Errors: codes that stay apart, and a wording for each."""

import importlib
import pkgutil
from collections import Counter

import pytest

import multiproduct
from multiproduct.adapters.babel import BabelTranslator
from multiproduct.domain.shared import (
    FieldProblem,
    Forbidden,
    InvalidInput,
    Kind,
    MultiproductError,
    TooManyRequests,
    Unavailable,
)

# Modules that run something when they are imported, or that need what an installation may leave out.
_NOT_FOR_IMPORT = ("__main__", "migrations")


def _every_error() -> list[type[MultiproductError]]:
    for module in pkgutil.walk_packages(multiproduct.__path__, "multiproduct."):
        if not any(part in module.name for part in _NOT_FOR_IMPORT):
            importlib.import_module(module.name)
    found, waiting = [], [MultiproductError]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if error.__module__.startswith("multiproduct."):
            found.append(error)
    return sorted(set(found), key=lambda error: error.__qualname__)


ERRORS = _every_error()


def test_the_errors_of_every_layer_are_found():
    names = {error.__name__ for error in ERRORS}
    assert {"InvalidCode", "UsernameTaken", "IdempotencyMismatch", "JoinRefused", "MailRefused"} <= names


def test_no_two_errors_have_one_code():
    codes = Counter(error.code for error in ERRORS if "code" in vars(error))  # one may be a case of another
    assert [code for code, count in codes.items() if count > 1] == []


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_has_a_wording_in_english(error):
    translator = BabelTranslator()
    for part in ("title", "detail"):
        key = f"error.{error.code}.{part}"
        assert translator.text(key, locale="en") not in ("", key)
    assert error.kind in Kind


def test_a_wording_knows_no_place_that_its_error_cannot_fill():
    translator = BabelTranslator()
    params = {"scope": "x", "retry_after": 3}
    text = translator.text("error.too_many_requests.detail", locale="en", params=params)
    assert "{" not in text


def test_an_error_shows_its_code_and_parameters():
    error = Forbidden(permission="identity.user.update")
    assert str(error) == "forbidden(permission='identity.user.update')"
    assert error.params == {"permission": "identity.user.update"}


def test_invalid_input_names_the_fields_and_keeps_the_problems():
    problems = FieldProblem("email", "required"), FieldProblem("password", "too_short", (("min", 8),))
    error = InvalidInput(*problems)
    assert error.problems == problems
    assert error.params == {"fields": "email, password"}


def test_refusals_for_a_while_say_for_how_long():
    limited, busy = TooManyRequests(scope="sign_in", retry_after=7), Unavailable(what="passwords")
    assert (limited.retry_after, limited.params["retry_after"]) == (7, 7)
    assert (busy.retry_after, busy.kind) == (1, Kind.UNAVAILABLE)
