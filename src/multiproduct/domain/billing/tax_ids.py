"""Tax ids of businesses: each country's form, and its check digits where the algorithm is public.

A number that passes here is well-formed; whether it is registered, only the authority knows (VIES and
others). Sources: forms from the European Commission's VIES, "VAT number structure" (FAQ, question 11); check
digits as each function says.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from multiproduct.domain.shared import FieldProblem, InvalidInput

MAX_LENGTH = 20


@dataclass(frozen=True, slots=True)
class TaxId:
    """A tax id that passed. `text` is how it is written: with the country's prefix where it has one."""

    country: str
    text: str


def tax_id(country: str, given: str) -> TaxId:
    """Reads a tax id of that country, with or without its prefix, spaces, points and dashes.

    Raises InvalidInput for one that cannot be.
    """
    written = re.sub(r"[\s.\-]", "", given).upper()
    prefix = _PREFIXES.get(country, "")
    number = written.removeprefix(prefix)
    form = _FORMS.get(country, _ANY)
    check = _CHECKS.get(country)
    if len(written) > MAX_LENGTH or not form.fullmatch(number) or (check is not None and not check(number)):
        raise InvalidInput(FieldProblem("tax_id", "invalid"))
    return TaxId(country, prefix + number)


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _at(number: str) -> bool:
    """Bundesministerium für Finanzen, "Konstruktion der UID": weights 1 and 2 in turn, constant 4."""
    products = [int(digit) * (1, 2)[index % 2] for index, digit in enumerate(number[1:8])]
    total = sum(product // 10 + product % 10 for product in products)
    return (10 - (total + 4) % 10) % 10 == int(number[8])


def _be(number: str) -> bool:
    """Banque-Carrefour des Entreprises: the last two digits are 97 less the rest modulo 97."""
    return 97 - int(number[:8]) % 97 == int(number[8:])


def _de(number: str) -> bool:
    """ISO 7064, MOD 11,10, as the Bundeszentralamt für Steuern uses it."""
    product = 10
    for digit in number[:8]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(number[8])


def _dk(number: str) -> bool:
    """Erhvervsstyrelsen: modulus 11 with the weights 2, 7, 6, 5, 4, 3, 2, 1."""
    return _weighted(number, (2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


_NIF_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def _es(number: str) -> bool:
    """Real Decreto 1065/2007, articles 18 to 22 (NIF), and Orden EHA/451/2008 (legal persons)."""
    first, middle, last = number[0], number[1:8], number[8]
    if first.isdigit() or first in "XYZ":
        shown = {"X": "0", "Y": "1", "Z": "2"}.get(first, first)
        return (shown + middle).isdigit() and _NIF_LETTERS[int(shown + middle) % 23] == last
    if not middle.isdigit():
        return False
    if first in "KLM":
        return _NIF_LETTERS[int(middle) % 23] == last
    doubled = (int(digit) * 2 for digit in middle[::2])
    total = sum(each // 10 + each % 10 for each in doubled) + sum(int(digit) for digit in middle[1::2])
    control = -total % 10
    by_letter, by_digit = "JABCDEFGHI"[control] == last, str(control) == last
    if first in "PQRSNW":
        return by_letter
    return by_digit if first in "ABEH" else by_letter or by_digit


_FR_KEYS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def _fr(number: str) -> bool:
    """Code général des impôts, annexe III, article 286 ter A: a key of two characters before the SIREN, whose
    last digit is Luhn's (INSEE)."""
    key, siren = number[:2], number[2:]
    # Monaco's begin with 000 and are no SIREN.
    if not siren.startswith("000") and not _luhn(siren):
        return False
    if key.isdigit():
        return (12 + 3 * (int(siren) % 97)) % 97 == int(key)
    first, second = (_FR_KEYS.index(each) for each in key)
    check = first * 24 + second - 10 if key[0].isdigit() else first * 34 + second - 100
    return (int(siren) + 1 + check // 11) % 11 == check % 11


def _gb(number: str) -> bool:
    """HMRC, VAT notice 700/21 (modulus 97, and 9755): weights 8 to 2. Government (GD) and health (HA) have no
    check digits."""
    if number[:2] in {"GD", "HA"}:
        return True
    total = _weighted(number[:7], (8, 7, 6, 5, 4, 3, 2)) + int(number[7:9])
    return total % 97 == 0 or (total + 55) % 97 == 0


def _it(number: str) -> bool:
    """D.M. 23 December 1976: the last digit of a partita IVA is Luhn's."""
    return _luhn(number) and number[:7] != "0000000"


def _nl(number: str) -> bool:
    """Belastingdienst: modulus 11 of the RSIN, or since 2020 ISO 7064 MOD 97-10 over all characters."""
    spelled = "".join(str(int(each, 36)) for each in "NL" + number)
    eleven = _weighted(number[:8], (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return int(spelled) % 97 == 1 or eleven == int(number[8])


def _pl(number: str) -> bool:
    """Ministerstwo Finansów: NIP, weights 6, 5, 7, 2, 3, 4, 5, 6, 7 modulo 11."""
    return _weighted(number[:9], (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(number[9])


def _pt(number: str) -> bool:
    """Decreto-Lei 14/2013: NIF, weights 9 to 2, modulo 11; 10 and 11 become 0."""
    control = 11 - _weighted(number[:8], (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if control > 9 else control) == int(number[8])


def _tw(number: str) -> bool:
    """Ministry of Finance, "營利事業統一編號檢查碼邏輯修正說明".

    Weights 1, 2, 1, 2, 1, 2, 4, 1, the digits of the products added. Since April 2023 the sum is divisible by
    5 (before, by 10, so that those pass too); where the seventh digit is 7, its product 28 counts as 1 or as
    0."""
    products = [int(digit) * weight for digit, weight in zip(number, (1, 2, 1, 2, 1, 2, 4, 1), strict=True)]
    total = sum(product // 10 + product % 10 for product in products)
    return total % 5 == 0 or (number[6] == "7" and (total + 1) % 5 == 0)


def _in(number: str) -> bool:
    """GSTN: the last character is Luhn's modulo 36, with the factors 1 and 2 in turn."""
    total = 0
    for index, character in enumerate(number[:14]):
        product = int(character, 36) * (1, 2)[index % 2]
        total += product // 36 + product % 36
    return (36 - total % 36) % 36 == int(number[14], 36)


def _au(number: str) -> bool:
    """Australian Business Register: the ABN with 1 off its first digit, weighted, is divisible by 89."""
    reduced = str(int(number[0]) - 1) + number[1:] if number[0] != "0" else "x"
    weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
    return reduced.isdigit() and _weighted(reduced, weights) % 89 == 0


_ANY = re.compile(r"[A-Z0-9/]{4,20}")
_FORMS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        country: re.compile(form, re.ASCII)
        for country, form in {
            "AT": r"U\d{8}",
            "AU": r"\d{11}",
            "BE": r"[01]\d{9}",
            "BG": r"\d{9,10}",
            "CH": r"E\d{9}(MWST|TVA|IVA)?",
            "CY": r"\d{8}[A-Z]",
            "CZ": r"\d{8,10}",
            "DE": r"[1-9]\d{8}",
            "DK": r"[1-9]\d{7}",
            "EE": r"\d{9}",
            "ES": r"[0-9A-HJ-NP-SUVWXYZ]\d{7}[0-9A-Z]",
            "FI": r"\d{8}",
            "FR": r"[0-9A-HJ-NP-Z]{2}\d{9}",
            "GB": r"\d{9}|\d{12}|GD[0-4]\d\d|HA[5-9]\d\d",
            "GR": r"\d{9}",
            "HR": r"\d{11}",
            "HU": r"\d{8}",
            "IE": r"\d{7}[A-W][A-I]?|\d[A-Z+*]\d{5}[A-W]",
            "IN": r"\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]",
            "IT": r"\d{11}",
            "JP": r"T?\d{13}",
            "LT": r"\d{9}|\d{12}",
            "LU": r"\d{8}",
            "LV": r"\d{11}",
            "MT": r"\d{8}",
            "NL": r"\d{9}B\d{2}",
            "NO": r"\d{9}(MVA)?",
            "PL": r"\d{10}",
            "PT": r"[1-9]\d{8}",
            "RO": r"\d{2,10}",
            "SE": r"\d{10}01",
            "SI": r"[1-9]\d{7}",
            "SK": r"[1-9]\d{9}",
            "TW": r"\d{8}",
        }.items()
    }
)
_EUROPEAN = frozenset(_FORMS) - {"AU", "CH", "IN", "JP", "NO", "TW"}
_PREFIXES: Mapping[str, str] = MappingProxyType(
    {country: "EL" if country == "GR" else country for country in _EUROPEAN} | {"CH": "CH"}
)
_CHECKS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "AT": _at,
        "AU": _au,
        "BE": _be,
        "DE": _de,
        "DK": _dk,
        "ES": _es,
        "FR": _fr,
        "GB": _gb,
        "IN": _in,
        "IT": _it,
        "NL": _nl,
        "PL": _pl,
        "PT": _pt,
        "TW": _tw,
    }
)
