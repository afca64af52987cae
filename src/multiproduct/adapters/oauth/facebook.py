"""The `SocialProvider` port for Facebook: access tokens by `debug_token` and Graph, or ID tokens."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from multiproduct.adapters.oauth.asking import ask, email_of, name_of
from multiproduct.adapters.oauth.openid_provider import OpenIdProvider
from multiproduct.application.identity.social_ports import CodeGrant, Departure, Proved, ProviderNotice
from multiproduct.application.ports.web_client import WebClient
from multiproduct.domain.identity import ForeignIdentity, Provider, SocialTokenInvalid
from multiproduct.domain.shared import NotFound

_MAX_TOKEN = 4096


class FacebookProvider:
    """An access token counts only if `debug_token` says that it was made for this application, is good, and
    is of a person, and Graph then gives the same person. Facebook never says that an address is verified."""

    def __init__(self, *, openid: OpenIdProvider, app_secret: str, web: WebClient) -> None:
        """`openid` checks the ID tokens of Limited Login, and exchanges codes."""
        self._openid = openid
        self._facts = openid.facts
        self._app_secret = app_secret
        self._web = web

    @property
    def provider(self) -> Provider:
        """See the port."""
        return Provider.FACEBOOK

    @property
    def issuers(self) -> frozenset[str]:
        """See the port."""
        return self._openid.issuers

    @property
    def posts_back(self) -> bool:
        """See the port."""
        return self._facts.posts_back

    def departure(self, departure: Departure) -> str:
        """See the port. No ID token comes of it, so that there is no nonce to send."""
        query = {
            "response_type": "code",
            "client_id": self._facts.client_ids[0],
            "redirect_uri": departure.redirect_uri,
            "scope": self._facts.scope,
            "state": departure.state,
            "code_challenge": departure.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._facts.authorization_url}?{urlencode(query)}"

    async def by_code(self, grant: CodeGrant, *, now: datetime) -> Proved:
        """See the port."""
        token = (await self._openid.exchange(grant, now=now)).get("access_token")
        if not isinstance(token, str):
            raise SocialTokenInvalid
        return await self.by_access_token(token, now=now)

    async def by_id_token(self, token: str, *, now: datetime) -> Proved:
        """See the port."""
        proved = await self._openid.by_id_token(token, now=now)
        return replace(proved, identity=replace(proved.identity, email_verified=False))

    async def by_access_token(self, token: str, *, now: datetime) -> Proved:
        """See the port."""
        if not 0 < len(token) <= _MAX_TOKEN or not token.isascii() or not token.isprintable():
            raise SocialTokenInvalid
        app_id = self._facts.client_ids[0]
        told = await ask(
            self._web,
            self._facts.debug_url,
            {"input_token": token, "access_token": f"{app_id}|{self._app_secret}"},
        )
        user_id = self._user_of(told.get("data"), now)
        person = await ask(
            self._web,
            self._facts.graph_url,
            {
                "fields": "id,first_name,last_name,email",
                "access_token": token,
                "appsecret_proof": hmac.new(
                    self._app_secret.encode(), token.encode(), hashlib.sha256
                ).hexdigest(),
            },
        )
        if person.get("id") != user_id:
            raise SocialTokenInvalid
        return Proved(identity=self._identity(user_id, person))

    async def notice(self, token: str, *, now: datetime) -> ProviderNotice:
        """Facebook sends none of this kind."""
        del token, now
        raise NotFound

    def _user_of(self, told: object, now: datetime) -> str:
        """Whose token it is. Raises SocialTokenInvalid for one that is not good, or not for us."""
        if not isinstance(told, dict) or told.get("is_valid") is not True:
            raise SocialTokenInvalid
        user_id, expires_at = told.get("user_id"), told.get("expires_at", 0)
        is_ours = str(told.get("app_id")) in self._facts.client_ids and told.get("type") == "USER"
        if isinstance(expires_at, bool) or not isinstance(expires_at, int):
            raise SocialTokenInvalid
        is_over = expires_at != 0 and expires_at <= now.timestamp()  # 0 stands for never
        if not is_ours or is_over or not isinstance(user_id, str) or not 0 < len(user_id) <= 255:
            raise SocialTokenInvalid
        return user_id

    def _identity(self, user_id: str, person: Mapping[str, Any]) -> ForeignIdentity:
        return ForeignIdentity(
            provider=Provider.FACEBOOK,
            issuer=self._facts.issuer,
            subject=user_id,
            email=email_of(person.get("email")),
            first_name=name_of(person.get("first_name")),
            last_name=name_of(person.get("last_name")),
        )
