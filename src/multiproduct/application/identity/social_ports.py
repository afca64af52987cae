"""What social sign-in needs: where accounts and states are kept, who checks tokens, and the providers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from multiproduct.domain.identity import ForeignIdentity, Provider, SocialAccount, SocialReturn, SocialState


class SocialAccounts(Protocol):
    """Keeps linked accounts. The unique index on issuer and subject is the only truth about whose one is."""

    async def add(self, account: SocialAccount) -> bool:
        """Keeps a new one; false where issuer and subject are linked already. Logs its events only where
        true."""
        ...

    async def find(self, id: UUID) -> SocialAccount | None:
        """By its id."""
        ...

    async def find_by_subject(self, issuer: str, subject: str) -> SocialAccount | None:
        """By what the provider knows it as."""
        ...

    async def of_user(self, user_id: UUID) -> Sequence[SocialAccount]:
        """All of a user, in the order in which they were linked."""
        ...

    async def used(self, account: SocialAccount) -> None:
        """Writes when it was used last, and whether mail arrives; logs its events."""
        ...

    async def remove(self, account: SocialAccount) -> bool:
        """Removes it; false when it was gone. Logs its events only where true."""
        ...

    async def note_unlinked(self, account: SocialAccount, *, now: datetime) -> None:
        """Remembers that its user took it away; once more changes nothing."""
        ...

    async def was_unlinked(self, issuer: str, subject: str, *, user_id: UUID) -> bool:
        """Whether that user took this account away, and has not linked it since."""
        ...

    async def forget_unlinked(self, account: SocialAccount) -> None:
        """Forgets that its user ever took it away."""
        ...


class SocialStates(Protocol):
    """Keeps sign-ins under way until the browser comes back, once."""

    async def add(self, state: SocialState) -> None:
        """Keeps a new one."""
        ...

    async def take(self, answer: SocialReturn, *, now: datetime) -> SocialState | None:
        """Removes and answers the state for which `SocialState.takes` holds: one conditional statement, of
        any number of rivals one gets it."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment, at most `limit`; answers how many."""
        ...


class SocialNonces(Protocol):
    """Keeps hashes of nonces that clients asked for, until each is used once, and of ID tokens that have
    none, from their one use until they are over."""

    async def add(self, nonce_hash: str, *, expires_at: datetime) -> None:
        """Keeps a new one."""
        ...

    async def take(self, nonce_hash: str, *, now: datetime) -> bool:
        """Removes one that is not over: one conditional statement. False when there is none."""
        ...

    async def spend(self, token_hash: str, *, expires_at: datetime) -> bool:
        """Keeps the hash of what is used by this: one conditional statement, of any number of rivals one is
        told true. False when it is kept already."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment, at most `limit`; answers how many."""
        ...


JsonKey = Mapping[str, Any]
"""A JSON Web Key (RFC 7517)."""


@dataclass(frozen=True, slots=True)
class TokenHeader:
    """Which key a token says that it is signed with, and how. Nothing of it is proved."""

    key_id: str
    algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token must say: one of the issuers, none but these audiences, an algorithm out of these."""

    issuers: frozenset[str]
    audiences: frozenset[str]
    algorithms: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTokenClaims:
    """What a genuine token says. `nonce` is None where it has none; `others` are all claims as they came."""

    issuer: str
    subject: str
    expires_at: datetime
    nonce: str | None = field(repr=False)
    others: Mapping[str, Any] = field(repr=False)


class IdTokens(Protocol):
    """Checks OpenID Connect ID tokens (OpenID Connect Core 1.0, 3.1.3.7) and what is signed like them.

    Promises: nothing over 8 KiB is decoded; the algorithm is one that is expected and that the key is for;
    `none` and shared secrets are never taken; a key or an address of one in the header is never looked at;
    `iss`, `aud`, `exp`, `iat` and `sub` are there and of their types, `azp` where there are several
    audiences; no claim stands there twice. Times are judged by the business clock with 30 seconds of leeway.
    """

    def header(self, token: str) -> TokenHeader | None:
        """What the header says, so that the key can be found; None for what is no such token."""
        ...

    def read(
        self, token: str, *, keys: Sequence[JsonKey], expected: Expected, now: datetime
    ) -> IdTokenClaims | None:
        """The claims of a genuine token; None for anything else."""
        ...

    def read_notice(
        self, token: str, *, keys: Sequence[JsonKey], expected: Expected, now: datetime
    ) -> Mapping[str, Any] | None:
        """The claims of a genuine notice between servers, which has neither `sub` nor an end; None for
        anything else."""
        ...


class ClientSecrets(Protocol):
    """What the installation shows a provider to prove which client it is."""

    def current(self, *, now: datetime) -> str:
        """A secret that is good now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """What a browser is sent away with. All but the challenge (RFC 7636, S256) are for the provider to give
    back: the state by the browser, the nonce in the ID token."""

    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    challenge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeGrant:
    """What an authorisation code is exchanged with."""

    code: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """An identity that was proved just now. `nonce` is what the ID token was bound to, if it was one;
    `expires_at` when an ID token is over, None for what was no ID token."""

    identity: ForeignIdentity
    nonce: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderNotice:
    """What Apple tells of an account of its own accord."""

    kind: str
    issuer: str
    subject: str
    happened_at: datetime


class SocialProvider(Protocol):
    """One provider. What it says is believed only after every check; each call may leave the process, so none
    is made within a unit."""

    @property
    def provider(self) -> Provider: ...

    @property
    def issuers(self) -> frozenset[str]:
        """How it may call itself in the answer to a browser (RFC 9207)."""
        ...

    @property
    def posts_back(self) -> bool:
        """Whether it has the browser come back by a form from its own site."""
        ...

    def departure(self, departure: Departure) -> str:
        """Where the browser is sent."""
        ...

    async def by_code(self, grant: CodeGrant, *, now: datetime) -> Proved:
        """Exchanges the code. Raises SocialTokenInvalid, Unavailable."""
        ...

    async def by_id_token(self, token: str, *, now: datetime) -> Proved:
        """Raises SocialTokenInvalid, Unavailable."""
        ...

    async def by_access_token(self, token: str, *, now: datetime) -> Proved:
        """Raises SocialTokenInvalid, Unavailable; InvalidInput where the provider cannot tell for which
        client an access token was made."""
        ...

    async def notice(self, token: str, *, now: datetime) -> ProviderNotice:
        """Raises SocialTokenInvalid, Unavailable; NotFound where the provider sends none."""
        ...
