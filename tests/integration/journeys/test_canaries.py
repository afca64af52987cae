"""No code, token, password or secret of a whole run lies anywhere but with its owner."""

import asyncio
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis.asyncio
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives import serialization
from tests.integration.journeys import canary_proofs as proofs
from tests.integration.journeys.canaries import Canaries, Canary, Finding, Sink, findings, forms
from tests.integration.journeys.canary_life import BASE, Life
from tests.integration.journeys.canary_sinks import (
    file_sinks,
    postgres_sinks,
    redis_sinks,
    redis_witness,
    sqlite_sinks,
    witness_postgres,
)
from tests.integration.journeys.installation import Installation
from tests.integration.journeys.test_http_journey import Letterbox
from tests.servers.ports import free_port
from tests.servers.provider import TestProvider, ec_key, running_provider
from tests.servers.web import Answered, Asked, web_server

TONY, PEPPER, NEW, GUEST, ADMIN = (
    f"{name}@stark.example" for name in ("tony", "pepper", "tony.new", "guest", "admin")
)
PHONE, OTHER_PHONE = "+886912345678", "+886912345679"

EXCEPTIONS = {
    "mailbox": "the development mailbox stands for people's own mailboxes; production refuses it",
}
"""Folders of an installation that may hold canaries, and why. No canary at all, and so not listed: Argon2
hashes of passwords, digests of 256 random bits (states, nonces), what is sealed under a key outside the
database, challenges (their answers are the secret), public keys, ids, and the head of a token, which is ids;
addresses, numbers and the last four characters of an account are personal, and no secrets."""

MET = {
    "password of a sign-up", "password of a sign-up by link", "password of a reset", "new password",
    "code that was sent", "wrong code", "link token of verify-email", "link token of reset-password",
    "link token of stop-change", "link token of confirm-email", "link token of invitation",
    "access token", "refresh token", "mfa_token token", "TOTP secret (bytes)", "code of an app",
    "recovery code", "signature of a device", "signature of a passkey", "ID token",
    "Facebook's access token", "authorisation code", "PKCE verifier", "IBAN", "bank account number",
    "token gone astray", "secret key", "key of the gateway for short messages",
}  # fmt: skip
"""What a run must have met, for its silence to mean anything."""


@contextmanager
def letterbox() -> Iterator[tuple[Letterbox, int]]:
    """A real mail server, and its port."""
    box, port = Letterbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


class Telephones:
    """A gateway for short messages, over HTTP."""

    def __init__(self) -> None:
        self.texts: list[dict[str, Any]] = []

    def answer(self, asked: Asked) -> Answered:
        self.texts.append(json.loads(asked.body))
        return Answered(200, b"{}", {"content-type": "application/json"})

    def read(self, to: str) -> list[dict[str, Any]]:
        """Texts to a number, the newest first."""
        return [text for text in reversed(self.texts) if text["to"] == to]


def environment(house: Installation, canaries: Canaries, provider: TestProvider) -> dict[str, str]:
    """Everything switched on, and the log at its most talkative."""
    key = ec_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    secret = secrets.token_urlsafe(40)
    canaries.add("secret key", secret)
    given = {
        **provider.settings,
        "apple_private_key": key.decode(),
        "apple_team_id": "TEAM",
        "apple_key_id": "KEY",
        "base_url": f"http://localhost:{house.port}",
        "secret_key": secret,
        "otp_digits": "10",
        "test_clock": "true",
        "log_level": "DEBUG",
        "security_log": str(house.folder / "security.log"),
    }
    return {f"MULTIPRODUCT_{name.upper()}": value for name, value in given.items()}


def live(life: Life, house: Installation, provider: TestProvider) -> None:
    """One life, from the first sign-up to the last sign-out, with every secret met on its way."""
    password = life.sign_up(TONY)
    life.sign_in_in_every_plain_way(TONY, password)
    other = life.sign_up_by_link(PEPPER)
    life.pass_by("PT11M")
    password = life.forget_the_password(TONY)
    password = life.change_the_password(TONY, password)
    proofs.sign_in_by_phone(life, PHONE)
    proofs.come_from_providers(life, provider)
    proofs.use_a_device_key(life, TONY, password)
    proofs.give_bank_details(life, TONY, password)
    life.pass_by("PT11M")
    proofs.move(life, TONY, password, NEW, OTHER_PHONE)
    proofs.lose_secrets(life, TONY)
    proofs.use_a_passkey(life, PEPPER, other, f"http://localhost:{house.port}")
    admin = an_admin(life, house)
    proofs.invite(life, admin, GUEST)
    life.pass_by("PT11M")
    proofs.protect_the_account(life, NEW, password)
    life.meet_everything()


def an_admin(life: Life, house: Installation) -> str:
    """Made at the command line; the answer is an access token."""
    password = life.canaries.password("password of an administrator")
    subprocess.run(
        [sys.executable, "-m", "multiproduct.entrypoints.cli.main", "create-admin"]
        + ["--email", ADMIN, "--username", "boss.canary", "--password-stdin"],
        input=password.encode(),
        cwd=house.folder,
        env=house.environment,
        capture_output=True,
        timeout=120,
        check=True,
    )
    return str(life.sign_in(ADMIN, password)["access"])


def what_staff_sees(life: Life, admin: str) -> list[Sink]:
    """The audit log and the list of people, over HTTP."""
    headers = {"authorization": f"Bearer {admin}"}
    pages = []
    for path in ("/api/v1/audit/entries", f"{BASE}/users", f"{BASE}/invitations"):
        answer = life.http.get(path, params={"limit": "100"}, headers=headers)
        assert answer.status_code == 200, answer.text
        pages.append(Sink(f"answer of {path}", answer.content))
    return pages


def alive(sinks: list[Sink], *wanted: tuple[str, bytes]) -> None:
    """Sinks that caught nothing would find nothing: each must hold something harmless of the run."""
    for name, harmless in wanted:
        assert any(sink.name == name and harmless in sink.content for sink in sinks), f"{name} is deaf"


def told(found: list[Finding]) -> str:
    return "\n".join(sorted({str(each) for each in found}))


async def test_on_postgres_and_redis_no_secret_lies_anywhere(
    tmp_path: Path, postgres_database: str, redis_database: str
) -> None:
    canaries, house, telephones = Canaries(), Installation(tmp_path / "house"), Telephones()
    with (
        running_provider() as provider,
        letterbox() as (letters, port),
        web_server(telephones.answer) as gateway,
        redis_witness(redis_database) as witness,
    ):
        key = secrets.token_urlsafe(30)
        canaries.add("key of the gateway for short messages", key)
        house.environment |= environment(house, canaries, provider) | {
            "MULTIPRODUCT_DATABASE_URL": postgres_database,
            "MULTIPRODUCT_REDIS_URL": redis_database,
            "MULTIPRODUCT_SMTP_URL": f"smtp://127.0.0.1:{port}/?starttls=false",
            "MULTIPRODUCT_SMS_GATEWAY": "json",
            "MULTIPRODUCT_SMS_URL": gateway,
            "MULTIPRODUCT_SMS_KEY": key,
        }
        with house:
            await witness_postgres(postgres_database)
            house.start_worker()
            house.start_scheduler()
            house.start_server(workers=2)

            def read(to: str) -> list[dict[str, Any]]:
                return telephones.read(to) if to.startswith("+") else letters.read(to)

            life = Life(house.base_url, canaries, read=read)
            staff = await asyncio.to_thread(lived, life, house, provider)
            sinks = [
                *staff,
                *(await postgres_sinks(postgres_database)),
                *(await redis_sinks(redis_database)),
                *witness.sinks,
            ]
            for name in ("server", "worker", "scheduler"):
                house.stop(name)
        sinks += file_sinks(house.folder, besides=EXCEPTIONS)
        await plant_in_postgres(postgres_database, planted := Canary("planted", b"planted-in-the-dump"))
        await plant_in_redis(redis_database, planted)
        dumps = [*(await postgres_sinks(postgres_database)), *(await redis_sinks(redis_database))]
    alive(
        sinks,
        ("PostgreSQL public.users", NEW.encode()),
        ("PostgreSQL witness.written", b"todo"),
        ("Redis commands", b"dramatiq"),
        ("Redis commands, unescaped", b"dramatiq"),
        ("file server.log", b"/api/v1/identity/sign-in"),
        ("file worker.log", b"worker"),
        ("file security.log", b"identity.signed_in"),
        ("answer of /api/v1/audit/entries", b"identity.signed_in"),
    )
    assert canaries.names >= MET, MET - canaries.names
    found = findings(canaries, sinks)
    assert not found, told(found)
    assert {each.sink for each in findings([planted], dumps)} >= {"PostgreSQL public.users", "Redis database 0"}


def lived(life: Life, house: Installation, provider: TestProvider) -> list[Sink]:
    """The life, and then what staff sees of it."""
    live(life, house, provider)
    return what_staff_sees(life, an_admin_again(life))
