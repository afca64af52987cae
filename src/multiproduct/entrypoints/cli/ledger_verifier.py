"""Verify a ledger without the program that wrote it: needs Python 3.9 or newer, and nothing else.

    python verify_ledger.py FILE [--mark SEQUENCE:HASH]

FILE is a database in SQLite, or what `multiproduct ledger export --format chain` wrote. Every transaction is
turned into bytes anew and hashed with the hash before it (SHA-256); the last hash must be that of the head,
and the chain must go through a mark that was kept elsewhere. Without a mark, whoever cut off the end of the
chain and moved the head back with it is not found out. Ends with 1 where something was found.
"""
# ruff: noqa: T201, S608, PTH123 - a program of its own, that must not need anything of ours

import argparse
import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

GENESIS = hashlib.sha256(b"multiproduct/audit-genesis/v1").digest()
LINK = b"multiproduct/audit-link/v1\0"
FORM = b"multiproduct/ledger-transaction/v1\0"
OF_TRANSACTION = (
    "id", "kind", "key", "description", "reference", "effective_at", "posted_at", "actor_id", "hold_id",
    "reverses_id", "expires_at",
)  # fmt: skip
OF_ENTRY = ("account_id", "code", "account_kind", "side", "effect", "minor", "currency")
IDS = frozenset({"id", "actor_id", "hold_id", "reverses_id", "account_id"})
Record = dict[str, Any]
Mark = tuple[int, str]
SUMS = ("posted_debits", "posted_credits", "pending_debits", "pending_credits")


def framed(name: str, value: Any) -> bytes:
    """Length and bytes of a field; ids are 16 bytes, numbers and moments decimal digits, text UTF-8."""
    if value is None:
        return b"\xff\xff\xff\xff"
    if name in IDS:
        raw = bytes.fromhex(value)
    elif isinstance(value, str):
        raw = value.encode("utf-8", "surrogatepass")
    else:
        raw = str(value).encode()
    return len(raw).to_bytes(4, "big") + raw


def form(one: Record) -> bytes:
    """A transaction as bytes."""
    fields = [framed(name, one[name]) for name in OF_TRANSACTION]
    fields.append(framed("", len(one["entries"])))
    fields += [framed(name, entry[name]) for entry in one["entries"] for name in OF_ENTRY]
    return FORM + b"".join(fields)


def misfit(one: Record) -> str | None:
    """What of a transaction no trigger would have let be written, or None."""
    entries = one["entries"]
    if len(entries) != one["entry_count"] or len(entries) < 2:
        return "has not the entries that it had"
    rests: dict[tuple[str, str], int] = {}
    for place, entry in enumerate(entries):
        repeated = all(entry[name] == one[name] for name in ("entry_count", "effective_at", "posted_at"))
        if not repeated or entry["position"] != place or entry["currency"] != entry["account_currency"]:
            return "has an entry that does not fit"
        if entry["side"] not in ("debit", "credit") or entry["effect"] not in ("post", "reserve", "release"):
            return "has an entry that is none"
        signed = entry["minor"] if entry["side"] == "debit" else -entry["minor"]
        pile = (entry["currency"], entry["effect"])
        rests[pile] = rests.get(pile, 0) + signed
    return "does not sum to zero" if any(rests.values()) else None


class Verification:
    """Takes the records of a ledger one after the other, in the order of their numbers."""

    def __init__(self, mark: Mark | None) -> None:
        self.findings: list[str] = []
        self.sealed, self.unsealed, self.moving, self.previous = 0, 0, 0, GENESIS
        self.mark, self.met = mark, mark is None or mark == (0, GENESIS.hex())
        self.stands: dict[str, list[int]] = {}
        self.head: Mark | None = None

    def say(self, what: str) -> None:
        self.findings.append(what)

    def take(self, record: Record) -> None:
        """A record is a head, a transaction with its seal if it has one, or an account."""
        try:
            getattr(self, "take_" + record["record"])(record)
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
            self.say(f"unreadable: {record.get('id') or record.get('sequence')} ({type(error).__name__})")

    def take_head(self, record: Record) -> None:
        self.head = (record["sequence"], record["hash"])

    def take_transaction(self, one: Record) -> None:
        self.link(one)
        wrong = misfit(one)
        if wrong:
            self.say(f"{one['id']} {wrong}")
        for entry in one["entries"]:
            sums = self.stands.setdefault(entry["account_id"], [0, 0, 0, 0])
            place = (entry["side"] == "credit") + 2 * (entry["effect"] != "post")
            sums[place] += -entry["minor"] if entry["effect"] == "release" else entry["minor"]

    def link(self, one: Record) -> None:
        if one["sequence"] is None:
            self.unsealed += 1
            if not one["waits"]:
                self.say(f"forgotten: {one['id']} is neither sealed nor waits for it")
            return
        self.sealed += 1
        if one["sequence"] != self.sealed:
            self.say(f"missing or put in: number {one['sequence']} stands where {self.sealed} belongs")
            self.sealed = one["sequence"]
        stored = bytes.fromhex(one["hash"])
        number = one["sequence"].to_bytes(8, "big")
        is_good = hashlib.sha256(LINK + self.previous + number + form(one)).digest() == stored
        if one["seal_version"] != 1 or not is_good:
            self.say(f"changed: number {one['sequence']}, {one['id']}")
        self.previous = stored
        if self.mark is not None and self.mark[0] == one["sequence"]:
            self.met = self.mark[1] == one["hash"]

    def take_orphan(self, record: Record) -> None:
        self.say(f"put in: {record['id']} {record['what']}")

    def take_account(self, record: Record) -> None:
        stands = self.stands.pop(record["id"], [0, 0, 0, 0])
        if stands != [record[name] for name in SUMS]:
            self.say(f"account {record['code']} does not stand at the sum of its entries")

    def take_moving_account(self, record: Record) -> None:
        """One that others posted to while the export was written."""
        self.stands.pop(record["id"], None)
        self.moving += 1

    def finish(self) -> None:
        if self.head is None and self.sealed:
            self.say("the head is missing")
        elif self.head is not None and self.head != (self.sealed, self.previous.hex()):
            self.say(f"cut off or forged: the head is at {self.head[0]}, the chain ends at {self.sealed}")
        if self.mark is not None and not self.met:
            self.say(f"the chain does not go through the mark at {self.mark[0]}")
        for account in self.stands:
            self.say(f"account {account} is missing")


def records_of_file(path: str) -> Iterator[Record]:
    """Of an export: a record a line."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def records_of_sqlite(connection: sqlite3.Connection) -> Iterator[Record]:
    """Of a database: the same records."""
    connection.row_factory = sqlite3.Row
    for head in connection.execute("SELECT sequence, lower(hex(hash)) AS hash FROM ledger_chain"):
        yield {"record": "head", **dict(head)}
    seals = connection.execute(
        "SELECT s.sequence, lower(hex(s.hash)) AS hash, s.seal_version, s.transaction_id, u.transaction_id"
        " IS NOT NULL AS waits, t.* FROM ledger_transactions t LEFT JOIN ledger_seals s ON s.transaction_id"
        " = t.id LEFT JOIN ledger_unsealed u ON u.transaction_id = t.id"
        " ORDER BY s.sequence IS NULL, s.sequence"
    )
    for row in seals:
        entries = connection.execute(
            "SELECT e.*, a.code, a.kind AS account_kind, a.currency AS account_currency FROM ledger_entries e"
            " LEFT JOIN ledger_accounts a ON a.id = e.account_id WHERE e.transaction_id = ?"
            " ORDER BY e.position", (row["id"],),
        )  # fmt: skip
        yield {"record": "transaction", **dict(row), "entries": [dict(entry) for entry in entries]}
    lost = (
        ("ledger_entries", "has entries and no transaction"),
        ("ledger_seals", "has a seal and no transaction"),
    )
    for table, what in lost:
        found = connection.execute(
            f"SELECT DISTINCT transaction_id AS id FROM {table} x WHERE NOT EXISTS"
            " (SELECT 1 FROM ledger_transactions t WHERE t.id = x.transaction_id)"
        )
        for row in found:
            yield {"record": "orphan", "id": row["id"], "what": what}
    misheld = connection.execute(
        "WITH held AS (SELECT id, expires_at FROM ledger_transactions h WHERE kind = 'hold' AND NOT EXISTS"
        " (SELECT 1 FROM ledger_transactions t WHERE t.hold_id = h.id)),"
        " listed AS (SELECT hold_id AS id, expires_at FROM ledger_open_holds)"
        " SELECT * FROM (SELECT * FROM held EXCEPT SELECT * FROM listed)"
        " UNION SELECT * FROM (SELECT * FROM listed EXCEPT SELECT * FROM held)"
    )
    for row in misheld:
        yield {"record": "orphan", "id": row["id"], "what": "is not listed among the open holds as it stands"}
    for row in connection.execute("SELECT * FROM ledger_accounts"):
        yield {"record": "account", **dict(row)}


def verify(records: Iterable[Record], mark: Mark | None = None) -> Verification:
    """Goes through the records; answers the verification with its findings."""
    verification = Verification(mark)
    for record in records:
        verification.take(record)
    verification.finish()
    return verification


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("file")
    parser.add_argument("--mark", metavar="SEQUENCE:HASH")
    given = parser.parse_args(arguments)
    mark = None
    if given.mark:
        sequence, _, digest = given.mark.strip().lower().partition(":")
        mark = (int(sequence), digest)
    with open(given.file, "rb") as file:
        is_sqlite = file.read(16) == b"SQLite format 3\0"
    if is_sqlite:
        records = records_of_sqlite(sqlite3.connect(f"file:{given.file}?mode=ro", uri=True))
    else:
        records = records_of_file(given.file)
    verification = verify(records, mark)
    for finding in verification.findings:
        print(finding)
    if verification.moving:
        print(f"{verification.moving} accounts moved meanwhile, and were not compared with their entries.")
    print(f"{verification.sealed} sealed, {verification.unsealed} not sealed yet,", end=" ")
    print(f"{len(verification.findings)} findings; the chain ends at", end=" ")
    print(f"{verification.sealed}:{verification.previous.hex()}")
    return 1 if verification.findings else 0


if __name__ == "__main__":
    sys.exit(main())
