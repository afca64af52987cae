"""The sandbox and bank transfers keep the promises of a gateway, and the sandbox plays its scripts."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import pytest
from tests.paying import SECRET, MovedTime

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.adapters.contracts.gateway import GatewayContract, a_question, an_order
from multiproduct.adapters.manual import BankTransferGateway
from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.sandbox import MAGIC_AMOUNTS, SCRIPTS, SandboxGateway, Script, drawn
from multiproduct.adapters.sandbox.signing import HEADER
from multiproduct.application.payments.gateways import CallbackRequest, HoldOrder, NotSent, money
from multiproduct.domain.payments import (
    Authorised,
    CallbackRefused,
    CalledOff,
    Declined,
    Outcome,
    Pending,
    Settled,
    Unknown,
)


async def _nothing(key: UUID) -> None:
    """It succeeds by itself."""


class TestSandbox(GatewayContract):
    @pytest.fixture
    def books(self):
        return MemoryDatabase(real_time=MovedTime()).sandbox_books

    @pytest.fixture
    def gateway(self, books) -> SandboxGateway:
        return SandboxGateway(books=books, clock=MovedTime(), secret=SECRET)

    @pytest.fixture
    def settle(self) -> Callable[[UUID], Awaitable[None]]:
        return _nothing

    @pytest.fixture
    def charged(self, books) -> Callable[[UUID], Awaitable[int]]:
        async def charged(key: UUID) -> int:
            record = await books.find(str(key))
            return 0 if record is None else record.moved

        return charged


class TestBankTransfer(GatewayContract):
    """Nobody but staff knows what was paid: its books are what was confirmed."""

    @pytest.fixture
    def confirmed(self) -> set[UUID]:
        return set()

    @pytest.fixture
    def gateway(self) -> BankTransferGateway:
        return BankTransferGateway(account="A bank, 12345", clock=MovedTime())

    @pytest.fixture
    def settle(self, confirmed: set[UUID]) -> Callable[[UUID], Awaitable[None]]:
        async def settle(key: UUID) -> None:
            confirmed.add(key)

        return settle

    @pytest.fixture
    def charged(self, confirmed: set[UUID]) -> Callable[[UUID], Awaitable[int]]:
        async def charged(key: UUID) -> int:
            return 1_234 if key in confirmed else 0

        return charged


@pytest.fixture
def sandbox() -> SandboxGateway:
    time = MovedTime()
    return SandboxGateway(books=MemoryDatabase(real_time=time).sandbox_books, clock=time, secret=SECRET)


FIRST_ANSWERS: dict[Script, type[Outcome] | type[Exception]] = {
    Script.APPROVE: Settled,
    Script.INSUFFICIENT_FUNDS: Declined,
    Script.STOLEN_CARD: Declined,
    Script.REQUIRES_ACTION: Pending,
    Script.PENDING: Pending,
    Script.UNKNOWN_THEN_SETTLED: Unknown,
    Script.UNKNOWN_THEN_DECLINED: Unknown,
    Script.NEVER_KNOWN: Unknown,
    Script.TIMEOUT_AFTER_CHARGE: TimeoutError,
    Script.TIMEOUT_BEFORE_CHARGE: TimeoutError,
    Script.UNREACHABLE: NotSent,
    Script.DECLINE_ONCE_THEN_APPROVE: Declined,
    Script.DECLINE_TWICE_THEN_APPROVE: Declined,
    Script.DECLINE_THRICE_THEN_APPROVE: Declined,
    Script.AUTHENTICATION_REQUIRED: Pending,
    Script.OTHER_AMOUNT: Settled,
    Script.REFUND_UNKNOWN: Settled,
    Script.REFUND_DECLINED: Settled,
}


@pytest.mark.parametrize("script", list(Script))
async def test_every_script_is_played_and_documented(sandbox: SandboxGateway, script: Script) -> None:
    assert f"`tok_{script.value}`" in drawn()
    assert SCRIPTS[script]
    method = await sandbox.store_method(key=a_uuid(), owner_id=a_uuid(), token=f"tok_{script.value}")
    order = replace(an_order(), token=method.token)
    expected = FIRST_ANSWERS[script]
    if issubclass(expected, Exception):
        with pytest.raises(expected):
            await sandbox.charge(order)
    else:
        assert type(await sandbox.charge(order)) is expected


@pytest.mark.parametrize(("minor", "script"), MAGIC_AMOUNTS.items())
async def test_amounts_choose_scripts_where_no_method_does(
    sandbox: SandboxGateway, minor: int, script: Script
) -> None:
    order = replace(an_order(), amount=money(50_000_000 + minor, "USD"))
    expected = FIRST_ANSWERS[script]
    if issubclass(expected, Exception):
        with pytest.raises(expected):
            await sandbox.charge(order)
    else:
        assert type(await sandbox.charge(order)) is expected


async def test_off_session_a_bank_may_want_the_payer(sandbox: SandboxGateway) -> None:
    method = await sandbox.store_method(key=a_uuid(), owner_id=a_uuid(), token="tok_authentication_required")
    order = replace(an_order(), token=method.token, is_off_session=True)
    assert await sandbox.charge(order) == Declined(
        code="authentication_required", reference=f"sbx_{order.key}"
    )


async def test_a_changed_callback_is_refused(sandbox: SandboxGateway) -> None:
    order = replace(an_order(), amount=money(9_903, "USD"))
    await sandbox.charge(order)
    callback = await sandbox.approve(order.key)
    (notice,) = sandbox.read_callback(callback)
    assert notice.outcome == Settled(reference=f"sbx_{order.key}", amount=order.amount)
    changed = callback.body.replace(b"9903", b"9904")
    assert changed != callback.body
    for forged in (
        CallbackRequest(headers=callback.headers, body=changed),
        CallbackRequest(headers=callback.headers, body=callback.body + b" "),
        CallbackRequest(headers={HEADER: "0" * 64}, body=callback.body),
        CallbackRequest(headers={HEADER: "ü"}, body=callback.body),
    ):
        with pytest.raises(CallbackRefused):
            sandbox.read_callback(forged)


async def test_what_is_held_is_captured_up_to_the_whole_and_released(sandbox: SandboxGateway) -> None:
    order = replace(an_order(), amount=money(1_000, "USD"))
    assert isinstance(await sandbox.authorise(order), Authorised)

    def part(minor: int) -> HoldOrder:
        return HoldOrder(key=a_uuid(), amount=money(minor, "USD"), hold_key=order.key, hold_reference=None)

    first = part(700)
    assert [type(await sandbox.capture(first)) for _ in range(2)] == [Settled, Settled]
    assert isinstance(await sandbox.capture(part(301)), Declined)
    assert isinstance(await sandbox.release(part(300)), CalledOff)
    assert isinstance(await sandbox.capture(part(1)), Declined)
    assert isinstance(await sandbox.ask(a_question(order)), CalledOff)
