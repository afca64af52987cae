"""What every store must do with the ledger: judge a batch by the domain's rules, keep what was written for
good, and tell what stood where at any instant."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from multiproduct.adapters.contracts.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    UNUSUAL_TEXT,
    a_user_id,
    a_uuid,
)
from multiproduct.adapters.contracts.ledger_books import (
    CASH,
    FUNDS,
    SALES,
    YEN,
    Books,
    holding,
    moving,
    usd,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.caller import SYSTEM
from multiproduct.application.ledger import AsOf
from multiproduct.application.ledger.ports import StatementLine, Sums
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.ledger import (
    AccountKind,
    AccountSpec,
    NewReversal,
    NewTransaction,
    PeriodChange,
    Posted,
    SettleHold,
    Transaction,
    VoidHold,
    credit,
    debit,
)

_SECRET = b"s" * 32


class LedgerContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_an_account_is_opened_once_and_kept_as_it_is(self, units: Units[StoreUnit]) -> None:
        books, owner = Books(units), a_user_id()
        spec = AccountSpec.never_negative("wallet:1", AccountKind.LIABILITY, "JPY", owner_id=owner)
        first = (await books.open(spec, CASH))["wallet:1"]
        again = (await books.open(spec))["wallet:1"]
        assert (first.id, first.created_at) == (again.id, NOW)
        assert again == first
        assert again.is_as(spec)
        assert await in_view(units, lambda unit: unit.ledger_accounts.with_id(first.id)) == first
        assert await in_view(units, lambda unit: unit.ledger_accounts.with_id(a_uuid())) is None

    async def test_rivals_open_one_account(self, units: Units[StoreUnit]) -> None:
        books = Books(units)

        async def open_one(unit: StoreUnit) -> UUID:
            account = (await books.accounts.ensure(unit, [CASH, SALES]))["cash"]
            await unit.commit()
            return account.id

        assert len(set(await race(units, 6, open_one))) == 1

    async def test_every_item_of_a_batch_has_its_own_code(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS, SALES, YEN)
        unbalanced = NewTransaction(entries=(debit("cash", usd(2)), credit("funds", usd(1))))
        mixed = NewTransaction(entries=(debit("yen", usd(1)), credit("funds", usd(1))))
        codes = await books.write(
            moving("cash", "funds", 100, key="a"),
            moving("funds", "sales", 101),
            unbalanced,
            mixed,
            moving("cash", "nowhere", 1),
            moving("funds", "sales", 40),
            moving("cash", "funds", 100, key="a"),
            moving("cash", "funds", 99, key="a"),
        )
        assert codes == [
            "posted",
            "exceeds_limit",
            "unbalanced",
            "currency_mismatch",
            "account_not_found",
            "posted",
            "exists",
            "exists_with_different_content",
        ]
        assert await books.sums("cash") == (100, 0, 0, 0)
        assert await books.sums("funds") == (40, 100, 0, 0)
        assert await books.sums("sales") == (0, 40, 0, 0)

    async def test_what_is_linked_stands_or_falls_together(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS, SALES)
        codes = await books.write(
            moving("cash", "funds", 10),
            moving("cash", "funds", 5, key="k", linked=True),
            moving("funds", "sales", 12, linked=True),
            moving("funds", "sales", 4),
            moving("cash", "funds", 1, linked=True),
            moving("funds", "sales", 11),
            moving("cash", "funds", 2, linked=True),
        )
        failed = "linked_failed"
        assert codes == ["posted", failed, failed, "exceeds_limit", "posted", "posted", "linked_chain_open"]
        assert await books.sums("funds") == (11, 11, 0, 0)
        assert await books.write(moving("cash", "funds", 5, key="k")) == ["posted"]

    async def test_a_key_that_was_refused_for_the_state_of_things_stays_used_up(
        self, units: Units[StoreUnit]
    ) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS, SALES)
        assert await books.write(moving("funds", "sales", 5, key="k")) == ["exceeds_limit"]
        await books.write(moving("cash", "funds", 50))
        assert await books.write(moving("funds", "sales", 5, key="k")) == ["key_already_failed"]
        broken = NewTransaction(entries=(debit("cash", usd(1)),), key="m")
        assert await books.write(broken) == ["too_few_entries"]
        assert await books.write(moving("cash", "funds", 5, key="m")) == ["posted"]

    async def test_a_repetition_finds_what_was_written_by_all_it_has(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS)
        item = NewTransaction(
            entries=(debit("cash", usd(3)), credit("funds", usd(1)), credit("funds", usd(2))),
            description=UNUSUAL_TEXT,
            reference=UNUSUAL_TEXT,
            key=UNUSUAL_TEXT,
            effective_at=NOW - DAY,
            actor_id=a_user_id(),
        )
        first = await books.write_one(item)
        books.clock.at = NOW + HOUR
        again = await in_one_unit(units, lambda unit: books.posting.post_one(unit, item))
        assert again == Posted(first, again.code)
        assert again.code.value == "exists"
        (found,) = await in_view(
            units,
            lambda unit: unit.ledger_journal.page(reference=UNUSUAL_TEXT, before=None, limit=5),
        )
        assert found == first

    async def test_a_hold_reserves_and_is_posted_in_part(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS, SALES)
        await books.write(moving("cash", "funds", 100))
        hold = await books.write_one(holding("funds", "sales", 80))
        assert await books.sums("funds") == (0, 100, 80, 0)
        assert await books.write(moving("funds", "sales", 21)) == ["exceeds_limit"]
        assert await books.write(SettleHold(hold_id=hold.id, minor=81)) == ["exceeds_hold"]
        assert await books.write(SettleHold(hold_id=hold.id, minor=30)) == ["posted"]
        assert await books.sums("funds") == (30, 100, 0, 0)
        assert await books.sums("sales") == (0, 30, 0, 0)
        codes = await books.write(SettleHold(hold_id=hold.id), VoidHold(hold_id=hold.id))
        assert codes == ["hold_already_posted"] * 2
        assert await in_view(units, lambda unit: unit.ledger_journal.open_holds(after=None, limit=9)) == []

    async def test_a_hold_is_voided_or_times_out(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS, SALES)
        await books.write(moving("cash", "funds", 100))
        voided = await books.write_one(holding("funds", "sales", 10))
        timed = await books.write_one(holding("funds", "sales", 20, expires_at=NOW + HOUR))
        assert await books.write(VoidHold(hold_id=voided.id)) == ["posted"]
        assert await books.write(VoidHold(hold_id=timed.id, is_timeout=True)) == ["hold_not_expired"]
        late = NOW + HOUR
        over = partial(_expired, now=late)
        assert await in_view(units, partial(_expired, now=late - MINUTE)) == []
        assert await in_view(units, over) == [timed.id]
        books.clock.at = late
        assert await books.write(SettleHold(hold_id=timed.id)) == ["hold_expired"]
        assert await books.write(VoidHold(hold_id=timed.id, is_timeout=True)) == ["posted"]
        assert await in_view(units, over) == []
        codes = await books.write(SettleHold(hold_id=timed.id), VoidHold(hold_id=voided.id))
        assert codes == ["hold_expired", "hold_already_voided"]
        assert await books.sums("funds") == (0, 100, 0, 0)

    async def test_a_transaction_is_reversed_once(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS)
        wrong = await books.write_one(moving("cash", "funds", 7))
        undo = NewReversal(transaction_id=wrong.id)
        assert await books.write(undo, undo) == ["posted", "already_reversed"]
        assert await books.write(undo, NewReversal(transaction_id=a_uuid())) == [
            "already_reversed",
            "transaction_not_found",
        ]
        assert await books.sums("cash") == (7, 7, 0, 0)

    async def test_what_a_context_posted_is_settled_voided_and_reversed_by_it_alone(
        self, units: Units[StoreUnit]
    ) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS, SALES)
        taken = await books.write_one(moving("cash", "funds", 100, key="payments.take:1"))
        kept, other = [
            await books.write_one(replace(holding("funds", "sales", 30), key=f"payments.refund:{number}"))
            for number in (1, 2)
        ]
        for key in (None, "api/mine", "billing:1", "payments-of-mine"):
            by_hand = (
                SettleHold(hold_id=kept.id, key=key),
                VoidHold(hold_id=kept.id, key=key),
                NewReversal(transaction_id=taken.id, key=key),
            )
            assert [await books.write(each) for each in by_hand] == [["made_by_context"]] * 3
        assert await books.sums("funds") == (0, 100, 60, 0)
        theirs = (
            SettleHold(hold_id=kept.id, key="payments.refunded:1"),
            VoidHold(hold_id=other.id, key="payments.unrefunded:2"),
        )
        assert await books.write(*theirs) == ["posted", "posted"]
        assert await books.sums("funds") == (30, 100, 0, 0)

    async def test_what_is_reckoned_on_the_way_may_need_more_than_64_bits(
        self, units: Units[StoreUnit]
    ) -> None:
        books = Books(units)
        await books.open(CASH, SALES, *(replace(SALES, code=f"sales:{each}") for each in (2, 3)))
        large = 2**62 + 5
        debits = (debit("cash", usd(large)), debit("sales:2", usd(large)))
        credits_ = (credit("sales", usd(large)), credit("sales:3", usd(large)))
        written = await books.write_one(NewTransaction(entries=(*debits, *credits_)))
        assert await books.write(NewReversal(transaction_id=written.id)) == ["posted"]
        assert await books.sums("cash") == (large, large, 0, 0)

    async def test_rivals_never_overdraw(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS, SALES)
        await books.write(moving("cash", "funds", 10))

        async def spend(unit: StoreUnit) -> list[str]:
            items = [moving("funds", "sales", 2), moving("funds", "sales", 1)]
            outcomes = await books.posting.post(unit, items)
            await unit.commit()
            return [outcome.code.value for outcome in outcomes]

        codes = [code for outcome in await race(units, 8, spend) for code in outcome]
        spent = (await books.sums("funds"))[0]
        assert spent in (9, 10)
        assert codes.count("posted") < len(codes)

    async def test_of_rivals_with_one_key_one_posts(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS, SALES)

        async def post(unit: StoreUnit) -> str:
            (outcome,) = await books.posting.post(unit, [moving("cash", "sales", 2, key="one")])
            await unit.commit()
            return outcome.code.value

        assert sorted(await race(units, 6, post)) == ["exists"] * 5 + ["posted"]

    async def test_what_is_not_committed_was_never_there(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS)
        async with units.open(SYSTEM) as unit:
            await books.posting.post(unit, [moving("cash", "funds", 5, key="k")])
        assert await books.sums("cash") == (0, 0, 0, 0)
        assert await books.write(moving("cash", "funds", 5, key="k")) == ["posted"]

    async def test_balances_are_told_as_of_any_instant(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS)
        await books.write(moving("cash", "funds", 1, effective_at=NOW - 2 * DAY))
        books.clock.at = NOW + HOUR
        await books.write(moving("cash", "funds", 2, effective_at=NOW - DAY), moving("cash", "funds", 4))
        debits = [
            (await books.sums("cash", at))[0]
            for at in (
                AsOf(effective=NOW - 2 * DAY),
                AsOf(effective=NOW - DAY),
                AsOf(effective=NOW),
                AsOf(effective=NOW, posted=NOW + MINUTE),
                AsOf(posted=NOW + HOUR),
                AsOf(effective=NOW + DAY),
            )
        ]
        assert debits == [0, 1, 3, 1, 1, 7]
        rows = await in_view(units, lambda unit: unit.ledger_accounts.trial(AsOf(effective=NOW)))
        assert [(row.code, row.kind.value, row.currency, row.sums) for row in rows] == [
            ("cash", "asset", "USD", Sums(3, 0, 0, 0)),
            ("funds", "liability", "USD", Sums(0, 3, 0, 0)),
        ]

    async def test_a_statement_goes_on_where_a_page_ended(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS)
        moments = [NOW - DAY, NOW - 3 * DAY, NOW - DAY, NOW - 2 * DAY, NOW + DAY]
        items = [
            moving("cash", "funds", 2**number, effective_at=moment) for number, moment in enumerate(moments)
        ]
        await books.write(*items)
        await books.write_one(holding("cash", "funds", 999))
        found: list[int] = []
        after = None
        while True:
            lines = await in_view(units, partial(_lines, after=after))
            found += [line.minor for line in lines]
            if len(lines) < 2:
                break
            after = lines[-1].place
        assert found == [2, 8, 1, 4]

    async def test_nothing_becomes_effective_in_a_closed_period(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        await books.open(CASH, FUNDS)
        assert await in_view(units, lambda unit: unit.ledger_periods.last()) is None
        close = PeriodChange.close(None, NOW - DAY, now=NOW, actor_id=a_user_id(), reason=UNUSUAL_TEXT)
        await in_one_unit(units, lambda unit: unit.ledger_periods.add(close))
        early = NOW - DAY - MINUTE
        assert await books.write(
            moving("cash", "funds", 1, effective_at=early), moving("cash", "funds", 1, effective_at=NOW - DAY)
        ) == ["period_closed", "posted"]
        last = await in_view(units, lambda unit: unit.ledger_periods.last())
        assert last == close
        reopened = PeriodChange.reopen(last, None, now=NOW, actor_id=None, reason="late")
        await in_one_unit(units, lambda unit: unit.ledger_periods.add(reopened))
        assert await books.write(moving("cash", "funds", 1, effective_at=early)) == ["posted"]
        changes = await in_view(units, lambda unit: unit.ledger_periods.page(before=None, limit=9))
        assert list(changes) == [reopened, close]

    async def test_a_closed_account_takes_nothing(self, units: Units[StoreUnit]) -> None:
        books = Books(units)
        opened = await books.open(CASH, FUNDS, SALES)
        await books.write(moving("cash", "funds", 1))
        stale = opened["cash"]
        stale.closed_at = NOW
        assert not await in_one_unit(units, lambda unit: unit.ledger_accounts.close(stale))
        empty = opened["sales"]
        empty.close(now=NOW)
        assert await in_one_unit(units, lambda unit: unit.ledger_accounts.close(empty))
        assert not await in_one_unit(units, lambda unit: unit.ledger_accounts.close(empty))
        assert await books.write(moving("cash", "sales", 1)) == ["account_closed"]

    async def test_lists_go_on_where_a_page_ended(self, units: Units[StoreUnit]) -> None:
        books, owner = Books(units), a_user_id()
        specs = [
            AccountSpec(code=f"a:{number}", kind=AccountKind.ASSET, currency="USD", owner_id=owner)
            for number in range(5)
        ]
        await books.open(*specs, FUNDS)
        page = await in_view(
            units,
            lambda unit: unit.ledger_accounts.page(owner_id=owner, kind=None, after="a:1", limit=2),
        )
        assert [account.code for account in page] == ["a:2", "a:3"]
        liabilities = await in_view(
            units,
            lambda unit: unit.ledger_accounts.page(
                owner_id=None, kind=AccountKind.LIABILITY, after=None, limit=9
            ),
        )
        assert [account.code for account in liabilities] == ["funds"]
        written = [await books.write_one(moving("a:0", "funds", 1)) for _ in range(5)]
        newest = await in_view(
            units,
            lambda unit: unit.ledger_journal.page(reference=None, before=written[3].id, limit=2),
        )
        assert list(newest) == [written[2], written[1]]
        assert await in_view(units, _every) == written


async def _expired(unit: StoreUnit, *, now: datetime) -> Sequence[UUID]:
    return await unit.ledger_journal.expired(now=now, limit=9)


async def _lines(unit: StoreUnit, *, after: tuple[datetime, UUID, int] | None) -> Sequence[StatementLine]:
    return await unit.ledger_accounts.statement(
        "cash", since=NOW - 3 * DAY, until=NOW + DAY, after=after, limit=2
    )


async def _every(unit: StoreUnit) -> list[Transaction]:
    return [each async for page in unit.ledger_journal.every(page=2) for each in page]
