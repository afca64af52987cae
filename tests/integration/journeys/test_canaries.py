"""No code, token, password or secret of a whole run lies anywhere but with its owner."""

import asyncio
import json
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives import serialization
from tests.integration.journeys import canary_affairs as affairs
from tests.integration.journeys import canary_proofs as proofs
from tests.integration.journeys.canaries import Canaries, Sink, findings
from tests.integration.journeys.canary_life import BASE, Life
from tests.integration.journeys.canary_queues import rabbit_sinks, rabbit_witness
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
    "token gone astray", "secret key", "secret of a webhook", "secret of a webhook (bytes)",
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
        "sms_second_factor": "true",
        "log_level": "DEBUG",
        "security_log": str(house.folder / "security.log"),
    }
    return {f"MULTIPRODUCT_{name.upper()}": value for name, value in given.items()}


def live(life: Life, house: Installation, provider: TestProvider) -> list[Sink]:
    """One life, with every secret met on its way; answers what staff and receivers of webhooks see of it."""
    receiver, boss = affairs.Receiver(), an_admin(life, house)
    with web_server(receiver.answer) as address:
        affairs.tell_everything(life, life.sign_in(ADMIN, boss)["access"], address)
        live_on(life, house, provider, boss)
        sinks = what_staff_sees(life, life.sign_in(ADMIN, boss)["access"])
        receiver.wait_for(b"identity.contact_changed.v1")
    life.meet_everything()
    return [*sinks, *receiver.sinks]


def live_on(life: Life, house: Installation, provider: TestProvider, boss: str) -> None:
    """All that a person does, and the administrator whose password is `boss`."""
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
    proofs.lose_secrets(life, NEW)
    proofs.use_a_passkey(life, PEPPER, other, f"http://localhost:{house.port}")
    proofs.invite(life, life.sign_in(ADMIN, boss)["access"], GUEST)
    life.pass_by("PT11M")
    affairs.use_texts_as_a_factor(life, NEW, password, OTHER_PHONE)
    life.pass_by("PT11M")
    proofs.protect_the_account(life, NEW, password)


def an_admin(life: Life, house: Installation) -> str:
    """Made at the command line; the answer is the password."""
    password = life.canaries.password("password of an administrator")
    subprocess.run(
        [
            *(sys.executable, "-m", "multiproduct.entrypoints.cli.main", "create-admin"),
            *("--email", ADMIN, "--username", "boss.canary", "--password-stdin"),
        ],
        input=password.encode(),
        cwd=house.folder,
        env=house.environment,
        capture_output=True,
        timeout=120,
        check=True,
    )
    return password


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
    held = {sink.name: sink.content for sink in sinks}
    for name, harmless in wanted:
        assert harmless in held[name], (name, held[name][:2000])


@asynccontextmanager
async def lived_on_postgres(
    folder: Path, database: str, canaries: Canaries, **broker: str
) -> AsyncIterator[list[Sink]]:
    """A life on PostgreSQL with a worker, real mails and a real gateway for texts; what it left lies in the
    list, the files at the end of the block."""
    house, telephones = Installation(folder / "house"), Telephones()
    with (
        running_provider() as provider,
        letterbox() as (letters, port),
        web_server(telephones.answer) as gateway,
    ):
        key = secrets.token_urlsafe(30)
        canaries.add("key of the gateway for short messages", key)
        house.environment |= environment(house, canaries, provider) | {
            "MULTIPRODUCT_DATABASE_URL": database,
            "MULTIPRODUCT_SMTP_URL": f"smtp://127.0.0.1:{port}/?starttls=false",
            "MULTIPRODUCT_LOG_FORMAT": "json",
            "MULTIPRODUCT_SMS_GATEWAY": "json",
            "MULTIPRODUCT_SMS_URL": gateway,
            "MULTIPRODUCT_SMS_KEY": key,
            **{f"MULTIPRODUCT_{name.upper()}": value for name, value in broker.items()},
        }
        with house:
            await witness_postgres(database)
            house.start_worker()
            house.start_scheduler()
            house.start_server(workers=2)

            def read(to: str) -> list[dict[str, Any]]:
                return telephones.read(to) if to.startswith("+") else letters.read(to)

            with Life(house.base_url, canaries, read=read) as life:
                sinks = await asyncio.to_thread(live, life, house, provider)
            sinks += await postgres_sinks(database)
            yield sinks
            for name in ("server", "worker", "scheduler"):
                house.stop(name)
        sinks += file_sinks(house.folder, besides=EXCEPTIONS)
    alive(
        sinks,
        ("PostgreSQL public.users", NEW.encode()),
        ("PostgreSQL witness.written", b"todo"),
        ("PostgreSQL public.audit_entries", b"identity.signed_in"),
        ("file server.log", b"/api/v1/identity/sign-in"),
        ("file worker.log", b"worker"),
        ("file security.log", b"identity.signed_in"),
        ("answer of /api/v1/audit/entries", b"identity.signed_in"),
        ("messages to a receiver of webhooks", b"identity.password_changed.v1"),
    )


async def test_on_postgres_and_redis_no_secret_lies_anywhere(
    tmp_path: Path, postgres_database: str, redis_database: str
) -> None:
    canaries = Canaries()
    with redis_witness(redis_database) as witness:
        living = lived_on_postgres(tmp_path, postgres_database, canaries, redis_url=redis_database)
        async with living as sinks:
            sinks += [*(await redis_sinks(redis_database)), *witness.sinks]
    alive(
        sinks,
        ("Redis database 0", b"multiproduct"),
        ("Redis commands", b"multiproduct.msgs"),
        ("Redis commands, unescaped", b'"queue_name":"multiproduct"'),
    )
    check(canaries, sinks)


async def test_on_postgres_and_rabbitmq_no_secret_lies_anywhere(
    tmp_path: Path, postgres_database: str, redis_database: str, amqp_url: str
) -> None:
    canaries = Canaries()
    with rabbit_witness(amqp_url) as witness, redis_witness(redis_database) as commands:
        living = lived_on_postgres(
            tmp_path, postgres_database, canaries, redis_url=redis_database, broker_url=witness.url
        )
        async with living as sinks:
            sinks += [*(await redis_sinks(redis_database)), *commands.sinks]
            sinks += [*rabbit_sinks(amqp_url), *witness.sinks]
    alive(
        sinks,
        ("Redis database 0", b"multiproduct"),
        ("RabbitMQ connections", b'"queue_name":"multiproduct"'),
    )
    check(canaries, sinks)


def check(canaries: Canaries, sinks: list[Sink]) -> None:
    """That the run met what it must have, that nothing of it lies anywhere, and that it would have been
    found: the first of the canaries is added to each sink in turn."""
    assert canaries.names >= MET, MET - canaries.names
    found = findings(canaries, sinks)
    assert not found, "\n".join(sorted({str(each) for each in found}))
    for canary in (next(iter(canaries)), next(each for each in canaries if each.is_short)):
        for sink in sinks:
            planted = Sink(sink.name, sink.content + b" " + canary.value + b"\n")
            assert canary.name in {each.canary for each in findings([canary], [planted])}, sink


async def test_on_sqlite_no_secret_lies_anywhere(tmp_path: Path) -> None:
    canaries, house = Canaries(), Installation(tmp_path / "house")
    with running_provider() as provider:
        house.environment |= environment(house, canaries, provider)
        with house:
            house.start_server()
            with Life(house.base_url, canaries) as life:
                sinks = await asyncio.to_thread(live, life, house, provider)
            sinks += sqlite_sinks(house.folder / "multiproduct.db")
            house.stop("server")
        sinks += file_sinks(house.folder, besides=EXCEPTIONS)
    alive(
        sinks,
        ("SQLite dump of multiproduct.db", NEW.encode()),
        ("SQLite file multiproduct.db-wal", NEW.encode()),
        ("file multiproduct.db", NEW.encode()),
        ("file server.log", b"/api/v1/identity/sign-in"),
        ("file security.log", b"identity.signed_in"),
        ("messages to a receiver of webhooks", b"identity.password_changed.v1"),
    )
    check(canaries, sinks)
