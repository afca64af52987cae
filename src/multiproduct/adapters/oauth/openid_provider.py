"""The `SocialProvider` port for providers that issue OpenID Connect ID tokens: Google and Apple."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from multiproduct.adapters.oauth.asking import email_of, name_of, post
from multiproduct.adapters.oauth.facts import ProviderFacts
from multiproduct.adapters.oauth.key_sets import KeySet
from multiproduct.application.identity.social_ports import (
    ClientSecrets,
    CodeGrant,
    Departure,
    Expected,
    IdTokens,
    Proved,
    ProviderNotice,
)
from multiproduct.application.ports.web_client import WebClient
from multiproduct.domain.identity import ForeignIdentity, Provider, SocialTokenInvalid
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotConfigured, NotFound

_LATEST_MOMENT = 10**14


class SharedSecret:
    """The `ClientSecrets` port for a secret that the provider gave out."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def current(self, *, now: datetime) -> str:
        """See the port."""
        del now
        return self._secret


class OpenIdProvider:
    """Believes ID tokens only: an access token does not say for which client it was made."""

    def __init__(
        self,
        *,
        facts: ProviderFacts,
        secrets: ClientSecrets | None,
        keys: KeySet,
        id_tokens: IdTokens,
        web: WebClient,
    ) -> None:
        """Without `secrets` only tokens are taken: no browser is sent there."""
        self.facts = facts
        self._secrets = secrets
        self._keys = keys
        self._id_tokens = id_tokens
        self._web = web
        self._expected = Expected(
            issuers=frozenset({facts.issuer, *facts.other_issuers}),
            audiences=frozenset(facts.client_ids),
            algorithms=facts.algorithms,
        )

    @property
    def provider(self) -> Provider:
        """See the port."""
        return self.facts.provider

    @property
    def issuers(self) -> frozenset[str]:
        """See the port."""
        return self._expected.issuers

    @property
    def posts_back(self) -> bool:
        """See the port."""
        return self.facts.posts_back

    def departure(self, departure: Departure) -> str:
        """See the port. Raises NotConfigured without a client secret."""
        self._require_secrets()
        query = {
            "response_type": "code",
            "client_id": self.facts.client_ids[0],
            "redirect_uri": departure.redirect_uri,
            "scope": self.facts.scope,
            "state": departure.state,
            "nonce": departure.nonce,
            "code_challenge": departure.challenge,
            "code_challenge_method": "S256",
            **self.facts.parameters,
        }
        return f"{self.facts.authorization_url}?{urlencode(query)}"

    async def by_code(self, grant: CodeGrant, *, now: datetime) -> Proved:
        """See the port. The ID token must bear a nonce."""
        token = (await self.exchange(grant, now=now)).get("id_token")
        if not isinstance(token, str):
            raise SocialTokenInvalid
        proved = await self.by_id_token(token, now=now)
        if proved.nonce is None:
            raise SocialTokenInvalid
        return proved

    async def exchange(self, grant: CodeGrant, *, now: datetime) -> Mapping[str, Any]:
        """What the token endpoint answers to a code. Raises SocialTokenInvalid, Unavailable."""
        form = {
            "grant_type": "authorization_code",
            "code": grant.code,
            "redirect_uri": grant.redirect_uri,
            "client_id": self.facts.client_ids[0],
            "client_secret": self._require_secrets().current(now=now),
            "code_verifier": grant.verifier,
        }
        return await post(self._web, self.facts.token_url, form)

    async def by_id_token(self, token: str, *, now: datetime) -> Proved:
        """See the port. Nothing is fetched for what is no token by its shape."""
        header = self._id_tokens.header(token)
        if header is None or header.algorithm not in self._expected.algorithms:
            raise SocialTokenInvalid
        keys = await self._keys.having(header.key_id)
        claims = self._id_tokens.read(token, keys=keys, expected=self._expected, now=now)
        if claims is None:
            raise SocialTokenInvalid
        return Proved(
            identity=self._identity(claims.subject, claims.others),
            nonce=claims.nonce,
            expires_at=claims.expires_at,
        )

    async def by_access_token(self, token: str, *, now: datetime) -> Proved:
        """Raises InvalidInput: see the class."""
        del token, now
        raise InvalidInput(FieldProblem("id_token", "required"))

    async def notice(self, token: str, *, now: datetime) -> ProviderNotice:
        """Apple's server-to-server notifications: a signed token whose `events` is JSON within JSON."""
        if self.provider is not Provider.APPLE:
            raise NotFound
        header = self._id_tokens.header(token)
        if header is None or header.algorithm not in self._expected.algorithms:
            raise SocialTokenInvalid
        keys = await self._keys.having(header.key_id)
        claims = self._id_tokens.read_notice(token, keys=keys, expected=self._expected, now=now)
        if claims is None:
            raise SocialTokenInvalid
        return self._notice(claims)

    def _require_secrets(self) -> ClientSecrets:
        if self._secrets is None:
            raise NotConfigured(what=f"{self.provider.value} sign-in by browser")
        return self._secrets

    def _notice(self, claims: Mapping[str, Any]) -> ProviderNotice:
        told = claims.get("events")
        try:
            event = json.loads(told) if isinstance(told, str) else told
        except (ValueError, RecursionError):
            raise SocialTokenInvalid from None
        if not isinstance(event, dict):
            raise SocialTokenInvalid
        kind, subject, moment = event.get("type"), event.get("sub"), event.get("event_time")
        if not isinstance(kind, str) or not isinstance(subject, str):
            raise SocialTokenInvalid
        if isinstance(moment, bool) or not isinstance(moment, int) or not 0 <= moment < _LATEST_MOMENT:
            raise SocialTokenInvalid
        # Apple's own examples have the moment in seconds, its notifications in milliseconds.
        seconds = moment / 1000 if moment > 10**11 else moment
        return ProviderNotice(
            kind=kind,
            issuer=self.facts.issuer,
            subject=subject,
            happened_at=datetime.fromtimestamp(seconds, UTC),
        )

    def _identity(self, subject: str, claims: Mapping[str, Any]) -> ForeignIdentity:
        hosted = claims.get("hd")
        return ForeignIdentity(
            provider=self.provider,
            issuer=self.facts.issuer,
            subject=subject,
            email=email_of(claims.get("email")),
            email_verified=_is_true(claims.get("email_verified")),
            hosted_domain=hosted if isinstance(hosted, str) and hosted else None,
            first_name=name_of(claims.get("given_name")),
            last_name=name_of(claims.get("family_name")),
        )


def _is_true(value: object) -> bool:
    """Apple writes its booleans as texts."""
    return value is True or value == "true"
