"""A mail as the lines that go over the wire: RFC 5322 headers and two MIME parts."""

import hashlib
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from multiproduct.application.ports.mailer import Mail, MailRefused

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_ATOMS = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*")
_LOCAL_PART = re.compile(rf"(?:{_ATOM}|[^\x00-\x7f])+(?:\.(?:{_ATOM}|[^\x00-\x7f])+)*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_SENDER = re.compile(r'(?:"?(?P<name>[^<>"\r\n]*?)"?\s*<)?(?P<address>[^<>\s]+)(?(name)>)')
_MAX_ID_CHARACTERS = 64  # a longer Message-ID would be folded, which receivers read differently

# Bodies are sent in seven bits: not every server takes eight, and some break long lines.
_POLICY = SMTP.clone(cte_type="7bit")
_UTF8_POLICY = _POLICY.clone(utf8=True)


def parse_sender(text: str) -> Address:
    """Reads `Name <address>`, the name with quotes or without, or a bare address. Raises ValueError."""
    found = _SENDER.fullmatch(text.strip())
    if found is None or not found["address"].isascii():
        raise ValueError("the sender must be one address, in ASCII, with or without a name")
    name, addr_spec = found["name"] or "", found["address"]
    try:
        return parse_address(addr_spec, name=name)
    except MailRefused:
        raise ValueError("the sender is not a mail address") from None


def parse_address(addr_spec: str, *, name: str = "") -> Address:
    """The address, its domain in ASCII. Raises MailRefused where it is not a dot-string and a host name."""
    local, _, domain = addr_spec.rpartition("@")
    try:
        ascii_domain = _ascii_domain(domain)
    except ValueError:
        raise MailRefused(reason="invalid_address") from None
    if not (addr_spec.isprintable() and _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(ascii_domain)):
        raise MailRefused(reason="invalid_address")
    return Address(display_name=name, username=local, domain=ascii_domain)


def compose(mail: Mail, *, sender: Address, to: Address, date: datetime) -> EmailMessage:
    """Both parts, the plain one first, as programs show the last one they can.

    The Message-ID is made of `mail.message_id` and the sender's domain. That no header holds a line break was
    seen to by Mail; the policy would raise ValueError.
    """
    message = EmailMessage(policy=_POLICY if to.username.isascii() else _UTF8_POLICY)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(date)
    message["Message-ID"] = f"<{_message_id(mail.message_id)}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe_url is not None:
        # RFC 8058: programs show a button that posts to the address, and ask nobody to sign in.
        message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for attachment in mail.attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        message.add_attachment(attachment.content, maintype=kind, subtype=subtype, filename=attachment.name)
    # Last, because the headers of contents set before it move into the first part.
    message["Content-Language"] = mail.locale
    return message


def _message_id(text: str) -> str:
    if len(text) <= _MAX_ID_CHARACTERS and _ATOMS.fullmatch(text):
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_MAX_ID_CHARACTERS]


def _ascii_domain(domain: str) -> str:
    """The domain in A-labels.

    Raises ValueError also where the old mapping that Python knows would change the domain: it writes `ß` as
    `ss`, which is somebody else's mailbox.
    """
    if domain.isascii():
        return domain
    encoded = domain.encode("idna").decode("ascii")
    if encoded.encode("ascii").decode("idna") != domain.lower():
        raise ValueError("the domain has letters that the registries treat differently")
    return encoded
