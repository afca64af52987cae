"""How addresses are written in settings.

Each function answers the text, or raises ValueError that says how to write it. No refusal repeats the text,
which may hold a password.
"""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from multiproduct.domain.translation.locales import LOCALES

MEMORY_URL = "memory://"
DEFAULT_SENDER = "STARK <no-reply@localhost>"
DATABASE_SCHEMES = ("sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+asyncpg", "postgres")
REDIS_SCHEMES = ("redis", "rediss", "unix")
BROKER_SCHEMES = (*REDIS_SCHEMES, "amqp", "amqps")
MEDIA_SCHEMES = ("file", "s3", "gs", "az")
ENDPOINT_NAMES = ("issuer", "authorization", "token", "keys", "debug", "graph")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_DATABASE_FORM = "write it as sqlite:///path or postgresql://user:password@host:port/name"
_REDIS_FORM = "write it as redis://host:port/0, rediss://... for TLS, or unix://path"
_BROKER_FORM = (
    "write it as redis://host:port/0, rediss://..., unix://path, or amqp(s)://user:password@host/vhost"
)
_NOTIFICATION_CHOICE = re.compile(r"[a-z_]+(?:\.[a-z_]+(?:/[a-z_]+)?)?=(?:on|off)")
_COLOUR_NAMES = frozenset({"page", "card", "text", "muted", "line", "accent", "on_accent"})
_is_colour = re.compile(r"([a-z_]+)=#[0-9a-fA-F]{6}").fullmatch
_PAGE_FORM = "write it as https://host or https://host:port/path"
_BASE_FORM = "write it as https://host or https://host:port/path, without ?, # and @"
_ORIGIN_FORM = "write each as scheme://host or scheme://host:port without a path, in lower case, or * for all"

# As SQLAlchemy reads it: the password may hold every sign but @.
_is_postgres_url = re.compile(
    r"[\w+]+://(?:[^:/]*(?::[^@]*)?@)?(?:\[[^/?\]]+\]|[^/:?]*)(?::\d*)?(?:[/?].*)?"
).fullmatch
_is_web_address = re.compile(r"https?://[^\s\"'<>]+").fullmatch
_is_plain = re.compile(r"[^?#@]*").fullmatch
_is_mail_address = re.compile(r"[^\s\"'<>@]+@[^\s\"'<>@]+").fullmatch
_is_mail_link = re.compile(r"mailto:[^\s\"'<>@]+@[^\s\"'<>@]+").fullmatch
_is_origin = re.compile(r"[a-z][a-z0-9+.-]*://(?:\[[0-9a-f:.]+\]|[^\s/?#@:\[\]A-Z]+)(?::\d{1,5})?").fullmatch
_CURRENCY_LETTERS = 3
_LANGUAGES = {each.lower(): each for each in ("en", "es", "fa", "kn", "ta", "zh-Hant")}
_SERVICE_FORM = "write it as https://host/path (http only for this machine), without user, password and #"
_is_header_name = re.compile(r"[A-Za-z0-9-]{1,64}").fullmatch
_is_number = re.compile(r"\+?[0-9]{3,15}").fullmatch
_is_sender_name = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}").fullmatch
_is_sender_pool = re.compile(r"MG[0-9a-f]{32}").fullmatch
_is_region = re.compile(r"[A-Z]{2}").fullmatch


_MOST_PAUSES = 20
_LONGEST_PAUSE = 90 * 86_400


def ports(text: str) -> str:
    """Numbers of ports, separated by commas."""
    found = [each.strip() for each in text.split(",")]
    if not all(each.isascii() and each.isdigit() and 0 < int(each) < 65_536 for each in found):
        raise ValueError("write ports from 1 to 65535, separated by commas")
    return ",".join(found)


def networks(text: str) -> str:
    """Networks such as 198.51.100.0/24, separated by commas; none is none."""
    found = [each.strip() for each in text.split(",") if each.strip()]
    for each in found:
        try:
            ipaddress.ip_network(each)
        except ValueError:
            raise ValueError("write networks such as 198.51.100.0/24, separated by commas") from None
    return ",".join(found)


def notification_choices(text: str) -> str:
    """Choices about notifications, separated by commas; none is none. That their types exist is seen to when
    they are read."""
    found = [each.strip() for each in text.split(",") if each.strip()]
    if not all(_NOTIFICATION_CHOICE.fullmatch(each) for each in found):
        raise ValueError("write choices such as billing.invoice_issued/email=on, sms=off")
    return ",".join(found)


def database_url(text: str) -> str:
    """A file of SQLite, a database of PostgreSQL, or memory://."""
    if text == MEMORY_URL:
        return text
    scheme, mark, rest = text.partition("://")
    if not mark or scheme not in DATABASE_SCHEMES:
        raise ValueError(_DATABASE_FORM)
    if scheme.startswith("sqlite"):
        path = rest.partition("?")[0]
        if not path.startswith("/") or path in {"/", "/:memory:"}:
            raise ValueError("SQLite needs a file: write sqlite:///path, or memory:// to keep nothing")
    elif not _is_postgres_url(text):
        raise ValueError(_DATABASE_FORM)
    return text


def redis_url(text: str) -> str:
    """A server of Redis."""
    _of_a_server(text, REDIS_SCHEMES, _REDIS_FORM)
    return text


def broker_url(text: str) -> str:
    """A server of Redis or RabbitMQ."""
    _of_a_server(text, BROKER_SCHEMES, _BROKER_FORM)
    return text


def smtp_url(text: str) -> str:
    """A mail server, as the adapter that will speak to it reads it."""
    from multiproduct.adapters.smtp.server import Server  # noqa: PLC0415 - only where mails are sent

    Server.parse(text)
    return text


def sender(text: str) -> str:
    """`Name <address>` or an address, as the adapter that will write it into mails reads it."""
    if text == DEFAULT_SENDER:
        return text
    from multiproduct.adapters.smtp.message import parse_sender  # noqa: PLC0415 - only where one is set

    try:
        parse_sender(text)
    except ValueError:
        raise ValueError("write it as Name <name@host> or name@host, the address in ASCII") from None
    return text


def mail_address(text: str) -> str:
    """An address that people write to."""
    if not _is_mail_address(text):
        raise ValueError("write it as name@host")
    return text


def base_url(text: str) -> str:
    """An absolute address that others are made from by adding to it."""
    if not _is_plain(text):
        raise ValueError(_BASE_FORM)
    return page_url(text)


def page_url(text: str) -> str:
    """An absolute address that a browser opens."""
    if not (_is_web_address(text) and _split(text, _PAGE_FORM).hostname):
        raise ValueError(_PAGE_FORM)
    return text


def origins(text: str) -> str:
    """Origins, separated by commas."""
    for number, origin in enumerate((each.strip() for each in text.split(",")), start=1):
        if origin not in {"", "*"} and not (_is_origin(origin) and _split(origin, _ORIGIN_FORM).hostname):
            raise ValueError(f"number {number} is no origin: {_ORIGIN_FORM}")
    return text


def redirect_urls(text: str) -> str:
    """Addresses of pages, separated by commas, that a browser is sent back to exactly as they are."""
    for each in (each.strip() for each in text.split(",")):
        if each:
            service_url(each)
    return text


def endpoints(text: str) -> str:
    """Addresses of a provider, each after its name."""
    for each in (each.strip() for each in text.split(",") if each.strip()):
        name, mark, address = each.partition("=")
        if not mark or name not in ENDPOINT_NAMES:
            raise ValueError(f"write it as {', '.join(f'{known}=https://...' for known in ENDPOINT_NAMES)}")
        service_url(address)
    return text


def region(text: str) -> str:
    """A country, in capitals."""
    code = text.upper()
    if not _is_region(code):
        raise ValueError("write the two letters of an ISO 3166 country, as in DE")
    return code


def seller_country(text: str) -> str:
    """A country, in capitals, or nothing where none is told."""
    return region(text) if text else ""


def currency(text: str) -> str:
    """A currency, in capitals."""
    code = text.upper()
    if len(code) != _CURRENCY_LETTERS or not (code.isascii() and code.isalpha()):
        raise ValueError("write the three letters of an ISO 4217 currency, as in EUR")
    return code


def regions(text: str) -> str:
    """Countries, in capitals, separated by commas."""
    return ",".join(region(each.strip()) for each in text.split(",") if each.strip())


def service_url(text: str) -> str:
    """An address that is called: https, or http on this machine."""
    parts = _split(text, _SERVICE_FORM)
    is_here = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or parts.scheme not in ({"https", "http"} if is_here else {"https"}):
        raise ValueError(_SERVICE_FORM)
    if parts.username or parts.password or parts.fragment:
        raise ValueError(_SERVICE_FORM)
    return text


def language(text: str) -> str:
    """One of the languages that there are catalogues for."""
    known = {each.lower(): each for each in LOCALES}.get(text.strip().replace("_", "-").lower())
    if known is None:
        raise ValueError(f"choose one of {', '.join(LOCALES)}")
    return known


def language_names(text: str) -> str:
    """Our names of languages and another's, as in zh-Hant=zt."""
    if text:
        from multiproduct.adapters.libretranslate import (  # noqa: PLC0415 - only where they are set
            read_language_names,
        )

        read_language_names(text)
    return text


def colours(text: str) -> str:
    """Colours by their names, separated by commas; none is none."""
    found = [each.strip() for each in text.split(",")] if text.strip() else []
    names = [written[1] for each in found if (written := _is_colour(each))]
    if len(names) != len(found) or len(set(names)) != len(names) or not _COLOUR_NAMES.issuperset(names):
        raise ValueError(f"write name=#rrggbb, separated by commas, of {', '.join(sorted(_COLOUR_NAMES))}")
    return ",".join(found)


def header_name(text: str) -> str:
    """The name of an HTTP header."""
    if not _is_header_name(text):
        raise ValueError("write the name of a header, as in X-Api-Key")
    return text


def sms_sender(text: str) -> str:
    """A number, a name of at most 11 characters, or the id of a pool of senders."""
    if not (_is_number(text) or _is_sender_name(text) or _is_sender_pool(text)):
        raise ValueError("write a number (+15005550006), a name of at most 11 letters and digits, or MG...")
    return text


def sms_fields(text: str) -> str:
    """The names of a gateway's fields, as the adapter that will use them reads them."""
    if text:
        from multiproduct.adapters.sms import JsonFields  # noqa: PLC0415 - only where they are set

        JsonFields.parse(text).document({"to": "+1", "text": "x", "from": "x", "reference": "x"})
    return text


def contact(text: str) -> str:
    """A mailto: or https: address, or none."""
    if text and not (_is_mail_link(text) or text.startswith("https://")):
        raise ValueError("write it as mailto:name@host or https://host/path")
    return page_url(text) if text.startswith("https://") else text


def push_secret(name: str, text: str) -> None:
    """Raises ValueError unless it is a key of the kind that the setting is for, as the adapter that will use
    it reads it."""
    from multiproduct.adapters.jwt import private_keys  # noqa: PLC0415 - only where one is set

    if name == "push_apns_key":
        private_keys.p256_key(text)
    elif name == "push_vapid_key":
        private_keys.vapid_key(text)
    else:
        from multiproduct.adapters.push import ServiceAccount  # noqa: PLC0415 - likewise

        account = ServiceAccount.parse(text)
        private_keys.rsa_key(account.private_key)
        service_url(account.token_uri)


def sms_needs(gateway: str) -> Sequence[str]:
    """The settings that a gateway cannot do without."""
    from multiproduct.adapters.sms.gateways import NEEDS  # noqa: PLC0415 - only where one is set

    return NEEDS[gateway]


def media_url(text: str) -> str:
    """A folder, a bucket, or memory://."""
    if text == MEMORY_URL:
        return text
    scheme, mark, rest = text.partition("://")
    if not mark or scheme not in MEDIA_SCHEMES or not rest.strip("/") or any(each.isspace() for each in text):
        raise ValueError("write it as file:///path, s3://bucket/prefix, gs://... or az://..., or memory://")
    return text


def log_level(text: str) -> str:
    """A level, in capitals."""
    level = text.upper()
    if level not in LOG_LEVELS:
        raise ValueError(f"choose one of {', '.join(LOG_LEVELS)}")
    return level


def _of_a_server(text: str, schemes: Sequence[str], form: str) -> None:
    parts = _split(text, form)
    is_complete = parts.path if parts.scheme == "unix" else parts.hostname
    # In lower case, as not every client reads it otherwise.
    if text.partition(":")[0] not in schemes or not is_complete:
        raise ValueError(form)
    if parts.scheme in {"redis", "rediss"} and not re.fullmatch(r"(?:/\d*)?", parts.path):
        raise ValueError("a Redis URL ends with the number of a database, as in redis://host:6379/0")


def _split(text: str, form: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError(form) from None
    if any(sign.isspace() for sign in text):
        raise ValueError(form)
    return parts


def pauses(text: str) -> str:
    """Whole seconds, 1 to 20 of them, each at most 90 days. Raises ValueError."""
    each = [part.strip() for part in text.split(",")]
    if not 1 <= len(each) <= _MOST_PAUSES:
        raise ValueError(f"name 1 to {_MOST_PAUSES} numbers of seconds")
    if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= _LONGEST_PAUSE for part in each):
        raise ValueError("name whole seconds, 1 to 7776000 each")
    return ",".join(each)
