"""The things of this system that are good once, how somebody comes by one, and what using it makes happen."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from tests.integration.journeys.racing import Arena, OneTimeThing
from tests.servers.provider import TestProvider
from tests.software_authenticator import SoftwareAuthenticator
from tests.software_device import SoftwareDevice, b64, claims
from tests.unit.application.identity.factors import app_code
from tests.unit.application.identity.people import (
    PASSWORD,
    a_member,
    code_for,
    latest_mail,
    sign_up,
    signed_in,
)

from multiproduct.adapters.stdlib import DerivedSecrets
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    AddPasskey,
    ChangeEmail,
    ConfirmTotp,
    EnrolDeviceKey,
    EnrolTotp,
    InviteUser,
    RequestDeviceKeySignIn,
    RequestPasswordReset,
    SecondFactorRequired,
    SignInWithPassword,
    StartSocial,
)
from multiproduct.application.otp import CodeBook
from multiproduct.domain.identity import Provider
from multiproduct.domain.otp import OtpPolicy
from multiproduct.entrypoints.library import Multiproduct

EMAIL, WANTED, NEW = "tony@stark.com", "wanted@stark.com", "quite another battery staple"


async def a_caller(house: Multiproduct, email: str = EMAIL) -> Caller:
    """A member who has just signed in."""
    await a_member(house, email)
    tokens = await signed_in(house, email)
    return Caller(principal=await house.identity.authenticating.principal(tokens.access))


async def a_sign_up_code(arena: Arena, contenders: int) -> dict[str, Any]:
    """The code that proves an address."""
    sent = await sign_up(arena.house, EMAIL)
    code = await code_for(arena.house, EMAIL)
    return {"challenge_id": str(sent.challenge_id), "code": code, "right": True}


async def a_reset_code(arena: Arena, contenders: int) -> dict[str, Any]:
    """The code with which a new password is set; each contender sets another."""
    await a_member(arena.house, EMAIL)
    sent = await arena.house.identity.password_reset.request(RequestPasswordReset(email=EMAIL))
    code = await code_for(arena.house, EMAIL)
    return {"challenge_id": str(sent.challenge_id), "code": code, "password": NEW}


async def an_address_proof(arena: Arena, contenders: int) -> dict[str, Any]:
    """The link with which somebody proves a new address."""
    return {"links": [await an_address_link(arena.house, 1)]}


async def an_address_link(house: Multiproduct, number: int) -> str:
    """The link with which another person proves the one address that all want."""
    caller = await a_caller(house, f"p{number}@stark.com")
    sent = await house.identity.contact_changes.request(ChangeEmail(email=WANTED), caller)
    return await _link_of(house, sent.challenge_id)


async def _link_of(house: Multiproduct, challenge_id: UUID) -> str:
    # Not every one is mailed: a mailbox is not flooded because many ask for it.
    peppers = DerivedSecrets(masters=house.container.settings.secrets)
    async with house.container.units.view(SYSTEM) as view:
        challenge = await view.challenges.find(challenge_id)
    link = CodeBook(peppers=peppers, policy=OtpPolicy()).link_token(challenge)
    assert link is not None
    return link


async def an_invitation(arena: Arena, contenders: int) -> dict[str, Any]:
    """The link of an invitation; each contender chooses another password."""
    await arena.house.identity.invitations.invite(InviteUser(email=EMAIL), SYSTEM)
    link = re.search(r"/invitation/([A-Za-z0-9_-]+)", await latest_mail(arena.house, EMAIL))
    assert link
    return {"token": link[1], "password": NEW}


async def _protected(house: Multiproduct) -> tuple[str, list[str]]:
    """The secret and the recovery codes of somebody with an app, whose step of half a minute ago is used."""
    caller = await a_caller(house)
    shown = await house.identity.second_factors.enrol(EnrolTotp(), caller)
    # The earliest step that is still taken, so that later ones are unused.
    code = app_code(shown.secret, datetime.now(UTC), steps=-1)
    added = await house.identity.second_factors.confirm(
        ConfirmTotp(factor_id=shown.factor_id, code=code), caller
    )
    return shown.secret, added.recovery_codes


async def _waiting(house: Multiproduct, count: int) -> list[str]:
    """Sign-ins that wait for a second factor."""
    command = SignInWithPassword(email=EMAIL, password=PASSWORD)
    answers = [await house.identity.sign_in.with_password(command) for _ in range(count)]
    return [answer.mfa_token for answer in answers if isinstance(answer, SecondFactorRequired)]


async def a_time_step(arena: Arena, contenders: int) -> dict[str, Any]:
    """What an app shows in one step, and a sign-in of each contender that waits for it."""
    secret, _ = await _protected(arena.house)
    tokens = await _waiting(arena.house, contenders)
    # The next step's, so that it stays within the window for a minute at least.
    return {"tokens": tokens, "code": app_code(secret, datetime.now(UTC), steps=1)}


async def a_recovery_code(arena: Arena, contenders: int) -> dict[str, Any]:
    """A recovery code, and a sign-in of each contender that waits for it."""
    _, codes = await _protected(arena.house)
    return {"tokens": await _waiting(arena.house, contenders), "code": codes[0]}


async def a_waiting_sign_in(arena: Arena, contenders: int) -> dict[str, Any]:
    """One sign-in that waits for a second factor, and all recovery codes."""
    _, codes = await _protected(arena.house)
    return {"tokens": await _waiting(arena.house, 1), "codes": codes}


async def a_device(house: Multiproduct) -> SoftwareDevice:
    """The key of somebody's device, enrolled."""
    device, keys, caller = SoftwareDevice(), house.identity.device_keys, await a_caller(house)
    offered = await keys.enrolment_options(caller)
    signature = device.sign(device.message(offered, claims("platform", "software")))
    command = EnrolDeviceKey(
        challenge_id=offered.challenge_id, public_key=b64(device.spki), signature=b64(signature)
    )
    await keys.enrol(command, caller)
    return device


async def a_device_answer(
    house: Multiproduct, device: SoftwareDevice, signature: bytes | None = None
) -> dict[str, Any]:
    """What a device answers to a challenge of its own: the right signature, or another."""
    offered = await house.identity.device_key_sign_in.options(RequestDeviceKeySignIn(key_id=device.key_id))
    return {
        "challenge_id": str(offered.challenge_id),
        "key_id": device.key_id,
        "signature": b64(signature or device.sign(device.message(offered))),
    }


async def a_device_challenge(arena: Arena, contenders: int) -> dict[str, Any]:
    """The right answer to one challenge for a device."""
    return {"commands": [await a_device_answer(arena.house, await a_device(arena.house))]}


async def a_passkey_challenge(arena: Arena, contenders: int) -> dict[str, Any]:
    """The right answer to one challenge for a passkey, whose counter stands still."""
    identity, caller = arena.house.identity, await a_caller(arena.house)
    authenticator = SoftwareAuthenticator(step=0)
    offered = await identity.passkeys.registration_options(caller)
    await identity.passkeys.register(
        AddPasskey(challenge_id=offered.challenge_id, credential=authenticator.create(offered.public_key)),
        caller,
    )
    asked = await identity.passkey_sign_in.options()
    credential = authenticator.get(asked.public_key)
    return {"command": {"challenge_id": str(asked.challenge_id), "credential": credential}}


def oauth_state(provider: TestProvider) -> OneTimeThing:
    """The state with which a browser comes back from this provider."""

    async def prepared(arena: Arena, contenders: int) -> dict[str, Any]:
        departure = await arena.house.identity.social_proving.start(Provider.GOOGLE, StartSocial())
        query = {name: values[0] for name, values in parse_qs(urlsplit(departure.url).query).items()}
        provider.codes["code-1"] = {"id_token": provider.token(nonce=query["nonce"])}
        provider.challenges["code-1"] = query["code_challenge"]
        return {"state": query["state"], "code": "code-1", "browser": departure.browser}

    return OneTimeThing(
        name="OAuth state",
        race="returns",
        prepared=prepared,
        refused=frozenset({"social_state_invalid"}),
        happened={"identity.signed_in": 1, "identity.user_registered": 1},
    )


SIGN_UP_CODE = OneTimeThing(
    name="sign-up code",
    race="answers",
    prepared=a_sign_up_code,
    refused=frozenset({"invalid_code"}),
    happened={"identity.user_registered": 1},
    sample=1_000,
)
RESET_CODE = OneTimeThing(
    name="reset code",
    race="resets",
    prepared=a_reset_code,
    refused=frozenset({"invalid_code"}),
    happened={"identity.password_was_reset": 1},
)
ADDRESS_PROOF = OneTimeThing(
    name="proof of an address",
    race="address_proofs",
    prepared=an_address_proof,
    refused=frozenset({"invalid_code"}),
    happened={"identity.contact_changed": 1},
    sample=80,
)
INVITATION = OneTimeThing(
    name="invitation",
    race="invited",
    prepared=an_invitation,
    refused=frozenset({"invitation_invalid"}),
    happened={"identity.user_registered": 1, "identity.invitation_accepted": 1},
    sample=100,
)
TIME_STEP = OneTimeThing(
    name="time step",
    race="second_factors",
    prepared=a_time_step,
    refused=frozenset({"invalid_code", "too_many_requests"}),
    happened={"identity.signed_in": 1},
    full=200,
)
RECOVERY_CODE = OneTimeThing(
    name="recovery code",
    race="second_factors",
    prepared=a_recovery_code,
    refused=frozenset({"invalid_code"}),
    happened={"identity.signed_in": 1, "identity.recovery_code_used": 1},
)
WAITING_SIGN_IN = OneTimeThing(
    name="sign-in that waits",
    race="second_factors",
    prepared=a_waiting_sign_in,
    refused=frozenset({"invalid_code", "sign_in_over"}),
    happened={"identity.signed_in": 1, "identity.recovery_code_used": 1},
)
DEVICE_CHALLENGE = OneTimeThing(
    name="device challenge",
    race="device_answers",
    prepared=a_device_challenge,
    refused=frozenset({"invalid_credentials"}),
    happened={"identity.signed_in": 1, "identity.device_key_refused": 0},
)
PASSKEY_CHALLENGE = OneTimeThing(
    name="passkey challenge",
    race="passkey_answers",
    prepared=a_passkey_challenge,
    refused=frozenset({"invalid_credentials"}),
    happened={"identity.signed_in": 1, "identity.passkey_cloned": 0},
)
