"""What proves who somebody is and what they may: in operations a second, beside the bare library calls."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import jwt
import pyotp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from tests.software_device import SoftwareDevice, b64, claims, unb64

from benchmarks.bench import Bench
from benchmarks.figures import Report, rate
from benchmarks.interleaved import Measured, Operation, each, each_awaited, in_turns, statement
from benchmarks.member import NOON, YEAR, Clock, Member, a_member_of_a_house, forget_sessions, proved_now
from multiproduct.adapters.cryptography import AesGcmSealing, EcdsaDeviceSignatures
from multiproduct.adapters.jwt import JwtAccessTokens
from multiproduct.adapters.pyotp import PyotpTotpCodes
from multiproduct.adapters.stdlib import DerivedSecrets, SystemIds, SystemRandomness
from multiproduct.application.caller import SYSTEM, Caller, Principal
from multiproduct.application.identity import (
    ConfirmTotp,
    EnrolDeviceKey,
    EnrolTotp,
    RequestDeviceKeySignIn,
    SignInWithDeviceKey,
    StepUp,
)
from multiproduct.application.identity.ports import AccessClaims
from multiproduct.application.identity.sealed_purposes import of_totp_secret
from multiproduct.application.identity.second_factor_ports import FactorProof
from multiproduct.application.identity.totp_checking import TotpChecking
from multiproduct.domain.identity import TotpFactor
from multiproduct.domain.identity.roles import PERMISSIONS, USERS_READ

ROUNDS, ROUNDS_QUICK = 9, 3
SECONDS, SECONDS_QUICK = 0.25, 0.05
ISSUER, AUDIENCE, KEY_ID = "https://bench.example", "multiproduct", "0123abcd"
REQUIRED = ["exp", "iat", "sub", "sid", "jti"]
MADE, ROWS = 2_000, 50
"""How many a batch may have where each is signed beforehand, and where each leaves rows in the store, which
is a dictionary without the database's indexes."""


def run(bench: Bench) -> Report:
    return asyncio.run(measured(bench))


async def measured(bench: Bench) -> Report:
    rounds, seconds = bench.number(ROUNDS, ROUNDS_QUICK), bench.seconds(SECONDS, SECONDS_QUICK)
    report = Report(
        name="identity", title=f"operations a second of processor time, median of {rounds} rounds"
    )
    async with a_member_of_a_house() as member:
        for say, group in GROUPS.items():
            bench.say(say)
            bare, others = await group(member)
            add_rows(report, await in_turns(bare, others, rounds=rounds, seconds=seconds))
    report.notes.append(
        "The ratio is the operation's rate to that of the bare call above it, in the same round: a ratio of "
        "0.8 is a quarter more time. 'As a use case' is with the memory store, its units and commits."
    )
    return report


def add_rows(report: Report, figures: Sequence[Measured]) -> None:
    for index, figure in enumerate(figures):
        report.row(
            figure.label if index == 0 else f"  {figure.label}",
            rate(figure.rate),
            ratio=figure.ratio if index else None,
            raw={"rates": figure.rates, "ratios": figure.ratios},
        )


async def access_tokens(member: Member) -> tuple[Operation, list[Operation]]:
    seed = secrets.token_bytes(32)
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    ids, now = SystemIds(), datetime.now(UTC)  # the bare call judges expiry by the machine's clock
    adapter = JwtAccessTokens(
        seeds={KEY_ID: seed}, current=KEY_ID, issuer=ISSUER, audience=AUDIENCE, lifetime=YEAR, ids=ids
    )
    held = AccessClaims(user_id=ids.for_user(), session_id=ids.next(), expires_at=now + YEAR)

    def fresh(number: int) -> list[str]:
        return [adapter.issue(held, now=now) for _ in range(number)]

    def bare(token: str) -> Any:
        return jwt.decode(
            token, key, algorithms=["EdDSA"], audience=AUDIENCE, issuer=ISSUER, options={"require": REQUIRED}
        )

    (kept,) = fresh(1)
    authenticating, access = member.house.identity.authenticating, member.tokens.access
    return Operation(label="PyJWT decode, EdDSA", batch=each(fresh, bare), at_most=MADE), [
        Operation(
            label="verify an access token, new to the process",
            batch=each(fresh, lambda token: adapter.read(token, now=now)),
            at_most=MADE,
        ),
        Operation(
            label="verify an access token, seen before",
            batch=statement("read(token, now=now)", read=adapter.read, token=kept, now=now),
        ),
        Operation(
            label="authenticate as a use case, token seen before",
            batch=each_awaited(again(access), authenticating.principal),
        ),
    ]


def again(item: Any) -> Callable[[int], Awaitable[list[Any]]]:
    """The same each time."""

    async def prepared(number: int) -> list[Any]:
        return [item] * number

    return prepared


async def totp(member: Member) -> tuple[Operation, list[Operation]]:
    randomness = SystemRandomness()
    codes = PyotpTotpCodes(randomness=randomness)
    own, app, later = codes.new_secret(), await an_app(member), Clock()
    bare = pyotp.TOTP(codes.text(own))

    def shown(number: int) -> list[tuple[datetime, str]]:
        return [(moment, bare.at(moment)) for moment in later.steps(number)]

    async def shown_in_the_store(number: int) -> list[tuple[datetime, str]]:
        return shown(number)

    async def shown_by_the_app(number: int) -> list[tuple[datetime, str]]:
        return [(moment, app.at(moment)) for moment in member.clock.steps(number)]

    async def step_up(item: tuple[datetime, str]) -> Any:
        member.clock.moment, code = item
        return await member.house.identity.step_up.step_up(StepUp(method="totp", code=code), member.caller)

    return Operation(
        label="pyotp verify, one step to either side",
        batch=each(shown, lambda item: bare.verify(item[1], for_time=item[0], valid_window=1)),
        at_most=MADE,
    ), [
        Operation(
            label="the step of a code",
            batch=each(shown, lambda item: codes.step_of(own, item[1], now=item[0], window=1)),
            at_most=MADE,
        ),
        Operation(
            label="TOTP check: secret unsealed, step used up, committed in memory",
            batch=each_awaited(shown_in_the_store, await checking(member, codes, own)),
            at_most=MADE,
        ),
        Operation(
            label="step up by TOTP as a use case",
            batch=each_awaited(shown_by_the_app, step_up),
            at_most=ROWS,
        ),
    ]


async def an_app(member: Member) -> pyotp.TOTP:
    """An authenticator app that the member set up."""
    factors = member.house.identity.second_factors
    enrolment = await factors.enrol(EnrolTotp(), member.caller)
    app = pyotp.TOTP(enrolment.secret)
    code = app.at(member.clock.now())
    await factors.confirm(ConfirmTotp(factor_id=enrolment.factor_id, code=code), member.caller)
    return app


async def checking(
    member: Member, codes: PyotpTotpCodes, secret: bytes
) -> Callable[[tuple[datetime, str]], Awaitable[bool]]:
    """What sign-in does with a code, on a factor in the memory store that holds `secret`."""
    sealing = AesGcmSealing(peppers=DerivedSecrets(masters=[secrets.token_urlsafe(32)]))
    ids, units = SystemIds(), member.house.container.units
    user_id, factor_id = ids.for_user(), ids.next()
    factor = TotpFactor(
        id=factor_id,
        user_id=user_id,
        name="Bench",
        sealed_secret=sealing.seal(secret, purpose=of_totp_secret(user_id, factor_id)),
        created_at=NOON,
        confirmed_at=NOON,
    )
    async with units.open_alone(SYSTEM) as unit:
        await unit.totp_factors.add(factor)
        await unit.commit()
    totp_checking = TotpChecking(sealing=sealing, codes=codes, window=1)

    async def check(item: tuple[datetime, str]) -> bool:
        moment, code = item
        async with units.open_alone(SYSTEM) as unit:
            accepted = await totp_checking.check(unit, user_id, FactorProof(code=code), now=moment)
            await unit.commit()
        return accepted is not None

    return check


async def device_key(member: Member) -> tuple[Operation, list[Operation]]:
    device, sign_in = SoftwareDevice(), member.house.identity.device_key_sign_in
    await enrol(member, device)
    async with member.house.container.units.view(SYSTEM) as view:
        kept = await view.device_keys.find_by_key_id(device.key_id)
    (answer,) = await answered(member, device, 1)
    offered = await sign_in.options(RequestDeviceKeySignIn(key_id=device.key_id))
    message = device.message(offered)
    signature = device.sign(message)
    challenge = unb64(offered.challenge)
    command = answer.model_copy(update={"challenge_id": offered.challenge_id, "signature": b64(signature)})
    assert sign_in.is_right(command, kept, challenge)
    signatures, spki = EcdsaDeviceSignatures(), device.spki

    async def answers(number: int) -> list[SignInWithDeviceKey]:
        await forget_sessions(member)
        return await answered(member, device, number)

    return Operation(
        label="cryptography ECDSA verify, P-256",
        batch=statement(
            "verify(signature, message, algorithm)",
            verify=device.key.public_key().verify,
            signature=signature,
            message=message,
            algorithm=ec.ECDSA(SHA256()),
        ),
    ), [
        Operation(
            label="verify a device's signature, from the stored bytes of its key",
            batch=statement(
                "is_good(spki, signature, message)",
                is_good=signatures.is_good,
                spki=spki,
                signature=signature,
                message=message,
            ),
        ),
        Operation(
            label="device-key authentication: message built, signature verified",
            batch=statement(
                "is_right(command, key, challenge)",
                is_right=sign_in.is_right,
                command=command,
                key=kept,
                challenge=challenge,
            ),
        ),
        Operation(
            label="sign in by a device key as a use case",
            batch=each_awaited(answers, sign_in.sign_in),
            at_most=ROWS,
        ),
    ]


async def enrol(member: Member, device: SoftwareDevice) -> None:
    keys = member.house.identity.device_keys
    caller = await proved_now(member)
    offered = await keys.enrolment_options(caller)
    signature = device.sign(device.message(offered, claims("platform", "hardware")))
    await keys.enrol(
        EnrolDeviceKey(
            challenge_id=offered.challenge_id,
            public_key=b64(device.spki),
            signature=b64(signature),
            user_verification="platform",
            storage="hardware",
        ),
        caller,
    )


async def answered(member: Member, device: SoftwareDevice, number: int) -> list[SignInWithDeviceKey]:
    """Answers to challenges of their own, with the device's work done."""
    commands = []
    for _ in range(number):
        offered = await member.house.identity.device_key_sign_in.options(
            RequestDeviceKeySignIn(key_id=device.key_id)
        )
        signature = b64(device.sign(device.message(offered)))
        commands.append(
            SignInWithDeviceKey(challenge_id=offered.challenge_id, key_id=device.key_id, signature=signature)
        )
    return commands


async def permission(member: Member) -> tuple[Operation, list[Operation]]:
    granted, scope = frozenset(PERMISSIONS), "market:0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
    principal = Principal(user_id=member.caller.principal.user_id, permissions=granted)
    scoped = Principal(user_id=member.caller.principal.user_id, scoped={scope: granted})
    asked = {"permission": USERS_READ, "scope": scope}
    return Operation(
        label="lookup in a frozenset", batch=statement("permission in granted", granted=granted, **asked)
    ), [
        Operation(label="permission check", batch=statement("may(permission)", may=principal.may, **asked)),
        Operation(
            label="permission check within a scope",
            batch=statement("may(permission, scope=scope)", may=scoped.may, **asked),
        ),
        Operation(
            label="permission required of a caller",
            batch=statement("require(permission)", require=Caller(principal=principal).require, **asked),
        ),
    ]


GROUPS = {
    "access tokens": access_tokens,
    "device keys": device_key,
    "codes of apps": totp,
    "permissions": permission,
}
