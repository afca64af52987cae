"""Every action that the source system's audit log knows is logged, by doing it."""

from uuid import uuid4

import pytest
from tests.unit.application.identity.people import a_member, open_house, signed_in

from multiproduct.application.audit import ReadAuditLog
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
from multiproduct.application.catalog.commands import CreatePlan, CreateProduct
from multiproduct.application.identity import SignInWithPassword, SignOut, UpdateProfile
from multiproduct.application.money import MoneyInput
from multiproduct.application.payments.commands import StoreMethod
from multiproduct.application.subscriptions.commands import Purchase, PurchaseItem
from multiproduct.domain.catalog import ProductStatus
from multiproduct.domain.identity import InvalidCredentials
from multiproduct.domain.shared import Action

FLUXUS = ("create", "update", "delete", "login", "logout", "payment", "subscription")
"""Its AuditLog.action, in its order."""
TONY = "tony@stark.com"


async def _create(house) -> None:
    await a_member(house, "pepper@stark.com")


async def _update(house) -> None:
    tokens = await signed_in(house, TONY)
    caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
    await house.identity.profile.update(UpdateProfile(first_name="Anthony"), caller)


async def _delete(house) -> None:
    tokens = await signed_in(house, TONY)
    caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
    await house.identity.erasing.erase_own(caller)


async def _login(house) -> None:
    await signed_in(house, TONY)


async def _logout(house) -> None:
    tokens = await signed_in(house, TONY)
    await house.identity.sessions.sign_out(SignOut(refresh=tokens.refresh), ANYBODY)


async def _refuse(house) -> None:
    with pytest.raises(InvalidCredentials):
        await house.identity.sign_in.with_password(
            SignInWithPassword(email=TONY, password="not the right one"), ANYBODY
        )


async def _read(house) -> None:
    await house.audit.queries.entries(ReadAuditLog(user_id=uuid4()), SYSTEM)


async def _purchase(house) -> None:
    product = await house.catalog.products.create(CreateProduct(name="CRM"), SYSTEM)
    price = MoneyInput(amount="10.00", currency="USD")
    plan = CreatePlan(product=product.slug, name="Gold", code="GOLD", cycle="monthly", prices=[price])
    await house.catalog.plans.create(plan, SYSTEM)
    await house.catalog.products.move(product.id, ProductStatus.PUBLISHED, SYSTEM)
    tokens = await signed_in(house, TONY)
    tony = Caller(principal=await house.identity.authenticating.principal(tokens.access))
    card = await house.payments.methods.store(StoreMethod(gateway="STARK_PAY", token="tok_approve"), tony)
    await house.subscriptions.purchasing.purchase(
        Purchase(
            items=[PurchaseItem(plan="GOLD", product=product.slug)],
            method_id=card.id,
        ),
        tony,
    )


DOING = {
    "create": (_create, "user"),
    "update": (_update, "user"),
    "delete": (_delete, "user"),
    "login": (_login, "session"),
    "logout": (_logout, "session"),
    "payment": (_purchase, "payment"),
    "subscription": (_purchase, "subscription"),
    # Ours, besides: SPEC asks for refusals, and for what staff read of others.
    "refuse": (_refuse, "sign_in"),
    "read": (_read, "audit_log"),
}


def test_every_action_is_done_here():
    assert set(FLUXUS) <= {action.value for action in Action}
    assert {action.value for action in Action} == set(DOING)


@pytest.mark.parametrize("action", DOING)
async def test_doing_it_leaves_an_entry(action):
    do, resource_type = DOING[action]
    async with open_house() as house:
        await a_member(house, TONY)

        async def count() -> int:
            query = ReadAuditLog(action=action, resource_type=resource_type, limit=200)
            return len((await house.audit.queries.entries(query, SYSTEM)).items)

        before = await count()
        await do(house)
        # Counting is itself a read that is logged.
        assert await count() > before + (action == "read")
