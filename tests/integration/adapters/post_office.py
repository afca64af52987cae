"""A real SMTP server for tests, in the loop of the test, on a free port of the loopback."""

import asyncio
import ipaddress
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SILENCE_SECONDS = 30.0
PASSWORD = b"right:p@ss"


class PostOffice:
    """Takes mails in. `answers` maps an address, or `DATA`, to what is said instead of 250."""

    def __init__(self):
        self.envelopes, self.logins = [], []
        self.answers = {}
        self.connections = self.open = self.peak = 0
        self.is_silent = False
        self.transports = set()

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd looks for this name
        if address in self.answers:
            return self.answers[address]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd looks for this name
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd looks for this name
        self.open += 1
        self.peak = max(self.peak, self.open)
        await asyncio.sleep(0.005)
        self.open -= 1
        if self.is_silent:
            await asyncio.sleep(SILENCE_SECONDS)
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.envelopes.append((envelope, session.ssl is not None))
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login, data.password))
        is_right = data.password == PASSWORD
        return AuthResult(success=is_right, handled=is_right)  # what is not handled is answered with 535

    @property
    def messages(self):
        return [
            message_from_bytes(each.original_content, policy=policy.default) for each, _ in self.envelopes
        ]


class Watched(SMTP):
    def connection_made(self, transport):
        if self.transport is None:  # STARTTLS comes here a second time
            self.event_handler.connections += 1
        self.event_handler.transports.add(transport)
        super().connection_made(transport)


@asynccontextmanager
async def serving(office, *, tls=None, smtps=False, **options):
    loop = asyncio.get_running_loop()

    def session():
        starttls = None if smtps else tls
        return Watched(office, hostname="mail.test", loop=loop, tls_context=starttls, **options)

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=tls if smtps else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for transport in office.transports:
            transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0)


def a_certificate(folder):
    """A server's TLS context for 127.0.0.1 and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return server, ssl.create_default_context(cadata=pem.decode())
