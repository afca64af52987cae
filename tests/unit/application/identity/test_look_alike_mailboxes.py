"""Two spellings with one key can be two mailboxes: what belongs to the account goes to its stored one."""

import pytest
from tests.unit.application.identity.people import a_member, open_house, sign_up

from multiproduct.application.identity import RequestPasswordReset, RequestSignInCode

STORED, LOOK_ALIKE = "strasse@example.com", "straße@example.com"


async def mailboxes_that_heard(house):
    await house.drain()
    return {message.to for message in await house.container.mailbox.messages()}


@pytest.mark.parametrize("ask", ["reset", "sign_in", "sign_up"])
async def test_a_look_alike_of_an_accounts_address_is_never_written_to(ask):
    async with open_house() as house:
        await a_member(house, STORED)
        match ask:
            case "reset":
                await house.identity.password_reset.request(RequestPasswordReset(email=LOOK_ALIKE))
            case "sign_in":
                await house.identity.sign_in.request_code(RequestSignInCode(email=LOOK_ALIKE))
            case "sign_up":
                await sign_up(house, LOOK_ALIKE)
        assert await mailboxes_that_heard(house) == {STORED}
