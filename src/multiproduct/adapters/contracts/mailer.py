"""What every mailer must do."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from multiproduct.application.ports.mailer import (
    MAX_ATTACHED_BYTES,
    Attachment,
    Mail,
    Mailer,
    MailRefused,
)

Arrived = Callable[[], Awaitable[list[Mail]]]
"""What has been delivered so far, read back into mails, the first one first."""

SCRIPTS = {
    "en": "Your code is 482913.",
    "es": "¿Necesitas ayuda? Tu código es 482913.",
    "fa": "کد شما ۴۸۲۹۱۳ است؛ نیم‌فاصله هم هست.",
    "kn": "ನಿಮ್ಮ ಕೋಡ್ 482913.",
    "ta": "உங்கள் குறியீடு 482913.",
    "zh-Hant": "您的驗證碼是 482913。",
}


def a_mail(
    *,
    message_id: str = "0199f2d4-7c1e-7000-8000-000000000001",
    to: str = "ada@example.com",
    subject: str = "STARK: your code",
    text: str = "Your code is 482913.\n",
    html: str = "<p>Your code is <b>482913</b>.</p>\n",
    locale: str = "en",
) -> Mail:
    """Any mail."""
    return Mail(message_id=message_id, to=to, subject=subject, text=text, html=html, locale=locale)


class MailerContract:
    """Needs the fixtures `mailer` and `arrived` (see Arrived). Bodies end in a line break: mail adds one."""

    @pytest.fixture
    def mailer(self) -> Mailer:
        raise NotImplementedError

    @pytest.fixture
    def arrived(self) -> Arrived:
        raise NotImplementedError

    @pytest.mark.parametrize("locale", SCRIPTS)
    async def test_a_mail_arrives_as_it_was_sent_in_every_script(
        self, mailer: Mailer, arrived: Arrived, locale: str
    ) -> None:
        words = SCRIPTS[locale]
        mail = a_mail(subject=words, text=f"{words}\n\n{words}\n", html=f"<p>{words}</p>\n", locale=locale)
        await mailer.send(mail)
        assert await arrived() == [mail]

    async def test_lines_that_mean_something_on_the_way_arrive_as_they_were(
        self, mailer: Mailer, arrived: Arrived
    ) -> None:
        text = ".\n..\n.dot\nFrom me\n\n--\nSubject: not one\n=3D=\n" + "long " * 400 + "\n"
        mail = a_mail(text=text, html="<p>" + "یک" * 2_000 + "</p>\n.\n")
        await mailer.send(mail)
        assert await arrived() == [mail]

    @pytest.mark.parametrize("words", ["a long subject ", "یک موضوع بلند ", "很長的主旨 "])
    async def test_a_long_subject_arrives_whole(self, mailer: Mailer, arrived: Arrived, words: str) -> None:
        mail = a_mail(subject=(words * 30).strip())
        await mailer.send(mail)
        assert await arrived() == [mail]

    async def test_files_arrive_with_the_mail_byte_for_byte(self, mailer: Mailer, arrived: Arrived) -> None:
        every_byte = bytes(range(256)) * 40 + b"\r\n.\r\n"
        files = (
            Attachment(name="INV-2026-000001.pdf", media_type="application/pdf", content=every_byte),
            Attachment(name="發票 ۱۲.pdf", media_type="application/pdf", content=b"%PDF-"),
            Attachment(name="empty.bin", media_type="application/octet-stream", content=b""),
        )
        mail = replace(a_mail(), attachments=files)
        await mailer.send(mail)
        assert await arrived() == [mail]

    @pytest.mark.parametrize(
        "name", ["", "a\nb", 'a"b', "../a", "a/b", "a\\b", "..", " ", "\u202egpj.exe", "x" * 101]
    )
    def test_a_name_that_is_none_for_a_file_is_refused(self, name: str) -> None:
        with pytest.raises(MailRefused):
            Attachment(name=name, media_type="application/pdf", content=b"")

    @pytest.mark.parametrize("media_type", ["pdf", "a/b; x=y", "a/b\r\nBcc: eve@example.com", "A/b", ""])
    def test_a_type_that_is_none_is_refused(self, media_type: str) -> None:
        with pytest.raises(MailRefused):
            Attachment(name="a.pdf", media_type=media_type, content=b"")

    def test_files_that_are_too_large_together_are_refused(self) -> None:
        half = Attachment(
            name="a.bin", media_type="application/octet-stream", content=b"x" * (MAX_ATTACHED_BYTES // 2)
        )
        replace(a_mail(), attachments=(half, half))
        with pytest.raises(MailRefused):
            replace(a_mail(), attachments=(half, half, Attachment(name="b", media_type="a/b", content=b"x")))

    async def test_the_same_mail_sent_again_can_be_told_by_its_id(
        self, mailer: Mailer, arrived: Arrived
    ) -> None:
        mail = a_mail()
        await mailer.send(mail)
        await mailer.send(mail)
        assert {each.message_id for each in await arrived()} == {mail.message_id}

    async def test_mails_sent_at_the_same_time_all_arrive(self, mailer: Mailer, arrived: Arrived) -> None:
        mails = [a_mail(message_id=f"mail-{n}", to=f"person{n}@example.com") for n in range(20)]
        await asyncio.gather(*(mailer.send(mail) for mail in mails))
        assert sorted(await arrived(), key=lambda each: each.to) == sorted(mails, key=lambda each: each.to)

    @pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\x00", "\x85", "\u2028"])
    async def test_no_header_can_be_smuggled_in(
        self, mailer: Mailer, arrived: Arrived, line_break: str
    ) -> None:
        smuggled = f"x{line_break}Bcc: eve@example.com"
        for field in ("message_id", "to", "subject", "locale"):
            with pytest.raises(MailRefused):
                await mailer.send(a_mail(**{field: smuggled}))
        assert await arrived() == []

    async def test_an_address_that_is_none_is_refused_or_kept(self, mailer: Mailer, arrived: Arrived) -> None:
        """A mailer may refuse what no server takes, but never drops a mail or sends it elsewhere."""
        mail = a_mail(to="ada@example.com, eve@example.com")
        try:
            await mailer.send(mail)
        except MailRefused:
            assert await arrived() == []
        else:
            assert await arrived() == [mail]

    def test_a_mail_does_not_show_its_bodies(self) -> None:
        assert "482913" not in repr(a_mail())
