"""The development mailbox, in memory and in a folder."""

import asyncio
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from multiproduct.adapters.contracts.mailer import SCRIPTS, MailerContract, a_mail
from multiproduct.adapters.mailbox import DevelopmentMailbox, MailboxMessage
from multiproduct.application.ports.mailer import Attachment, Mail
from multiproduct.application.ports.texter import Text
from multiproduct.domain.shared.errors import Unavailable

START = datetime(2026, 11, 21, 3, 28, tzinfo=UTC)


class Ticking:
    """A RealTime that goes on by a second whenever it is read."""

    def __init__(self):
        self._reads = 0

    def now(self):
        self._reads += 1
        return START + timedelta(seconds=self._reads - 1)

    def monotonic(self):
        return 0.0


@pytest.fixture(params=["memory", "folder"])
def mailbox(request, tmp_path):
    folder = tmp_path / "var" / "mailbox" if request.param == "folder" else None
    return DevelopmentMailbox(real_time=Ticking(), folder=folder)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mailbox"


def in_folder(folder):
    return DevelopmentMailbox(real_time=Ticking(), folder=folder)


class TestMailboxMailer(MailerContract):
    @pytest.fixture
    def mailer(self, mailbox):
        return mailbox.mailer

    @pytest.fixture
    def arrived(self, mailbox):
        # The mailbox shows no locale, so the mails are given the one that the words of the contract have.
        async def read():
            return [
                Mail(
                    message_id=each.id,
                    to=each.to,
                    subject=each.subject,
                    text=each.text,
                    html=each.html,
                    locale=next((key for key, words in SCRIPTS.items() if words == each.subject), "en"),
                    attachments=tuple(
                        Attachment(name=file.name, media_type=file.media_type, content=file.content)
                        for file in each.attachments
                    ),
                )
                for each in reversed(await mailbox.messages(limit=1_000))
            ]

        return read


async def test_mails_and_short_messages_are_listed_the_latest_first(mailbox):
    await mailbox.mailer.send(a_mail(message_id="m1"))
    await mailbox.texter.send(Text(message_id="t1", to="+886912345678", body="482913 is your code"))
    assert await mailbox.messages() == [
        MailboxMessage(
            id="t1",
            channel="sms",
            to="+886912345678",
            subject="",
            text="482913 is your code",
            html="",
            created_at=START + timedelta(seconds=1),
        ),
        MailboxMessage(
            id="m1",
            channel="email",
            to="ada@example.com",
            subject="STARK: your code",
            text="Your code is 482913.\n",
            html="<p>Your code is <b>482913</b>.</p>\n",
            created_at=START,
        ),
    ]


async def test_messages_can_be_found_by_their_address(mailbox):
    for n in range(6):
        await mailbox.mailer.send(
            a_mail(message_id=f"m{n}", to=["ada@example.com", "Bob@example.com"][n % 2])
        )
    assert [each.id for each in await mailbox.messages("bob@example.com")] == ["m5", "m3", "m1"]
    assert [each.id for each in await mailbox.messages("bob@example.com", limit=2)] == ["m5", "m3"]
    assert await mailbox.messages("eve@example.com") == []
    assert await mailbox.messages(limit=0) == []
    assert await mailbox.messages(limit=-1) == []


async def test_a_repeated_message_is_there_once_and_on_top(mailbox):
    await mailbox.mailer.send(a_mail(message_id="m1"))
    await mailbox.mailer.send(a_mail(message_id="m2"))
    await mailbox.mailer.send(a_mail(message_id="m1", text="again\n"))
    await mailbox.texter.send(Text(message_id="m1", to="+886912345678", body="another channel"))
    messages = await mailbox.messages()
    assert [(each.channel, each.id) for each in messages] == [("sms", "m1"), ("email", "m1"), ("email", "m2")]
    assert messages[1].text == "again\n"


async def test_only_the_newest_thousand_are_kept(mailbox):
    for n in range(1_003):
        await mailbox.texter.send(Text(message_id=f"t{n}", to="+886912345678", body="x"))
    messages = await mailbox.messages(limit=5_000)
    assert [each.id for each in messages] == [f"t{n}" for n in range(1_002, 2, -1)]


async def test_no_more_files_lie_there_than_are_shown(folder):
    for n in range(1_002):
        await in_folder(folder).mailer.send(a_mail(message_id=f"m{n}"))
    assert len(list(folder.iterdir())) == 1_000


async def test_a_fresh_mailbox_is_empty(mailbox):
    assert await mailbox.messages() == []


async def test_nobody_else_may_read_the_files(folder):
    mask = os.umask(0)
    try:
        await in_folder(folder).mailer.send(a_mail())
    finally:
        os.umask(mask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()] == [0o600]


async def test_two_processes_see_the_same_mailbox(folder):
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from tests.unit.adapters.test_mailbox import a_mail, in_folder\n"
        "asyncio.run(in_folder(Path(sys.argv[1])).mailer.send(a_mail(message_id='theirs')))\n"
    )
    await in_folder(folder).mailer.send(a_mail(message_id="ours"))
    ran = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert [each.id for each in await in_folder(folder).messages()] == ["theirs", "ours"]


async def test_many_mailboxes_over_one_folder_lose_nothing(folder):
    boxes = [in_folder(folder) for _ in range(8)]
    await asyncio.gather(
        *(box.mailer.send(a_mail(message_id=f"m{n}-{k}")) for n, box in enumerate(boxes) for k in range(20))
    )
    seen = await in_folder(folder).messages(limit=1_000)
    assert {each.id for each in seen} == {f"m{n}-{k}" for n in range(8) for k in range(20)}


async def test_what_a_dead_process_left_half_written_is_not_shown_and_is_swept(folder):
    await in_folder(folder).mailer.send(a_mail(message_id="m1"))
    abandoned, in_writing = folder / "0a.part", folder / "0b.part"
    abandoned.write_text("{")
    in_writing.write_text("{")
    os.utime(abandoned, (0, 0))
    assert [each.id for each in await in_folder(folder).messages()] == ["m1"]
    await in_folder(folder).mailer.send(a_mail(message_id="m2"))
    assert not abandoned.exists()
    assert in_writing.exists()


async def test_a_file_that_goes_away_while_listing_is_passed_over(folder):
    mailbox = in_folder(folder)
    for n in range(3):
        await mailbox.mailer.send(a_mail(message_id=f"m{n}"))
    listing = mailbox._shelf.newest_first()
    assert next(listing).id == "m2"
    sorted(folder.iterdir())[1].unlink()
    assert [each.id for each in listing] == ["m0"]


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable):
        await in_folder(tmp_path / "file").mailer.send(a_mail())


def test_a_message_does_not_show_its_bodies():
    message = MailboxMessage(
        id="m", channel="sms", to="+1", subject="", text="482913", html="482913", created_at=START
    )
    assert "482913" not in repr(message)
