"""Which SMTP server to speak to, and how, as one URL says it."""

from dataclasses import dataclass, field
from typing import Literal, Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

_STARTTLS: dict[str, Literal[True, False]] = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`start_tls` is True to demand an upgrade, False for none, None to take it where it is offered."""

    host: str
    port: int
    username: str | None
    password: str | None = field(repr=False)
    use_tls: bool
    start_tls: bool | None

    @classmethod
    def parse(cls, url: str) -> Self:
        """Reads `smtps://user:password@host` (465) or `smtp://host:587/?starttls=true`.

        Where `starttls` is not said, a server that is given a password must upgrade, and any other may: a
        password is only sent in the clear when `starttls=false` asks for it. Raises ValueError, never showing
        the URL, where it says anything else.
        """
        parts, port = _split(url)
        use_tls = parts.scheme == "smtps"
        username = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        if (username is None) != (password is None):
            raise ValueError("the SMTP URL needs a user and a password, or neither")
        start_tls = _start_tls(parts.query, has_password=password is not None)
        if use_tls and parts.query:
            raise ValueError("an smtps URL takes no options: it is encrypted from the first byte")
        return cls(
            host=parts.hostname or "",
            port=port or (465 if use_tls else 587 if start_tls else 25),
            username=username,
            password=password,
            use_tls=use_tls,
            start_tls=False if use_tls else start_tls,
        )


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("the SMTP URL cannot be read") from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("the SMTP URL must look like smtp://host or smtps://host")
    if parts.path not in {"", "/"} or parts.fragment:
        raise ValueError("the SMTP URL takes a host, a port and options, nothing else")
    return parts, port


def _start_tls(query: str, *, has_password: bool) -> bool | None:
    options = parse_qs(query, keep_blank_values=True)
    unknown = options.keys() - {"starttls"}
    if unknown:
        raise ValueError(f"the SMTP URL has options that are not known: {sorted(unknown)}")
    if "starttls" not in options:
        return True if has_password else None
    said = options["starttls"][-1].lower()
    if said not in _STARTTLS:
        raise ValueError("starttls must be true or false")
    return _STARTTLS[said]
