"""The journey over HTTP: on SQLite alone, and on PostgreSQL, Redis and separate worker processes."""

from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.integration.journeys.installation import Installation
from tests.integration.journeys.person import Person
from tests.servers.ports import free_port


class Letterbox:
    """Keeps what a real SMTP server received."""

    def __init__(self) -> None:
        self.received: list[tuple[str, Message]] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.received.extend((to, message_from_bytes(content)) for to in envelope.rcpt_tos)
        return "250 accepted"

    def read(self, to: str) -> list[dict[str, Any]]:
        """Mails to an address, newest first, in the shape of the development mailbox."""
        found = [message for rcpt, message in reversed(self.received) if rcpt == to]
        return [
            {"subject": message["Subject"], **{kind: _part(message, kind) for kind in ("text", "html")}}
            for message in found
        ]


def _part(message: Message, kind: str) -> str:
    subtype = {"text": "text/plain", "html": "text/html"}[kind]
    for part in message.walk():
        if part.get_content_type() == subtype:
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            return payload.decode("utf-8")
    raise AssertionError(f"the mail has no {subtype} part")


@pytest.fixture
def letterbox() -> Any:
    box = Letterbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.port = port  # type: ignore[attr-defined]
    try:
        yield box
    finally:
        controller.stop()


def test_on_sqlite_alone(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        house.start_server()
        with Person(house.base_url, "tony@stark.com") as person:
            person.lives_the_journey()


def test_on_postgres_and_redis_with_a_separate_worker_and_a_real_mail_server(
    tmp_path: Path, postgres_database: str, redis_database: str, letterbox: Any
) -> None:
    with Installation(
        tmp_path,
        MULTIPRODUCT_DATABASE_URL=postgres_database,
        MULTIPRODUCT_REDIS_URL=redis_database,
        MULTIPRODUCT_SMTP_URL=f"smtp://127.0.0.1:{letterbox.port}/?starttls=false",
        MULTIPRODUCT_MAIL_FROM="STARK <no-reply@stark.example>",
    ) as house:
        house.start_worker()
        house.start_server(workers=2)
        with Person(house.base_url, "pepper@potts.com", read_mail=letterbox.read) as person:
            person.lives_the_journey()
        mails = letterbox.read("pepper@potts.com")
        assert all(mail["text"] and "<html" in mail["html"] for mail in mails)


def test_the_server_and_the_worker_finish_when_asked(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        house.start_server()
        assert house.stop("server") == 0
