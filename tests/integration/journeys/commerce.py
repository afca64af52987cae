"""A shop for journeys: what is sold, who buys it, and what the books say afterwards, read by SQL."""

from collections import Counter
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
from sqlalchemy import text, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from tests.unit.application.identity.role_holders import Holder, a_holder

from multiproduct.adapters.sql.engine import normalised
from multiproduct.adapters.sql.tables import metadata
from multiproduct.application.caller import SYSTEM, Caller, Principal
from multiproduct.application.catalog import CreatePlan, CreateProduct
from multiproduct.application.payments.commands import StoreMethod
from multiproduct.application.subscriptions.commands import Purchase
from multiproduct.application.subscriptions.results import PurchaseView
from multiproduct.domain.catalog import ProductStatus
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

STARK_PAY = "STARK_PAY"
PRICE = 1_000
PURCHASES = "/api/v1/subscriptions/purchases"
ONE_PURCHASE = Counter(
    {
        "subscriptions.ordered": 1,
        "billing.order_placed": 1,
        "billing.invoice_issued": 1,
        "billing.transaction_begun": 1,
        "payments.payment_requested": 1,
        "payments.payment_settled": 1,
        "billing.invoice_paid": 1,
        "billing.order_completed": 1,
        "billing.transaction_ended": 1,
        "subscriptions.activated": 1,
    }
)
"""What the audit log tells of a purchase, each once."""
_COMMERCE = ("subscriptions", "billing", "payments")
_LEASED = ("payment_attempts", "payment_refunds", "subscriptions", "orders", "invoices", "jobs", "todos")
_ATTEMPTS = (
    "SELECT a.id FROM payment_attempts a JOIN payments p ON p.id = a.payment_id WHERE p.payer_id = :user"
    " ORDER BY a.created_at, a.id"
)


@dataclass
class Shop:
    """One product with a plan of 10.00 USD a month, in an installation's database."""

    house: Multiproduct
    plan: str

    async def customer(self) -> Holder:
        """Somebody who is signed in."""
        return await a_holder(self.house.container)

    async def card(self, user_id: UUID, script: str = "approve") -> UUID:
        """A stored method that plays the script."""
        command = StoreMethod(gateway=STARK_PAY, token=f"tok_{script}")
        return (await self.house.payments.methods.store(command, as_person(user_id))).id

    async def bought(self, user_id: UUID, method_id: UUID | None = None) -> PurchaseView:
        """Bought by the library, in this process."""
        command = Purchase.model_validate(
            {"items": [{"plan": self.plan}], "payment_method": STARK_PAY, "method_id": method_id}
        )
        return await self.house.subscriptions.purchasing.purchase(command, as_person(user_id))

    def order(self, **more: Any) -> dict[str, Any]:
        """The body of a purchase over HTTP."""
        return {"plan": self.plan, "payment_method": STARK_PAY, **more}


async def open_shop(house: Multiproduct) -> Shop:
    """Publishes what is sold."""
    code = f"CRM-{uuid4().hex[:8]}".upper()
    product = await house.catalog.products.create(CreateProduct(name=code, code=code), SYSTEM)
    await house.catalog.products.move(product.id, ProductStatus.PUBLISHED, SYSTEM)
    plan = await house.catalog.plans.create(
        CreatePlan.model_validate(
            {
                "product": code,
                "name": "Gold",
                "code": f"{code}-GOLD",
                "cycle": "monthly",
                "prices": [{"amount": "10.00", "currency": "USD"}],
            }
        ),
        SYSTEM,
    )
    return Shop(house=house, plan=str(plan.id))


def settings_of(database_url: str, folder: Path, **more: Any) -> dict[str, Any]:
    """Of a process beside the installation's own, which runs neither reactions nor jobs."""
    return {
        "database_url": database_url,
        "mailbox_dir": str(folder / "mailbox"),
        "password_cost": "test",
        "rate_limit_profile": "unlimited",
        "inline_worker": False,
        **more,
    }


def opened_shop_house(settings: dict[str, Any]) -> Multiproduct:
    """The library on the settings."""
    return Multiproduct.from_settings(Settings(**settings))


def as_person(user_id: UUID) -> Caller:
    """Somebody who may do no more than everybody."""
    return Caller(principal=Principal(user_id=user_id))


def buy(http: httpx2.Client, token: str, order: dict[str, Any], *, key: str | None = None) -> httpx2.Response:
    """Buys over HTTP."""
    headers = {"Authorization": f"Bearer {token}"}
    if key is not None:
        headers["Idempotency-Key"] = key
    return http.post(PURCHASES, json=order, headers=headers)


class Books:
    """The database as an auditor reads it: by SQL alone, with sums of its own."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(normalised(url))

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _connected(self) -> Any:
        async with self._engine.connect() as connection:
            yield connection

    async def end_leases(self) -> None:
        """What waiting does, without the wait: what a dead process had leased is free, and todos are due."""
        async with self._engine.begin() as connection:
            for name in _LEASED:
                await connection.execute(update(metadata.tables[name]).values(leased_until=None))
            todos = metadata.tables["todos"]
            past = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
            await connection.execute(update(todos).values(due_at=past))

    async def is_quiet(self) -> bool:
        """Whether no reaction is owed and no job is under way."""
        async with self._connected() as connection:
            (todos,) = await _rows(connection, "SELECT COUNT(*) FROM todos")
            (jobs,) = await _rows(connection, "SELECT COUNT(*) FROM jobs WHERE leased_until IS NOT NULL")
        return bool(todos[0] == 0 and jobs[0] == 0)

    async def require_one_purchase(self, user_id: UUID) -> None:
        """One order, one invoice, one charge, one active subscription, each told once by the audit log."""
        async with self._connected() as connection:
            of = {"user": _as_stored(connection, user_id)}
            orders = await _rows(connection, "SELECT status FROM orders WHERE customer_id = :user", of)
            assert [each.status for each in orders] == ["completed"], orders
            invoices = await _rows(
                connection,
                "SELECT status, total_minor, paid_minor FROM invoices WHERE customer_id = :user",
                of,
            )
            assert [tuple(each) for each in invoices] == [("paid", PRICE, PRICE)], invoices
            subscriptions = await _rows(
                connection, "SELECT status, period_number FROM subscriptions WHERE user_id = :user", of
            )
            assert [tuple(each) for each in subscriptions] == [("active", 1)], subscriptions
            charged = await _charged(connection, user_id)
            assert charged == [PRICE], charged
            told = await _audited(connection, user_id)
        assert told == ONE_PURCHASE, told - ONE_PURCHASE | ONE_PURCHASE - told

    async def charged(self, user_id: UUID) -> list[int]:
        """Every charge of a person in the sandbox's own books that moved money."""
        async with self._connected() as connection:
            return await _charged(connection, user_id)

    async def invoices(self, user_id: UUID) -> Sequence[Row[Any]]:
        """Status and amounts of a person's invoices, in the order of issue."""
        async with self._connected() as connection:
            return await _rows(
                connection,
                "SELECT id, status, total_minor, paid_minor, credited_minor, returned_minor FROM invoices"
                " WHERE customer_id = :user ORDER BY sequence",
                {"user": _as_stored(connection, user_id)},
            )

    async def subscription_charges(self, subscription_id: UUID) -> Sequence[Row[Any]]:
        """What a subscription was billed."""
        async with self._connected() as connection:
            return await _rows(
                connection,
                "SELECT kind, number, status, minor, credited, invoice_id FROM subscription_charges"
                " WHERE subscription_id = :it ORDER BY created_at, id",
                {"it": _as_stored(connection, subscription_id)},
            )

    async def attempts(self, user_id: UUID) -> list[UUID]:
        """The keys of a person's payments at the gateway, oldest first."""
        async with self._connected() as connection:
            rows = await _rows(connection, _ATTEMPTS, {"user": _as_stored(connection, user_id)})
        return [_as_uuid(each.id) for each in rows]

    async def audited(self, user_id: UUID) -> Counter[str]:
        """How often the audit log tells of each thing that concerns a person's purchases."""
        async with self._connected() as connection:
            return await _audited(connection, user_id)

    async def require_each_invoice_charged_once(self, user_id: UUID) -> None:
        """No invoice has two payments that took money, and none of these took more than it was for."""
        async with self._connected() as connection:
            of = {"user": _as_stored(connection, user_id)}
            twice = await _rows(
                connection,
                "SELECT a.invoice_id, COUNT(*) AS times FROM settlement_allocations a"
                " JOIN settlements s ON s.id = a.settlement_id JOIN payments p ON p.id = s.payment_id"
                " WHERE s.customer_id = :user AND p.settled > 0 GROUP BY a.invoice_id HAVING COUNT(*) > 1",
                of,
            )
            payments = await _rows(
                connection, "SELECT minor, settled FROM payments WHERE payer_id = :user AND settled > 0", of
            )
            charged = await _charged(connection, user_id)
        assert not twice, twice
        assert sorted(charged) == sorted(each.settled for each in payments), (charged, payments)
        assert all(each.settled == each.minor for each in payments), payments

    async def require_money_accounted_for(self, user_id: UUID) -> None:
        """What was taken of a person and not given back pays for their invoices or stands in their funds."""
        async with self._connected() as connection:
            of = {"user": _as_stored(connection, user_id)}
            (taken,) = await _rows(
                connection, "SELECT SUM(settled - refunded) AS minor FROM payments WHERE payer_id = :user", of
            )
            (paid,) = await _rows(
                connection,
                "SELECT SUM(paid_minor - returned_minor) AS minor FROM invoices WHERE customer_id = :user",
                of,
            )
            (funds,) = await _rows(
                connection,
                "SELECT COALESCE(SUM(posted_credits - posted_debits), 0) AS minor FROM ledger_accounts"
                " WHERE code = :code",
                {"code": f"customer_funds:{user_id}:USD"},
            )
        assert taken.minor == paid.minor + funds.minor, (taken, paid, funds)

    async def require_balance(self) -> None:
        """The trial balance is zero, accounts are the sums of their entries, nothing is held, the gateway's
        account is what the sandbox's own books say, and what customers owe is what their invoices say."""
        async with self._connected() as connection:
            await _require_trial_balance(connection)
            await _require_gateway_agrees(connection)
            await _require_invoices_agree(connection)
            await _require_audit_whole(connection)


async def _rows(
    connection: AsyncConnection, statement: str, values: dict[str, Any] | None = None
) -> Sequence[Row[Any]]:
    return list((await connection.execute(text(statement), values or {})).all())


def _as_stored(connection: AsyncConnection, id: UUID) -> Any:
    column = metadata.tables["orders"].c.customer_id
    process = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return process(id) if process else id


async def _charged(connection: AsyncConnection, user_id: UUID) -> list[int]:
    attempts = await _rows(connection, _ATTEMPTS, {"user": _as_stored(connection, user_id)})
    keys = {str(_as_uuid(each.id)) for each in attempts}
    records = await _rows(
        connection, "SELECT key, moved FROM sandbox_records WHERE kind = 'charge' AND moved > 0"
    )
    return [each.moved for each in records if each.key in keys]


def _as_uuid(stored: Any) -> UUID:
    return UUID(bytes=stored) if isinstance(stored, bytes) else UUID(str(stored))


async def _audited(connection: AsyncConnection, user_id: UUID) -> Counter[str]:
    rows = await _rows(
        connection, "SELECT event FROM audit_entries WHERE user_id = :user", {"user": str(user_id)}
    )
    return Counter(each.event for each in rows if each.event.split(".")[0] in _COMMERCE)


async def _require_trial_balance(connection: AsyncConnection) -> None:
    sums = await _rows(
        connection,
        "SELECT currency, SUM(posted_debits) AS debits, SUM(posted_credits) AS credits,"
        " SUM(pending_debits + pending_credits) AS pending FROM ledger_accounts GROUP BY currency",
    )
    assert sums, "nothing was ever posted"
    for each in sums:
        assert (each.debits - each.credits, each.pending) == (0, 0), each
    apart = await _rows(
        connection,
        "SELECT a.code FROM ledger_accounts a LEFT JOIN ("
        " SELECT account_id, SUM(CASE WHEN side = 'debit' THEN minor ELSE 0 END) AS debits,"
        " SUM(CASE WHEN side = 'credit' THEN minor ELSE 0 END) AS credits"
        " FROM ledger_entries WHERE effect = 'post' GROUP BY account_id) e ON e.account_id = a.id"
        " WHERE a.posted_debits <> COALESCE(e.debits, 0) OR a.posted_credits <> COALESCE(e.credits, 0)",
    )
    assert not apart, apart


async def _require_gateway_agrees(connection: AsyncConnection) -> None:
    (account,) = await _rows(
        connection,
        "SELECT SUM(posted_debits - posted_credits) AS balance FROM ledger_accounts WHERE code = :code",
        {"code": f"gateway:{STARK_PAY}:USD"},
    )
    sandbox = metadata.tables["sandbox_records"]
    records = (await connection.execute(sandbox.select().where(sandbox.c.kind == "charge"))).all()
    moved = sum(each.moved - sum(each.document.get("refunds", {}).values()) for each in records)
    assert account.balance == moved, (account.balance, moved)


async def _require_invoices_agree(connection: AsyncConnection) -> None:
    due = Counter[str]()
    for each in await _rows(
        connection,
        "SELECT customer_id, total_minor - credited_minor - paid_minor + returned_minor AS due FROM invoices"
        " WHERE status = 'open'",
    ):
        due[f"receivable:{_as_uuid(each.customer_id)}:USD"] += each.due
    owed = {
        each.code: int(each.balance)
        for each in await _rows(
            connection,
            "SELECT code, posted_debits - posted_credits AS balance FROM ledger_accounts"
            " WHERE code LIKE 'receivable:%' AND posted_debits <> posted_credits",
        )
    }
    assert owed == {code: minor for code, minor in due.items() if minor}, (owed, due)


async def _require_audit_whole(connection: AsyncConnection) -> None:
    """Each event has its row in the audit log, and the rows of a subscription lead from state to state up to
    the one it is in."""
    events = Counter(each.name for each in await _rows(connection, "SELECT name FROM events"))
    audited = Counter(each.event for each in await _rows(connection, "SELECT event FROM audit_entries"))
    assert events == audited, events - audited | audited - events
    entries = metadata.tables["audit_entries"]
    trail = (
        await connection.execute(
            entries.select().where(entries.c.resource_type == "subscription").order_by(entries.c.id)
        )
    ).all()
    told: dict[str, str] = {}
    for entry in trail:
        if "status" in entry.changes:
            before, after = entry.changes["status"]
            assert before in (None, told.get(entry.resource_id)), (entry, told.get(entry.resource_id))
            told[entry.resource_id] = after
    present = {
        str(_as_uuid(each.id)): each.status
        for each in await _rows(connection, "SELECT id, status FROM subscriptions")
    }
    assert told == present
