"""The ledger's rules, written a second time: state is nothing but a list of facts, and whatever stands on an
account is counted from the first of them each time. No code of the package.

Requests are dictionaries: `do` is post, hold, settle, void, expire or reverse; `of` counts accepted requests
and names the one that is meant, of the `known` ones before the batch; moments are whole numbers. Answers are
codes."""

from copy import deepcopy
from typing import Any

Request = dict[str, Any]
LARGEST = 9_223_372_036_854_775_807
_LATER = {
    "hold_not_found", "transaction_not_found", "account_not_found", "account_closed", "period_closed",
    "balance_too_large", "exceeds_limit",
}  # fmt: skip


class Refused(Exception):
    pass


def refuse_unless(holds: object, code: str) -> None:
    if not holds:
        raise Refused(code)


class LedgerModel:
    def __init__(self, accounts: dict[str, tuple[str, str]]) -> None:
        """`accounts`: for each the currency, and "", "funded" (debits never exceed credits) or "backed"
        (credits never exceed debits)."""
        self.accounts = accounts
        self.closed: set[str] = set()
        self.books_closed_until = float("-inf")
        self.facts: list[Request] = []
        self.burned: set[str] = set()

    def balance(self, account: str) -> tuple[int, int, int, int]:
        """Posted debits and credits, pending debits and credits."""
        found = {"debit": 0, "credit": 0, "pending debit": 0, "pending credit": 0}
        for number, fact in enumerate(self.facts):
            for name, side, minor, _ in fact["posts"]:
                if name == account:
                    found[side] += minor
            if fact["request"]["do"] == "hold" and self._end_of(number) is None:
                for name, side, minor, _ in fact["reserves"]:
                    if name == account:
                        found[f"pending {side}"] += minor
        return found["debit"], found["credit"], found["pending debit"], found["pending credit"]

    def judge(self, requests: list[Request], now: int) -> list[str]:
        codes: list[str] = []
        chain: list[Request] = []
        for request in requests:
            chain.append(request)
            if not request.get("linked"):
                codes += self._judge_chain(chain, now)
                chain = []
        if chain:
            codes += ["linked_failed"] * (len(chain) - 1) + ["linked_chain_open"]
        return codes

    def _judge_chain(self, chain: list[Request], now: int) -> list[str]:
        facts_before = len(self.facts)
        codes: list[str] = []
        for place, request in enumerate(chain):
            try:
                codes.append(self._judge(request, now))
            except Refused as refused:
                code = str(refused)
                del self.facts[facts_before:]
                if code in _LATER and request.get("key"):
                    self.burned.add(request["key"])
                return [code if each == place else "linked_failed" for each in range(len(chain))]
        return codes

    def _judge(self, request: Request, now: int) -> str:
        key = request.get("key")
        if key:
            for fact in self.facts:
                if fact["request"].get("key") == key:
                    refuse_unless(self._is_same(request, fact), "exists_with_different_content")
                    return "exists"
            refuse_unless(key not in self.burned, "key_already_failed")
        posts, reserves = getattr(self, "_" + request["do"])(request, now)
        effective = request.get("effective", now)
        touched = posts + reserves
        if request["do"] in ("settle", "void", "expire"):
            touched = touched + self.facts[request["of"]]["reserves"]
        refuse_unless(effective >= self.books_closed_until, "period_closed")
        self.facts.append(
            {"request": deepcopy(request), "posts": posts, "reserves": reserves, "now": now, "at": effective}
        )
        try:
            self._check_limits([name for name, *_ in touched])
        except Refused:
            self.facts.pop()
            raise
        return "posted"

    def _check_limits(self, names: list[str]) -> None:
        """In the order in which the entries name the accounts."""
        for name in dict.fromkeys(names):
            debits, credits_, pending_debits, pending_credits = self.balance(name)
            all_debits, all_credits = debits + pending_debits, credits_ + pending_credits
            refuse_unless(max(all_debits, all_credits) <= LARGEST, "balance_too_large")
            limit = self.accounts[name][1]
            refuse_unless(limit != "funded" or all_debits <= credits_, "exceeds_limit")
            refuse_unless(limit != "backed" or all_credits <= debits, "exceeds_limit")

    def _is_same(self, request: Request, fact: Request) -> bool:
        known = fact["request"]
        if request.get("effective", fact["now"]) != fact["at"] or request["do"] != known["do"]:
            return False
        if request["do"] == "post":
            return bool(request["entries"] == known["entries"])
        if request["do"] == "hold":
            names = ("debit", "credit", "minor", "currency", "expires")
            return all(request.get(name) == known.get(name) for name in names)
        if request["of"] != known["of"]:
            return False
        if request["do"] == "settle":
            (_, _, whole, _), _ = self.facts[known["of"]]["reserves"]
            return bool((request.get("minor") or whole) == (known.get("minor") or whole))
        return True

    def _usable(self, name: str, currency: str) -> None:
        refuse_unless(name in self.accounts, "account_not_found")
        refuse_unless(self.accounts[name][0] == currency, "currency_mismatch")
        refuse_unless(name not in self.closed, "account_closed")

    def _open(self, names: list[str]) -> None:
        refuse_unless(not self.closed.intersection(names), "account_closed")

    def _post(self, request: Request, now: int) -> tuple[list[Any], list[Any]]:
        del now
        entries = request["entries"]
        refuse_unless(len(entries) >= 2, "too_few_entries")
        refuse_unless(len(entries) <= 1_000, "too_many_entries")
        for _, _, minor, _ in entries:
            refuse_unless(minor > 0, "amount_not_positive")
            refuse_unless(minor <= LARGEST, "amount_too_large")
        for currency in {each[3] for each in entries}:
            sides = [sum(m for _, s, m, c in entries if (s, c) == (side, currency)) for side in _SIDES]
            refuse_unless(sides[0] == sides[1], "unbalanced")
        for name, _, _, currency in entries:
            self._usable(name, currency)
        return list(entries), []

    def _hold(self, request: Request, now: int) -> tuple[list[Any], list[Any]]:
        minor, currency = request["minor"], request["currency"]
        refuse_unless(minor > 0, "amount_not_positive")
        refuse_unless(minor <= LARGEST, "amount_too_large")
        refuse_unless(request["debit"] != request["credit"], "accounts_not_different")
        refuse_unless(request.get("expires") is None or request["expires"] > now, "expires_too_early")
        for side in _SIDES:
            self._usable(request[side], currency)
        return [], [(request[side], side, minor, currency) for side in _SIDES]

    def _end_of(self, number: int) -> str | None:
        for fact in self.facts:
            if fact["request"]["do"] in ("settle", "void", "expire") and fact["request"]["of"] == number:
                return str(fact["request"]["do"])
        return None

    def _held(self, request: Request) -> Request:
        of = request["of"]
        is_hold = of < len(self.facts) and self.facts[of]["request"]["do"] == "hold"
        refuse_unless(is_hold and of < request["known"], "hold_not_found")
        end = self._end_of(of)
        refuse_unless(end != "settle", "hold_already_posted")
        refuse_unless(end != "void", "hold_already_voided")
        refuse_unless(end != "expire", "hold_expired")
        return self.facts[of]

    @staticmethod
    def _is_over(hold: Request, now: int) -> bool:
        expires = hold["request"].get("expires")
        return expires is not None and expires <= now

    def _settle(self, request: Request, now: int) -> tuple[list[Any], list[Any]]:
        hold = self._held(request)
        refuse_unless(not self._is_over(hold, now), "hold_expired")
        whole = hold["request"]["minor"]
        minor = whole if request.get("minor") is None else request["minor"]
        refuse_unless(minor > 0, "amount_not_positive")
        refuse_unless(minor <= LARGEST, "amount_too_large")
        refuse_unless(minor <= whole, "exceeds_hold")
        self._open([name for name, *_ in hold["reserves"]])
        return [(name, side, minor, currency) for name, side, _, currency in hold["reserves"]], []

    def _void(self, request: Request, now: int) -> tuple[list[Any], list[Any]]:
        hold = self._held(request)
        refuse_unless(not self._is_over(hold, now), "hold_expired")
        self._open([name for name, *_ in hold["reserves"]])
        return [], []

    def _expire(self, request: Request, now: int) -> tuple[list[Any], list[Any]]:
        hold = self._held(request)
        refuse_unless(self._is_over(hold, now), "hold_not_expired")
        self._open([name for name, *_ in hold["reserves"]])
        return [], []

    def _reverse(self, request: Request, now: int) -> tuple[list[Any], list[Any]]:
        del now
        of = request["of"]
        refuse_unless(of < min(len(self.facts), request["known"]), "transaction_not_found")
        wrong = self.facts[of]
        refuse_unless(wrong["request"]["do"] in ("post", "settle"), "not_reversible")
        for fact in self.facts:
            is_undone = fact["request"]["do"] == "reverse" and fact["request"]["of"] == of
            refuse_unless(not is_undone, "already_reversed")
        self._open([name for name, *_ in wrong["posts"]])
        other = {"debit": "credit", "credit": "debit"}
        return [(name, other[side], minor, currency) for name, side, minor, currency in wrong["posts"]], []


_SIDES = ("debit", "credit")
