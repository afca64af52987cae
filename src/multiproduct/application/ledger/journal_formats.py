"""The journal as other programs read it: hledger, beancount, CSV. Debits are positive, credits negative.

What holds reserve is not in these, as nothing of it is posted. At the end stands what each account must come
to, so that a program that reads the file finds out whether it reads what was written."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, timedelta
from typing import Protocol

from multiproduct.domain.ledger import Account, AccountKind, Effect, Entry, Side, Transaction
from multiproduct.domain.shared import Currency, Money

_DAY = timedelta(days=1)
# Before anything that was ever booked, and the first year that beancount can read.
_BEGINNING = date(1000, 1, 1)
_HLEDGER_TYPES = {
    AccountKind.ASSET: "A",
    AccountKind.LIABILITY: "L",
    AccountKind.EQUITY: "E",
    AccountKind.REVENUE: "R",
    AccountKind.EXPENSE: "X",
}
_BEANCOUNT_ROOTS = {
    AccountKind.ASSET: "Assets",
    AccountKind.LIABILITY: "Liabilities",
    AccountKind.EQUITY: "Equity",
    AccountKind.REVENUE: "Income",
    AccountKind.EXPENSE: "Expenses",
}
CSV_COLUMNS = (
    "transaction_id", "position", "kind", "effective_at", "posted_at", "account", "side", "effect", "amount",
    "currency", "description", "reference", "key", "hold_id", "reverses_id",
)  # fmt: skip


class JournalFormat(Protocol):
    """Writes a journal piece by piece."""

    def begin(self, accounts: Sequence[Account]) -> Iterator[str]:
        """What stands before the transactions; some accounts at a time."""
        ...

    def transaction(self, one: Transaction) -> str:
        """A transaction; empty where nothing of it is told."""
        ...

    def end(self) -> Iterator[str]:
        """What stands after all of them."""
        ...


class _Assertions:
    """What every account has come to."""

    def __init__(self) -> None:
        self.sums: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.last = _BEGINNING

    @property
    def day_after(self) -> date:
        """The one after the last; the last itself where no calendar has another."""
        return self.last + _DAY if self.last < date.max else self.last

    def add(self, one: Transaction) -> list[Entry]:
        """The posted entries of a transaction, counted."""
        posted = [entry for entry in one.entries if entry.effect is Effect.POST]
        for entry in posted:
            self.sums[(entry.account, entry.currency)] += _signed(entry)
        if posted:
            self.last = max(self.last, one.effective_at.astimezone(UTC).date())
        return posted


class Hledger:
    """A journal for hledger 1.25 or newer, which its strict checks accept."""

    def __init__(self) -> None:
        self._assertions = _Assertions()
        self._declared: set[str] = set()

    def begin(self, accounts: Sequence[Account]) -> Iterator[str]:
        """Declares accounts with their types, and currencies with their digits."""
        for account in accounts:
            if account.currency not in self._declared:
                self._declared.add(account.currency)
                digits = "0" * Currency(account.currency).exponent
                yield f"commodity 1000.{digits} {account.currency}\n"
            yield f"account {_name(account.code)}  ; type: {_HLEDGER_TYPES[account.kind]}\n"

    def transaction(self, one: Transaction) -> str:
        """Its date is when it took effect; the rest stands in tags."""
        posted = self._assertions.add(one)
        if not posted:
            return ""
        code = f" ({_plain(one.reference)})" if one.reference else ""
        head = f"\n{one.effective_at.astimezone(UTC).date()} *{code} {_plain(one.description)}".rstrip()
        tags = f"    ; id:{one.id}, kind:{one.kind.value}, posted:{one.posted_at.isoformat()}"
        rows = [f"    {_name(entry.account)}  {_amount(_signed(entry), entry.currency)}" for entry in posted]
        return "\n".join([head, tags, *rows]) + "\n"

    def end(self) -> Iterator[str]:
        """A transaction of the day after the last, which moves nothing and asserts every balance."""
        if not self._assertions.sums:
            return
        yield f"\n{self._assertions.day_after} * what every account must come to\n"
        for (account, currency), minor in sorted(self._assertions.sums.items()):
            yield f"    {_name(account)}  {_amount(0, currency)} = {_amount(minor, currency)}\n"


class Beancount:
    """A ledger for beancount 2 or 3. Accounts are under the roots that it has, their codes written in the
    characters that it takes; the code as it is stands in the metadata."""

    def __init__(self) -> None:
        self._assertions = _Assertions()
        self._names: dict[str, str] = {}

    def begin(self, accounts: Sequence[Account]) -> Iterator[str]:
        """Opens accounts."""
        for account in accounts:
            name = self._names[account.code] = beancount_account(account)
            yield f'{_BEGINNING} open {name} {account.currency}\n  code: "{_quoted(account.code)}"\n'

    def transaction(self, one: Transaction) -> str:
        """Its date is when it took effect; the rest stands in the metadata."""
        posted = self._assertions.add(one)
        if not posted:
            return ""
        rows = [
            f'\n{one.effective_at.astimezone(UTC).date()} * "{_quoted(one.description)}"',
            f'  id: "{one.id}"',
            f'  kind: "{one.kind.value}"',
            f'  posted: "{one.posted_at.isoformat()}"',
            *([f'  reference: "{_quoted(one.reference)}"'] if one.reference else []),
        ]
        names = self._names
        rows += [f"  {names[each.account]}  {_amount(_signed(each), each.currency)}" for each in posted]
        return "\n".join(rows) + "\n"

    def end(self) -> Iterator[str]:
        """Asserts every balance on the day after the last; beancount does so at the beginning of a day."""
        yield "\n"
        for (account, currency), minor in sorted(self._assertions.sums.items()):
            yield f"{self._assertions.day_after} balance {self._names[account]}  {_amount(minor, currency)}\n"


class CommaSeparated:
    """A row for every entry, also of holds (RFC 4180). Texts that a spreadsheet would take for a formula
    begin with an apostrophe there, and so do those that begin with one themselves."""

    def begin(self, accounts: Sequence[Account]) -> Iterator[str]:
        """Nothing: accounts stand in the rows."""
        del accounts
        return iter(())

    def transaction(self, one: Transaction) -> str:
        """Its entries."""
        written = io.StringIO()
        rows = csv.writer(written, lineterminator="\r\n")
        for position, entry in enumerate(one.entries):
            rows.writerow(
                (
                    one.id, position, one.kind.value, one.effective_at.isoformat(), one.posted_at.isoformat(),
                    _inert(entry.account), entry.side.value, entry.effect.value,
                    Money(entry.minor, Currency(entry.currency)), entry.currency, _inert(one.description),
                    _inert(one.reference), _inert(one.key), one.hold_id or "", one.reverses_id or "",
                )
            )  # fmt: skip
        return written.getvalue()

    def end(self) -> Iterator[str]:
        """Nothing."""
        return iter(())

    @staticmethod
    def header() -> str:
        """The names of the columns."""
        return ",".join(CSV_COLUMNS) + "\r\n"


FORMATS: dict[str, Callable[[], JournalFormat]] = {
    "hledger": Hledger,
    "beancount": Beancount,
    "csv": CommaSeparated,
}


def beancount_account(account: Account) -> str:
    """The account's name there; no two codes have the same. A part begins with a capital or a digit: a small
    letter becomes a capital, and whatever else, and `x`, is written as X and its two hexadecimal digits."""
    parts = [_part(part) for part in account.code.split(":")]
    return ":".join([_BEANCOUNT_ROOTS[account.kind], *parts])


def _part(part: str) -> str:
    if not part:
        return "X"
    first, rest = part[0], part[1:]
    if first.islower() and first != "x":
        begun = first.upper()
    else:
        begun = first if first.isdigit() else f"X{ord(first):02X}"
    return begun + "".join(each if each.isalnum() else f"-{ord(each):02X}" for each in rest)


def _signed(entry: Entry) -> int:
    return entry.minor if entry.side is Side.DEBIT else -entry.minor


def _amount(minor: int, currency: str) -> str:
    return f"{Money(minor, Currency(currency))} {currency}"


def _name(code: str) -> str:
    """As it is, if it was opened through the API; whatever else SQL put there stays on its line and in one
    word."""
    return "".join(each if each.isalnum() or each in "_.:@/+-" else "_" for each in code)


def _inert(text: str | None) -> str:
    """Source: OWASP, CSV Injection."""
    return f"'{text}" if text and text[0] in "=+-@'\t\r\n|%" else text or ""


def _plain(text: str | None) -> str:
    """One line, without what begins a comment, a status or a code there, and without bars, which part payees
    from notes."""
    return "".join(_harmless(text or "", ";|()=*!"))


def _quoted(text: str | None) -> str:
    return "".join(_harmless(text or "", "")).replace("\\", "\\\\").replace('"', '\\"')


def _harmless(text: str, without: str) -> Iterable[str]:
    return (each if each.isprintable() and each not in without else " " for each in text)
