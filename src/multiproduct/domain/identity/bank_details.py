"""Bank details: where somebody's money goes, checked as far as the numbers themselves tell."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from multiproduct.domain.shared import FieldProblem, InvalidInput

_is_iban = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}").fullmatch
_is_account = re.compile(r"[A-Z0-9]{4,34}").fullmatch
_is_bank_code = re.compile(r"[A-Z0-9]{3,11}").fullmatch
_SEPARATORS = str.maketrans("", "", " -")
_SHOWN = 4

_REGISTRY = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 "
    "ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IR26 IS26 IT27 JO30 KW30 "
    "KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 "
    "PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
)
_IBAN_LENGTHS: Mapping[str, int] = MappingProxyType(
    {entry[:2]: int(entry[2:]) for entry in _REGISTRY.split()}
)
"""Characters of an IBAN by country, as the SWIFT IBAN registry has them. Of other countries only the check
digits are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankDetails:
    """`iban`, or `account_number` with `bank_code` where the country has no IBANs; never both."""

    holder: str
    bank_name: str = ""
    iban: str | None = None
    account_number: str | None = None
    bank_code: str = ""

    @classmethod
    def read(
        cls,
        *,
        holder: str,
        bank_name: str = "",
        iban: str | None = None,
        account_number: str | None = None,
        bank_code: str = "",
    ) -> "BankDetails":
        """Details in their plain writing: capitals, without spaces and hyphens. Raises InvalidInput with
        everything that is wrong."""
        wrong: list[FieldProblem] = []
        if not holder.strip():
            wrong.append(FieldProblem("holder", "required"))
        number, account = _plain(iban), _plain(account_number)
        code = _plain(bank_code) or ""
        if number and account:
            wrong.append(FieldProblem("account_number", "one_of", (("fields", "iban, account_number"),)))
        elif number is None and account is None:
            wrong.append(FieldProblem("iban", "required"))
        if number and not is_iban(number):
            wrong.append(FieldProblem("iban", "invalid_iban"))
        if account and not _is_account(account):
            wrong.append(FieldProblem("account_number", "invalid"))
        if code and not _is_bank_code(code):
            wrong.append(FieldProblem("bank_code", "invalid"))
        if wrong:
            raise InvalidInput(*wrong)
        return cls(
            holder=" ".join(holder.split()),
            bank_name=" ".join(bank_name.split()),
            iban=number,
            account_number=account,
            bank_code=code,
        )

    @property
    def masked(self) -> str:
        """The number's last four characters, as it is shown: `****1234`."""
        return f"****{(self.iban or self.account_number or '')[-_SHOWN:]}"


def is_iban(text: str) -> bool:
    """Whether the text, in capitals and without spaces, is an IBAN: right in length for its country, and
    1 modulo 97 (ISO 13616-1, ISO 7064 MOD 97-10)."""
    if not _is_iban(text) or _IBAN_LENGTHS.get(text[:2], len(text)) != len(text):
        return False
    digits = "".join(str(int(each, 36)) for each in text[4:] + text[:4])
    return int(digits) % 97 == 1


def _plain(text: str | None) -> str | None:
    return (text or "").translate(_SEPARATORS).upper() or None
