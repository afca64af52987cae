"""Proving who somebody is at a provider: by a token, or by the way there and back in one browser."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.social_commands import SocialCallback, SocialProof, StartSocial
from multiproduct.application.identity.social_ports import CodeGrant, Departure, Proved, SocialProvider
from multiproduct.application.identity.social_results import SocialDeparture, SocialNonce
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Randomness
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    ForeignIdentity,
    Provider,
    SocialDenied,
    SocialReturn,
    SocialState,
    SocialStateInvalid,
    SocialTokenInvalid,
)
from multiproduct.domain.identity.social_account import NONCE_LIFETIME, STATE_LIFETIME, TOKEN_BYTES
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotConfigured

_MAX_NAME = 150
_CLOCK_DIFFERENCE = timedelta(minutes=1)
"""More than what a token's end is stretched by when it is checked."""


@dataclass(frozen=True, slots=True)
class SpentToken:
    """An ID token without a nonce, by the hash of what is signed of it, and until when that is kept."""

    hash: str
    kept_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedIdentity:
    """Somebody's identity at a provider. `nonce_hash` is the nonce that must still be used up with it,
    `spent` the token itself where it has none; neither for a code or an access token."""

    identity: ForeignIdentity
    nonce_hash: str | None = None
    spent: SpentToken | None = None

    async def use_up(self, unit: IdentityUnit, *, now: datetime) -> bool:
        """Uses up what is good once, in the caller's unit; false where it was used before, or is over."""
        if self.nonce_hash is not None:
            return await unit.social_nonces.take(self.nonce_hash, now=now)
        if self.spent is not None:
            return await unit.social_nonces.spend(self.spent.hash, expires_at=self.spent.kept_until)
        return True


class SocialProviders:
    """Those that the installation has client ids for."""

    def __init__(
        self, *, providers: Mapping[Provider, SocialProvider], redirects: Mapping[Provider, str]
    ) -> None:
        """`redirects` are the installation's own addresses that browsers come back to."""
        self._providers = providers
        self._redirects = redirects

    def of(self, provider: Provider) -> SocialProvider:
        """Raises NotConfigured."""
        found = self._providers.get(provider)
        if found is None:
            raise NotConfigured(what=f"{provider.value} sign-in")
        return found

    def own_redirect(self, provider: Provider) -> str:
        """Where its browsers come back to by default."""
        return self._redirects[provider]


class SocialProving:
    """Calls providers between units, never within one. What it answers is proved, but nobody is signed in by
    it."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        randomness: Randomness,
        sealing: Sealing,
        providers: SocialProviders,
        redirects: frozenset[str],
        throttle: Throttle,
    ) -> None:
        """`redirects` are the addresses, besides the installation's own, that browsers may come back to."""
        self._units = units
        self._clock = clock
        self._randomness = randomness
        self._sealing = sealing
        self._providers = providers
        self._redirects = redirects
        self._throttle = throttle

    async def nonce(self, caller: Caller = ANYBODY) -> SocialNonce:
        """A nonce for one ID token, good for ten minutes. Raises TooManyRequests."""
        await self._throttle.admit("social", caller)
        nonce, expires_at = self._token(), self._clock.now() + NONCE_LIFETIME

        async def body(unit: IdentityUnit) -> SocialNonce:
            await unit.social_nonces.add(hash_of(nonce), expires_at=expires_at)
            await unit.commit()
            return SocialNonce(nonce=nonce, expires_at=expires_at)

        return await in_unit(lambda: self._units.open(caller), body)

    async def start(
        self, provider: Provider, command: StartSocial, caller: Caller = ANYBODY
    ) -> SocialDeparture:
        """Where to send a browser. For somebody who is signed in it leads to a link, for others to a sign-in.

        Raises NotConfigured, InvalidInput for an address that is not permitted, TooManyRequests.
        """
        known = self._providers.of(provider)
        await self._throttle.admit("social", caller)
        redirect_uri = self._permitted(provider, command)
        state, nonce, verifier, browser = (self._token() for _ in range(4))
        now = self._clock.now()
        kept = SocialState(
            state_hash=hash_of(state),
            provider=provider,
            browser_hash=hash_of(browser),
            user_id=caller.principal.user_id,
            nonce_hash=hash_of(nonce),
            verifier=self._sealing.seal(verifier.encode(), purpose=_purpose(hash_of(state))),
            redirect_uri=redirect_uri,
            expires_at=now + STATE_LIFETIME,
        )

        async def body(unit: IdentityUnit) -> None:
            await unit.social_states.add(kept)
            await unit.commit()

        await in_unit(lambda: self._units.open(caller), body)
        departure = Departure(
            redirect_uri=redirect_uri, state=state, nonce=nonce, challenge=_challenge(verifier)
        )
        return SocialDeparture(
            url=known.departure(departure),
            expires_at=kept.expires_at,
            browser=browser,
            posts_back=known.posts_back,
        )

    async def by_token(self, provider: Provider, command: SocialProof, caller: Caller) -> ProvedIdentity:
        """By what a client got from the provider. An ID token that bears a nonce must bear one of ours; one
        that bears none, as of clients that do not ask for nonces, is good once.

        Raises NotConfigured, InvalidInput, SocialTokenInvalid, TooManyRequests, Unavailable.
        """
        known = self._providers.of(provider)
        await self._throttle.admit("social", caller)
        if (command.id_token is None) is (command.access_token is None):
            raise InvalidInput(FieldProblem("id_token", "one_of", (("fields", "id_token, access_token"),)))
        now = self._clock.now()
        if command.id_token is not None:
            proved = await known.by_id_token(command.id_token, now=now)
        else:
            proved = await known.by_access_token(command.access_token or "", now=now)
        nonce_hash = _nonce_hash(proved, command.nonce)
        return ProvedIdentity(
            identity=_named(proved.identity, command.first_name, command.last_name),
            nonce_hash=nonce_hash,
            spent=_spent(command.id_token, proved) if nonce_hash is None else None,
        )

    async def by_code(
        self,
        provider: Provider,
        command: SocialCallback,
        *,
        browser: str | None,
        user_id: UUID | None,
        caller: Caller,
    ) -> ProvedIdentity:
        """By the way back. The state is used up whatever comes of it. `user_id` is for whom it must have been
        begun, None for a sign-in.

        Raises NotConfigured, SocialStateInvalid, SocialDenied, SocialTokenInvalid, TooManyRequests,
        Unavailable.
        """
        known = self._providers.of(provider)
        await self._throttle.admit("social", caller)
        state = await self._take(provider, command.state, browser, user_id, caller)
        if command.iss is not None and command.iss not in known.issuers:  # RFC 9207, 2.4
            raise SocialStateInvalid
        if command.error is not None or command.code is None:
            raise SocialDenied
        verifier = self._sealing.open(state.verifier, purpose=_purpose(state.state_hash))
        if verifier is None:
            raise SocialStateInvalid
        grant = CodeGrant(code=command.code, verifier=verifier.decode(), redirect_uri=state.redirect_uri)
        proved = await known.by_code(grant, now=self._clock.now())
        if proved.nonce is not None and not hmac.compare_digest(hash_of(proved.nonce), state.nonce_hash):
            raise SocialTokenInvalid
        return ProvedIdentity(identity=_named(proved.identity, *_names_of(command.user)))

    async def _take(
        self, provider: Provider, state: str, browser: str | None, user_id: UUID | None, caller: Caller
    ) -> SocialState:
        if browser is None:
            raise SocialStateInvalid
        answer = SocialReturn(
            state_hash=hash_of(state), provider=provider, browser_hash=hash_of(browser), user_id=user_id
        )
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> SocialState | None:
            taken = await unit.social_states.take(answer, now=now)
            await unit.commit()
            return taken

        taken = await in_unit(lambda: self._units.open_alone(caller), body)
        if taken is None:
            raise SocialStateInvalid
        return taken

    def _permitted(self, provider: Provider, command: StartSocial) -> str:
        own = self._providers.own_redirect(provider)
        wanted = command.redirect_uri or own
        if wanted != own and wanted not in self._redirects:
            raise InvalidInput(FieldProblem("redirect_uri", "not_allowed"))
        return wanted

    def _token(self) -> str:
        return _base64url(self._randomness.bytes(TOKEN_BYTES))


def hash_of(text: str) -> str:
    """What is kept of a state, a nonce or a cookie: each has 256 random bits, so a plain hash hides it."""
    return hashlib.sha256(text.encode()).hexdigest()


def _nonce_hash(proved: Proved, given: str | None) -> str | None:
    """The nonce to use up, or None where neither the client nor the token has one. Native clients of Apple
    and Google may put its SHA-256 into the token instead of itself."""
    if given is None:
        return None if proved.nonce is None else hash_of(proved.nonce)
    if proved.nonce is None:
        raise SocialTokenInvalid
    forms = (given, hash_of(given))
    if not any(hmac.compare_digest(form.encode(), proved.nonce.encode()) for form in forms):
        raise SocialTokenInvalid
    return hash_of(given)


def _spent(id_token: str | None, proved: Proved) -> SpentToken | None:
    """The signature is left out: one signature can be written in several ways, what is signed in one."""
    if id_token is None or proved.expires_at is None:
        return None
    signed = id_token.rpartition(".")[0]
    return SpentToken(hash_of(f"id_token|{signed}"), proved.expires_at + _CLOCK_DIFFERENCE)


def _challenge(verifier: str) -> str:
    """RFC 7636, 4.2."""
    return _base64url(hashlib.sha256(verifier.encode()).digest())


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _purpose(state_hash: str) -> str:
    return f"identity.social_state|{state_hash}|verifier"


def _named(identity: ForeignIdentity, first_name: str, last_name: str) -> ForeignIdentity:
    """What the token says goes before what the client says."""
    return replace(
        identity,
        first_name=identity.first_name or first_name,
        last_name=identity.last_name or last_name,
    )


def _names_of(user: str | None) -> tuple[str, str]:
    """The names in what Apple has the browser post the first time. Nothing of it is signed."""
    try:
        found = json.loads(user or "{}")
    except (ValueError, RecursionError):
        return "", ""
    names = found.get("name") if isinstance(found, dict) else None
    if not isinstance(names, dict):
        return "", ""
    first, last = (_clean(names.get(part)) for part in ("firstName", "lastName"))
    return first, last


def _clean(name: object) -> str:
    if not isinstance(name, str):
        return ""
    return "".join(sign for sign in name.strip() if sign.isprintable())[:_MAX_NAME]
