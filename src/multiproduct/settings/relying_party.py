"""As whom the installation speaks to authenticators: the relying party of passkeys and device keys."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_is_host_name = re.compile(
    r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9][a-z0-9-]{0,62})*"
).fullmatch
_is_web_origin = re.compile(r"https://[^\s/?#@A-Z]+|http://localhost(?::\d{1,5})?").fullmatch
_is_application = re.compile(r"android:apk-key-hash:[A-Za-z0-9_-]{43}").fullmatch


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Its id, a host name, and the origins whose answers count."""

    id: str
    origins: tuple[str, ...]


def relying_party(base_url: str, *, id: str | None, more_origins: str) -> RelyingParty:
    """That of the base URL's host, unless `id` names one above it.

    Browsers give no passkeys to addresses of numbers, so that a loopback address stands for localhost.
    Raises ValueError where the base URL's host is not within `id`.
    """
    parts = urlsplit(base_url)
    host = (parts.hostname or "localhost").lower()
    if _is_loopback(host):
        host = "localhost"
    port = f":{parts.port}" if parts.port is not None else ""
    named = id or host
    if id is not None and host != id and not host.endswith(f".{id}"):
        raise ValueError(f"PASSKEY_RP_ID must be {host} or what follows one of its dots")
    given = (each.strip() for each in more_origins.split(","))
    return RelyingParty(named, tuple(dict.fromkeys((f"{parts.scheme}://{host}{port}", *filter(None, given)))))


def host_name(text: str) -> str:
    """A host name in lower case."""
    if not _is_host_name(text):
        raise ValueError("write it as shop.example, in lower case")
    return text


def passkey_origins(text: str) -> str:
    """Origins, separated by commas."""
    for number, origin in enumerate((each.strip() for each in text.split(",")), start=1):
        if origin and not (_is_web_origin(origin) or _is_application(origin)):
            raise ValueError(
                f"number {number} is no origin: write each as https://host, https://host:port or "
                "android:apk-key-hash:..."
            )
    return text


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
