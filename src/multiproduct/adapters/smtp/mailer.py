"""The mailer: hands each mail to one SMTP server and sorts its refusals."""

import asyncio
import ssl

from aiosmtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from multiproduct.adapters.smtp.connections import Client, Connections
from multiproduct.adapters.smtp.message import compose, parse_address, parse_sender
from multiproduct.adapters.smtp.server import Server
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.mailer import Mail, MailRefused, MailUncertain
from multiproduct.domain.shared.errors import Unavailable

DEFAULT_TIMEOUT_SECONDS = 20.0
_RETRY_AFTER_SECONDS = 30

# What these two say at a recipient is about us (out of step, or not signed in), and may be put right.
_ABOUT_THE_CLIENT = frozenset({503, 530})


class SmtpMailer:
    """Sends by a URL like `smtp://user:password@host:587/?starttls=true` or `smtps://...` (see Server.parse).

    `sender` is `Name <address>`. A mail takes at most `timeout` seconds, waiting for a free connection
    included. Certificates are verified; `tls` is for those who have authorities of their own. When the server
    falls silent while it is given the text, nobody can know whether it took the mail: that is MailUncertain,
    and the same mail sent again carries the same Message-ID.
    """

    def __init__(
        self,
        *,
        url: str,
        sender: str,
        real_time: RealTime,
        timeout: float = DEFAULT_TIMEOUT_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._sender = parse_sender(sender)
        self._real_time = real_time
        self._timeout = timeout
        self._connections = Connections(
            server=Server.parse(url),
            greeting=self._sender.domain,
            tls=tls or ssl.create_default_context(),
            timeout=timeout,
            real_time=real_time,
        )

    async def send(self, mail: Mail) -> None:
        """See the port. Refused is an address that is none, that the server cannot spell, or that it answers
        with 5xx; everything else is Unavailable, a wrong password as well. From when the text is handed over
        nothing but an answer of the server says that it did not take it."""
        to = parse_address(mail.to)
        message = compose(mail, sender=self._sender, to=to, date=self._real_time.now())
        client: Client | None = None
        try:
            async with asyncio.timeout(self._timeout), self._connections.one() as client:
                refusal = await self._hand_over(client, to.addr_spec, message.as_bytes())
        except SMTPResponseException as error:
            raise Unavailable(what="mail", retry_after=_RETRY_AFTER_SECONDS) from error
        except (SMTPException, OSError, TimeoutError) as error:
            refused = MailUncertain if client is not None and client.gives_text else Unavailable
            raise refused(what="mail", retry_after=_RETRY_AFTER_SECONDS) from error
        if refusal is not None:
            raise refusal

    async def close(self) -> None:
        """Ends the idle connections."""
        await self._connections.close()

    async def _hand_over(self, client: Client, to: str, content: bytes) -> MailRefused | None:
        """Answers a refusal instead of raising it, as the connection is still good after one."""
        client.gives_text = False
        options = []
        if not to.isascii():
            if not client.supports_extension("smtputf8"):
                return MailRefused(reason="address_unsupported")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        try:
            await client.sendmail(self._sender.addr_spec, [to], content, mail_options=options)
        except SMTPRecipientsRefused as error:
            status = error.recipients[0].code
            if status < 500 or status in _ABOUT_THE_CLIENT:
                raise
            return MailRefused(reason="recipient", status=status)
        return None
