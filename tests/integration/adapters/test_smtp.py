"""Mails over real connections to a real SMTP server."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.integration.adapters.post_office import PASSWORD, PostOffice, a_certificate, serving

from multiproduct.adapters.contracts.mailer import MailerContract, a_mail
from multiproduct.adapters.smtp import SmtpMailer
from multiproduct.adapters.smtp.server import Server
from multiproduct.application.ports.mailer import Attachment, Mail, MailRefused, MailUncertain
from multiproduct.domain.shared.errors import Unavailable

NOW = datetime(2026, 11, 21, 3, 28, 15, tzinfo=UTC)
PATIENCE_SECONDS = 90
IMPATIENCE_SECONDS = 0.3


class StandingTime:
    """A RealTime that moves when it is told to."""

    def __init__(self):
        self.seconds = 1_000.0

    def now(self):
        return NOW

    def monotonic(self):
        return self.seconds


@asynccontextmanager
async def sending(
    url, *, timeout=PATIENCE_SECONDS, real_time=None, tls=None, sender="STARK <no-reply@stark.example>"
):
    mailer = SmtpMailer(
        url=url, sender=sender, real_time=real_time or StandingTime(), timeout=timeout, tls=tls
    )
    try:
        yield mailer
    finally:
        await mailer.close()


@pytest.fixture
def office():
    return PostOffice()


@pytest.fixture
async def url(office):
    async with serving(office, enable_SMTPUTF8=True) as port:
        yield f"smtp://127.0.0.1:{port}"


@pytest.fixture
async def mailer(url):
    async with sending(url) as mailer:
        yield mailer


class TestSmtpMailer(MailerContract):
    @pytest.fixture
    def mailer(self, mailer):
        return mailer

    @pytest.fixture
    def arrived(self, office):
        async def read():
            return [
                Mail(
                    message_id=each["Message-ID"].removeprefix("<").removesuffix("@stark.example>"),
                    to=each["To"],
                    subject=each["Subject"],
                    text=each.get_body(("plain",)).get_content().replace("\r\n", "\n"),
                    html=each.get_body(("html",)).get_content().replace("\r\n", "\n"),
                    locale=each["Content-Language"],
                    attachments=tuple(
                        Attachment(
                            name=part.get_filename(),
                            media_type=part.get_content_type(),
                            content=part.get_payload(decode=True),
                        )
                        for part in each.iter_attachments()
                    ),
                )
                for each in office.messages
            ]

        return read


async def test_headers_say_who_when_and_that_nobody_need_answer(office, mailer):
    await mailer.send(a_mail(message_id="0199-7c", subject="یک کد", locale="fa"))
    (message,), ((envelope, _),) = office.messages, office.envelopes
    assert dict(message.items()) | {"Content-Type": ""} == {
        "From": "STARK <no-reply@stark.example>",
        "To": "ada@example.com",
        "Subject": "یک کد",
        "Date": "Sat, 21 Nov 2026 03:28:15 +0000",
        "Message-ID": "<0199-7c@stark.example>",
        "Content-Language": "fa",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@stark.example", ["ada@example.com"])
    assert envelope.original_content.isascii()
    assert max(map(len, envelope.original_content.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("message_id", ["a b", "x@y", "<x>", "é", "x" * 200, ""])
async def test_any_message_id_makes_a_lawful_header_and_always_the_same(office, mailer, message_id):
    await mailer.send(a_mail(message_id=message_id))
    await mailer.send(a_mail(message_id=message_id))
    one, two = (each["Message-ID"] for each in office.messages)
    assert one == two
    local, _, domain = one.strip("<>").partition("@")
    assert domain == "stark.example"
    assert local.isalnum()
    assert local.isascii()


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("ஸ்டார்க், Inc. <no-reply@stark.example>", "ஸ்டார்க், Inc."),
        ('"STARK, Inc." <no-reply@stark.example>', "STARK, Inc."),
        ("<no-reply@stark.example>", ""),
        (" no-reply@stark.example ", ""),
    ],
)
async def test_the_sender_may_have_any_name_or_none(office, url, sender, name):
    async with sending(url, sender=sender) as mailer:
        await mailer.send(a_mail())
    (address,) = office.messages[0]["From"].addresses
    assert (address.display_name, address.addr_spec) == (name, "no-reply@stark.example")


@pytest.mark.parametrize(
    "to",
    [
        *(
            "",
            "ada",
            "@example.com",
            "ada@",
            "a@b@c",
            "a b@example.com",
            "<ada@example.com>",
            "a..b@example.com",
        ),
        *("ada@example.com, eve@example.com", "ada@example.com;eve@example.com", "Ada <ada@example.com>"),
        *('"a b"@example.com', "ada@exa mple.com", "ada@-", "ada@straße.example", "ada@example..com"),
    ],
)
async def test_what_is_no_single_address_is_refused_before_a_connection_is_opened(office, mailer, to):
    with pytest.raises(MailRefused) as refused:
        await mailer.send(a_mail(to=to))
    assert refused.value.params["reason"] == "invalid_address"
    assert office.connections == 0


async def test_a_domain_in_another_script_is_sent_in_its_ascii_form(office, mailer):
    await mailer.send(a_mail(to="ada@例子.example"))
    assert office.envelopes[0][0].rcpt_tos == ["ada@xn--fsqu00a.example"]


async def test_a_name_before_the_at_sign_in_another_script_goes_where_it_can(office, mailer):
    await mailer.send(a_mail(to="pelé@example.com", subject="código"))
    ((envelope, _),) = office.envelopes
    assert envelope.rcpt_tos == ["pelé@example.com"]
    assert "SMTPUTF8" in envelope.mail_options
    assert "To: pelé@example.com".encode() in envelope.original_content
    assert office.messages[0]["Subject"] == "código"


async def test_a_name_before_the_at_sign_in_another_script_is_refused_where_it_cannot_go(office):
    async with serving(office) as port, sending(f"smtp://127.0.0.1:{port}") as mailer:
        with pytest.raises(MailRefused) as refused:
            await mailer.send(a_mail(to="pelé@example.com"))
        assert refused.value.params["reason"] == "address_unsupported"
        await mailer.send(a_mail())
    assert (len(office.envelopes), office.connections) == (1, 1)


@pytest.mark.parametrize("status", [550, 551, 553, 521])
async def test_a_recipient_refused_for_good_is_refused_and_the_connection_goes_on(office, mailer, status):
    office.answers["gone@example.com"] = f"{status} no such mailbox"
    with pytest.raises(MailRefused) as refused:
        await mailer.send(a_mail(to="gone@example.com"))
    assert refused.value.params == {"reason": "recipient", "status": status}
    await mailer.send(a_mail())
    assert [each.rcpt_tos for each, _ in office.envelopes] == [["ada@example.com"]]
    assert office.connections == 1


@pytest.mark.parametrize(
    ("whom", "answer"),
    [
        ("ada@example.com", "450 greylisted"),
        ("ada@example.com", "452 full"),
        ("ada@example.com", "530 sign in first"),
        ("no-reply@stark.example", "550 not you"),
        ("no-reply@stark.example", "451 later"),
        ("DATA", "554 looks like spam"),
        ("DATA", "421 going down"),
    ],
)
async def test_any_other_refusal_may_pass(office, mailer, whom, answer):
    office.answers[whom] = answer
    with pytest.raises(Unavailable) as failed:
        await mailer.send(a_mail())
    assert failed.value.retry_after >= 1
    assert not isinstance(failed.value, MailUncertain), "the server said that it has not got it"
    office.answers.clear()
    await mailer.send(a_mail())
    assert len(office.envelopes) == 1


async def test_a_server_that_is_down_is_unavailable(office):
    async with serving(office) as port:
        pass
    async with sending(f"smtp://127.0.0.1:{port}") as mailer:
        with pytest.raises(Unavailable):
            await mailer.send(a_mail())


async def test_a_server_that_says_nothing_is_unavailable():
    writers = []
    server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    async with (
        server,
        sending(
            f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=IMPATIENCE_SECONDS
        ) as mailer,
    ):
        with pytest.raises(Unavailable):
            await mailer.send(a_mail())
        for writer in writers:
            writer.close()
    assert len(writers) == 1


async def test_a_connection_on_which_the_server_falls_silent_is_given_up(office, url):
    async with sending(url, timeout=IMPATIENCE_SECONDS) as mailer:
        office.is_silent = True
        with pytest.raises(MailUncertain):
            await mailer.send(a_mail(message_id="m1"))
        office.is_silent = False
        await mailer.send(a_mail(message_id="m1"))
    assert [each["Message-ID"] for each in office.messages] == ["<m1@stark.example>"]
    assert office.connections == 2


async def test_rfc_8058_a_commercial_mail_says_where_one_click_ends_them_and_no_other_does(office, mailer):
    place = "https://stark.example/unsubscribe/token"
    for mail in (replace(a_mail(message_id="m1"), unsubscribe_url=place), a_mail(message_id="m2")):
        await mailer.send(mail)
    first, second = office.messages
    assert first["List-Unsubscribe"] == f"<{place}>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert second["List-Unsubscribe"] is None
    with pytest.raises(MailRefused):
        replace(a_mail(), unsubscribe_url=f"{place}\nBcc: all@stark.example")


async def test_a_burst_shares_connections_each_for_a_hundred_mails(office, mailer):
    for n in range(101):
        await mailer.send(a_mail(message_id=f"m{n}"))
    assert (len(office.envelopes), office.connections) == (101, 2)


async def test_no_more_than_four_connections_are_open_at_a_time(office, mailer):
    await asyncio.gather(*(mailer.send(a_mail(message_id=f"m{n}")) for n in range(40)))
    assert len(office.envelopes) == 40
    assert office.peak == 4
    assert office.connections == 4


async def test_a_connection_that_rested_too_long_is_not_used_again(office, url):
    time = StandingTime()
    async with sending(url, real_time=time) as mailer:
        await mailer.send(a_mail())
        time.seconds += 19
        await mailer.send(a_mail())
        assert office.connections == 1
        time.seconds += 21
        await mailer.send(a_mail())
        assert office.connections == 2


async def test_a_server_that_hung_up_between_two_mails_is_called_again(office, mailer):
    await mailer.send(a_mail())
    for transport in office.transports:
        transport.abort()
    await mailer.send(a_mail())
    assert (len(office.envelopes), office.connections) == (2, 2)


async def test_a_closed_mailer_can_be_used_again(office, mailer):
    await mailer.send(a_mail())
    await mailer.close()
    await mailer.send(a_mail())
    assert (len(office.envelopes), office.connections) == (2, 2)


@pytest.mark.parametrize("smtps", [False, True])
async def test_a_password_is_sent_over_a_verified_connection(office, tmp_path, smtps):
    server, client = a_certificate(tmp_path)
    # This server does not count encryption from the first byte when it asks for some.
    options = {"auth_require_tls": False} if smtps else {"require_starttls": True}
    scheme = "smtps" if smtps else "smtp"
    async with (
        serving(office, tls=server, smtps=smtps, authenticator=office.authenticate, **options) as port,
        sending(f"{scheme}://stark:right%3Ap%40ss@127.0.0.1:{port}", tls=client) as mailer,
    ):
        await mailer.send(a_mail())
    assert office.logins == [(b"stark", PASSWORD)]
    assert [is_encrypted for _, is_encrypted in office.envelopes] == [not smtps]


async def test_encryption_is_taken_where_it_is_offered(office, tmp_path):
    server, client = a_certificate(tmp_path)
    async with serving(office, tls=server) as port, sending(f"smtp://127.0.0.1:{port}", tls=client) as mailer:
        await mailer.send(a_mail())
    assert [is_encrypted for _, is_encrypted in office.envelopes] == [True]


@pytest.mark.parametrize("smtps", [False, True])
async def test_a_server_that_nobody_vouches_for_gets_nothing(office, tmp_path, smtps):
    server, _ = a_certificate(tmp_path)
    scheme = "smtps" if smtps else "smtp"
    async with (
        serving(office, tls=server, smtps=smtps, authenticator=office.authenticate) as port,
        sending(f"{scheme}://stark:right%3Ap%40ss@127.0.0.1:{port}") as mailer,
    ):
        with pytest.raises(Unavailable):
            await mailer.send(a_mail())
    assert (office.logins, office.envelopes) == ([], [])


async def test_a_password_is_not_sent_in_the_clear_to_a_server_without_encryption(office):
    async with (
        serving(office, authenticator=office.authenticate, auth_require_tls=False) as port,
        sending(f"smtp://stark:right%3Ap%40ss@127.0.0.1:{port}") as mailer,
    ):
        with pytest.raises(Unavailable):
            await mailer.send(a_mail())
    assert (office.logins, office.envelopes) == ([], [])


@pytest.mark.parametrize(("password", "delivered"), [("right%3Ap%40ss", 1), ("wrong", 0)])
async def test_a_wrong_password_may_be_put_right(office, password, delivered):
    async with (
        serving(office, authenticator=office.authenticate, auth_require_tls=False) as port,
        sending(f"smtp://stark:{password}@127.0.0.1:{port}/?starttls=false") as mailer,
    ):
        if delivered:
            await mailer.send(a_mail())
        else:
            with pytest.raises(Unavailable):
                await mailer.send(a_mail())
    assert len(office.envelopes) == delivered


@pytest.mark.parametrize(
    ("url", "port", "use_tls", "start_tls"),
    [
        ("smtp://mail.example", 25, False, None),
        ("smtp://u:p@mail.example", 587, False, True),
        ("smtp://mail.example/?starttls=true", 587, False, True),
        ("smtp://u:p@mail.example:2525/?starttls=false", 2525, False, False),
        ("smtps://u:p@mail.example", 465, True, False),
        ("smtps://[::1]:4650", 4650, True, False),
    ],
)
def test_a_url_says_how_to_connect(url, port, use_tls, start_tls):
    server = Server.parse(url)
    assert (server.port, server.use_tls, server.start_tls) == (port, use_tls, start_tls)
    assert "'p'" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "mail.example",
            "http://u:secret@mail.example",
            "smtp://",
            "smtp://u:secret@",
            "smtp://u@mail.example",
        ),
        *(
            "smtp://u:secret@mail.example:x",
            "smtp://:secret@mail.example",
            "smtp://u:secret@mail.example/path",
        ),
        *("smtp://u:secret@mail.example/?tls=1", "smtp://u:secret@mail.example/?starttls=maybe"),
        *("smtps://u:secret@mail.example/?starttls=true", "smtp://[u:secret@mail.example"),
    ],
)
def test_a_url_that_says_something_else_is_refused_without_showing_it(url):
    with pytest.raises(ValueError, match=r"SMTP|smtp|starttls") as refused:
        Server.parse(url)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "STARK",
        "STARK <stark>",
        "é@stark.example",
        "a@x.example, b@x.example",
        "A <a@x.example>, B <b@x.example>",
        "A <a@x.example",
    ],
)
def test_a_sender_that_is_no_address_is_refused(sender):
    with pytest.raises(ValueError, match="sender"):
        SmtpMailer(url="smtp://127.0.0.1", sender=sender, real_time=StandingTime())
