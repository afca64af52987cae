"""People who are about to buy: members, signed in, each with a stored card, and a plan that is for sale.

`python -m benchmarks.buyers NUMBER FILE`, with the product's settings in the environment, makes them.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.accounts import account, sign_in_body
from multiproduct import Multiproduct
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import CreateAdmin, SignInWithPassword, Tokens
from multiproduct.application.payments.commands import StoreMethod

PURCHASES = "/api/v1/subscriptions/purchases"
GATEWAY = "STARK_PAY"
PLAN = "MONTHLY_SILVER"
PRODUCT = "STARK-MK85"
CARD = "tok_approve"
TOGETHER = 8


def purchase_body(buyer: dict[str, str]) -> dict[str, Any]:
    """One plan, paid at once by the stored card."""
    return {
        "items": [{"plan": PLAN, "product": PRODUCT}],
        "currency": "USD",
        "payment_method": GATEWAY,
        "method_id": buyer["card"],
    }


def purchase_headers(buyer: dict[str, str]) -> dict[str, str]:
    """With the key that a client sends which may have to repeat itself."""
    return {"Authorization": f"Bearer {buyer['access']}", "Idempotency-Key": buyer["key"]}


def is_active(answer: bytes) -> bool:
    """Whether what a purchase answers is a subscription that runs."""
    return bool(json.loads(answer)["subscriptions"][0]["status"] == "active")


async def a_buyer(house: Multiproduct, index: int) -> dict[str, str]:
    """A member, who signs in and stores a card."""
    await house.identity.administration.create_member(CreateAdmin(**account(index)), SYSTEM)
    tokens = await house.identity.sign_in.with_password(SignInWithPassword(**sign_in_body(index)))
    assert isinstance(tokens, Tokens)
    caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
    card = await house.payments.methods.store(StoreMethod(gateway=GATEWAY, token=CARD), caller)
    return {"access": tokens.access, "card": str(card.id), "key": str(uuid4())}


async def make(number: int) -> list[dict[str, str]]:
    """So many buyers, several at a time."""
    async with Multiproduct.from_settings() as house:
        await house.container.catalog.demo.ensure()
        made: list[dict[str, str]] = []
        for first in range(0, number, TOGETHER):
            indexes = range(first, min(number, first + TOGETHER))
            made += await asyncio.gather(*(a_buyer(house, index) for index in indexes))
    return made


def main() -> None:
    number, file = sys.argv[1:]
    Path(file).write_text(json.dumps(asyncio.run(make(int(number)))))


if __name__ == "__main__":
    main()
