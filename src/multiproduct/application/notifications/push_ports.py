"""What pushing needs from outside: a store of devices, those who bring messages to them, and cryptography."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from multiproduct.application.identity import IdentityUnit
from multiproduct.application.ports.web_client import WebAnswer
from multiproduct.domain.notifications.push_device import PushDevice, PushKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PushMessage:
    """What is pushed: worded already, and without secrets, since providers may read it.

    `data` is for the app: names and values are text, and no value is ever shown. A later message with the
    `collapse_key` of an earlier one takes its place where both wait or both are shown; by rule it is the key
    of the type. `message_id` is the same for every run that sends this message.
    """

    type_key: str
    title: str
    body: str
    locale: str
    collapse_key: str
    message_id: str
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushTarget:
    """A device as its provider knows it. `token` is a registration token of FCM, a device token of APNs in
    hexadecimal digits, or the address of a browser's push service, which `p256dh` and `auth` go with."""

    device_id: UUID
    kind: PushKind
    token: str = field(repr=False)
    p256dh: bytes = field(default=b"", repr=False)
    auth: bytes = field(default=b"", repr=False)


class PushVerdict(StrEnum):
    """What became of one message to one device."""

    ACCEPTED = "accepted"
    GONE = "gone"
    """The token is none any more."""
    REFUSED = "refused"
    """Not accepted, and sending the same again would change nothing."""
    LATER = "later"
    """Not accepted, and for certain not delivered. Another time it may be."""
    UNCERTAIN = "uncertain"
    """No answer: it may have been delivered. Sending it again may deliver it twice."""


class PushWait(StrEnum):
    """Whom a wait that a provider asks for is about."""

    LANE = "lane"
    DEVICE = "device"
    """The one token that was sent to. What it is told keeps nobody else's messages waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushAnswer:
    """`reason` is a word for the log that tells nothing of the token or the message. `retry_after` is in
    seconds, of a provider that said so, and holds for what `waits` says. `gone_since` is from when on the
    token was none, of a provider that says so."""

    verdict: PushVerdict
    reason: str
    retry_after: int | None = None
    waits: PushWait = PushWait.LANE
    gone_since: datetime | None = None


class Pusher(Protocol):
    """Brings a message to a device, by the provider of its kind.

    Promises: one call hands the message over at most once, except after an answer that says for certain that
    it was not accepted (a stale token of our own, which is renewed once); it is over within 25
    seconds, waiting for a token of our own included; it raises nothing but cancellation; neither token nor
    message is ever logged; the message is cut to what the provider takes, and never refused for its length.
    No provider promises to know a repeated message, so nothing is repeated in here. Safe to call from any
    number of tasks of one loop.
    """

    async def push(self, message: PushMessage, target: PushTarget) -> PushAnswer:
        """Hands it over once."""
        ...

    def lane(self, target: PushTarget) -> str:
        """Names what a wait that the provider asks for holds for: the provider, or the one push service that
        the target's address leads to."""
        ...


class PushDevices(Protocol):
    """Keeps devices. No two have one token, and no two of a person one slot."""

    async def add(self, device: PushDevice) -> None:
        """Keeps a new one. Raises StaleAggregate where a rival took its token or slot, which only the next
        run of the unit sees."""
        ...

    async def save(self, device: PushDevice) -> None:
        """Writes one, unless somebody saved or removed it since it was loaded. Raises StaleAggregate, also
        where another device has its token."""
        ...

    async def remove(self, device: PushDevice) -> None:
        """Removes one, unless somebody saved or removed it since it was loaded. Raises StaleAggregate."""
        ...

    async def find(self, id: UUID) -> PushDevice | None:
        """One by id."""
        ...

    async def with_token(self, digest: str) -> PushDevice | None:
        """The one that has the token."""
        ...

    async def of_user(self, user_id: UUID) -> Sequence[PushDevice]:
        """All of a person, those refreshed last first."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those last refreshed before the moment, at most `limit`; answers how many."""
        ...


class PushUnit(IdentityUnit, Protocol):
    """The slice of a unit that pushing needs, with identity's."""

    @property
    def push_devices(self) -> PushDevices: ...


class PushUnreachable(Exception):
    """No answer came of a push service. `unsent` is whether the message certainly did not go out; `reason` is
    a word for the log that tells nothing of addresses."""

    def __init__(self, reason: str, *, unsent: bool) -> None:
        self.reason = reason
        self.unsent = unsent
        super().__init__(reason)


class PushAddressRefused(Exception):
    """The address leads to where nothing may be sent."""


class PushServices(Protocol):
    """Calls the push services of browsers, whose addresses come from whoever registers.

    Promises: a connection is made only to an address that the installation's policy admits, checked when it
    is made; no redirect is followed, no proxy used, no cookie kept; the call is over within 15 seconds and a
    little.
    """

    def check(self, url: str) -> None:
        """Raises InvalidInput for an address that is never called, on the field `url`."""
        ...

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> WebAnswer:
        """Calls once. Raises PushUnreachable, PushAddressRefused; any status is an answer."""
        ...


class TokenSigner(Protocol):
    """Signs JSON Web Tokens under one private key, with the algorithm that the key is for."""

    def signed(self, claims: Mapping[str, str | int]) -> str:
        """The token in its compact form (RFC 7515). Raises ValueError where the key is none."""
        ...


class PushEncryption(Protocol):
    """Encrypts for a browser what its push service must not read (RFC 8291)."""

    def is_key(self, p256dh: bytes, auth: bytes) -> bool:
        """Whether these are a point of P-256, uncompressed, and 16 bytes."""
        ...

    def encrypted(self, plaintext: bytes, *, p256dh: bytes, auth: bytes) -> bytes:
        """One record of aes128gcm (RFC 8188), under keys that are made for it alone. Raises ValueError for
        keys that are none, and for more than 3993 bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PushChannels:
    """Who brings messages, by kind; a kind without one is off. `vapid_public_key` is what browsers subscribe
    with: a point of P-256 in URL-safe base64."""

    pushers: Mapping[PushKind, Pusher] = field(default_factory=dict)
    vapid_public_key: str | None = None

    @property
    def kinds(self) -> Sequence[PushKind]:
        """Those that are on."""
        return [kind for kind in PushKind if kind in self.pushers]
