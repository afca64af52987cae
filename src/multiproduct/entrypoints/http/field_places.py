"""Where in a request stands what an error is about: the field that names what there is none of."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from multiproduct.domain.shared import MultiproductError

_ABOUT: Mapping[str, tuple[str, frozenset[str]]] = {
    "plan_not_found": ("plan", frozenset({"plan", "plan_id"})),
    "plan_ambiguous": ("plan", frozenset({"plan", "plan_id"})),
    "product_not_found": ("product", frozenset({"product", "product_id"})),
    "coupon_not_found": ("coupon", frozenset({"coupons"})),
    "coupon_not_applicable": ("coupon", frozenset({"coupons"})),
    "coupon_used_up": ("coupon", frozenset({"coupons"})),
    "no_price_in_currency": ("currency", frozenset({"currency"})),
    "unknown_gateway": ("gateway", frozenset({"gateway", "payment_method"})),
    "unknown_payment_method": ("method", frozenset({"method_id"})),
}
"""By the error's code: its parameter that holds the value, and the fields that may have given it."""


@contextmanager
def naming_its_field(document: Mapping[str, Any], sent_as: Mapping[str, str] | None = None) -> Iterator[None]:
    """Has an error that passes name the field that it is about, under the name that it was `sent_as`."""
    try:
        yield
    except MultiproductError as error:
        place = place_of(error, document)
        if place is not None:
            first, dot, rest = place.partition(".")
            error.params["field"] = (sent_as or {}).get(first, first) + dot + rest
        raise


def place_of(error: MultiproductError, document: Mapping[str, Any]) -> str | None:
    """The dotted path to the value that the error is about; None where the document does not give it."""
    param, names = _ABOUT.get(error.code, ("", frozenset()))
    value = error.params.get(param)
    if value is None:
        return None
    wanted = str(value).strip().lower()
    for path, name, found in _texts(document, (), ""):
        if name in names and found.strip().lower() == wanted:
            return ".".join(path)
    return None


def _texts(value: Any, path: tuple[str, ...], name: str) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Each text with its path and the field that it, or the list that it is in, stands under."""
    if isinstance(value, str):
        yield path, name, value
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from _texts(member, (*path, key), key)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _texts(member, (*path, str(index)), name)
