"""What an endpoint is: one row of a table that routing, parsing and documentation are made from."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request

from multiproduct.application.caller import NOBODY, Caller, Principal
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.ports.rate_limiter import Standing
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import MultiproductError
from multiproduct.settings import Settings

MAX_USER_AGENT_LENGTH = 512


class Access(StrEnum):
    """Whether an endpoint looks at the bearer token."""

    PUBLIC = "public"
    """It does not: a client that sends an old token along is served all the same."""
    IF_GIVEN = "if_given"
    """A token is not needed, and one that is not good is refused."""
    IF_GOOD = "if_good"
    """A token is not needed, and one that is not good counts as none."""
    SIGNED_IN = "signed_in"


@dataclass(slots=True, kw_only=True)
class Visit:
    """One request, and what is known of it before anything is decided. The limiter fills `standings`;
    `locale` becomes that of the person as soon as it is known who asks, unless the request wishes another."""

    request: Request
    request_id: str
    locale: str
    ip: str | None
    standings: list[Standing] = field(default_factory=list)

    def caller(self, principal: Principal = NOBODY) -> Caller:
        """The caller, as use cases are told of it."""
        return Caller(
            principal=principal,
            ip=self.ip,
            user_agent=_readable(self.request.headers.get("user-agent")),
            request_id=self.request_id,
            locale=self.locale,
            standings=self.standings,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who calls a use case, the idempotency key where the endpoint reads one, and the ids in its path by the
    names of their parameters."""

    caller: Caller
    idempotency_key: str | None = None
    ids: Mapping[str, UUID] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    new_cookies: list[str] = field(default_factory=list, repr=False)
    """Values of Set-Cookie, added by the handler."""


Handler = Callable[[Container, Any, Call], Awaitable[BaseModel]]
MessageKey = str | Callable[[Any], str]
Check = Callable[[Container, Any, InputFindings], None]
"""Adds what the use case would refuse in the fields of a command. Where a document has values of a wrong
type, it is asked about the others, with a command that lacks those: None stands for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """A body that is one of two commands: `present` if it has the field, else `absent`."""

    field: str
    present: type[BaseModel]
    absent: type[BaseModel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A body that is one file: as it is, or the part `field` of a form. `media_types` are for documentation:
    what a file is, is found by looking at it."""

    field: str
    media_types: tuple[str, ...]
    max_bytes: Callable[[Settings], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One use case at one path. Each `{name}` in the path is an id; one that is malformed is not found.

    `scope` is the throttle scope that is taken here; use cases that take one themselves have None. `message`
    is the translation key of the answer's `message` field, or picks it from the result. `errors` are those
    that the use case raises, besides what parsing, authentication and throttling refuse. `check` has rules of
    the domain told in the same answer as values of a wrong type; without one they are told next time.
    `other_results` are what the use case may answer in place of `result`.
    With `upload` the handler gets the bytes of a file in place of a command; with `file_types`, the media
    types of the answer, it answers a FileView.
    """

    method: str
    path: str
    name: str
    tag: str
    summary: str
    description: str = ""
    handler: Handler
    command: type[BaseModel] | Either | None = None
    check: Check | None = None
    upload: Upload | None = None
    result: type[BaseModel]
    other_results: tuple[type[BaseModel], ...] = ()
    status: int = 200
    access: Access = Access.PUBLIC
    permission: str | None = None
    scope: str | None = None
    message: MessageKey | None = None
    errors: tuple[type[MultiproductError], ...] = ()
    idempotent: bool = False
    takes_forms: bool = False
    cache_control: str = "no-store"
    file_types: tuple[str, ...] = ()

    @property
    def has_body(self) -> bool:
        """Whether the command comes in the body; GET and DELETE have it in the query (RFC 9110, 9.3)."""
        takes_command = self.command is not None and self.method not in ("GET", "DELETE")
        return takes_command or self.upload is not None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the ids in the path."""
        return parameters_of(self.path)

    @property
    def commands(self) -> tuple[type[BaseModel], ...]:
        """Every command the endpoint takes."""
        if isinstance(self.command, Either):
            return (self.command.present, self.command.absent)
        return () if self.command is None else (self.command,)


def parameters_of(path: str) -> tuple[str, ...]:
    """The names of a path's parameters, in their order."""
    return tuple(re.findall(r"\{(\w+)\}", path))


def _readable(user_agent: str | None) -> str | None:
    return user_agent[:MAX_USER_AGENT_LENGTH].replace("\0", "") if user_agent else None
