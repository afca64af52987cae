"""The providers of social sign-in that the settings name, each put together when it is first needed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from multiproduct.application.identity.social_ports import ClientSecrets, SocialProvider
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.web_client import WebClient
from multiproduct.domain.identity import Provider
from multiproduct.settings import Settings

if TYPE_CHECKING:
    from multiproduct.adapters.oauth import OpenIdProvider, ProviderFacts

CALLBACK = "/api/v1/identity/social/{provider}/callback"


class ConfiguredProviders(Mapping[Provider, SocialProvider]):
    """Loads nothing for an installation that has none."""

    def __init__(self, settings: Settings, *, web: WebClient, real_time: RealTime) -> None:
        self._settings = settings
        self._web = web
        self._real_time = real_time
        self._named = [
            provider
            for provider, is_named in (
                (Provider.GOOGLE, bool(listed(settings.google_client_id))),
                (Provider.APPLE, bool(listed(settings.apple_client_id))),
                (
                    Provider.FACEBOOK,
                    bool(settings.facebook_app_id and settings.facebook_app_secret.get_secret_value()),
                ),
            )
            if is_named
        ]
        self._made: dict[Provider, SocialProvider] = {}

    def __getitem__(self, provider: Provider) -> SocialProvider:
        if provider not in self._named:
            raise KeyError(provider)
        if provider not in self._made:
            self._made[provider] = self._make(provider)
        return self._made[provider]

    def __iter__(self) -> Iterator[Provider]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def _make(self, provider: Provider) -> SocialProvider:
        if provider is Provider.GOOGLE:
            return self._google()
        return self._apple() if provider is Provider.APPLE else self._facebook()

    def _google(self) -> SocialProvider:
        from multiproduct.adapters.oauth import GOOGLE, SharedSecret  # noqa: PLC0415 - only where it is used

        settings = self._settings
        secret = settings.google_client_secret.get_secret_value()
        facts = _placed(GOOGLE, listed(settings.google_client_id), settings.google_endpoints)
        return self._openid(facts, SharedSecret(secret) if secret else None)

    def _apple(self) -> SocialProvider:
        from multiproduct.adapters.jwt import SignedClientSecrets  # noqa: PLC0415 - only where it is used
        from multiproduct.adapters.oauth import APPLE  # noqa: PLC0415

        settings = self._settings
        facts = _placed(APPLE, listed(settings.apple_client_id), settings.apple_endpoints)
        key = settings.apple_private_key.get_secret_value()
        secrets = SignedClientSecrets(
            team_id=settings.apple_team_id,
            client_id=facts.client_ids[0],
            key_id=settings.apple_key_id,
            private_key=key,
            audience=facts.issuer,
        )
        return self._openid(facts, secrets if key else None)

    def _facebook(self) -> SocialProvider:
        from multiproduct.adapters.oauth import (  # noqa: PLC0415 - only where it is used
            FACEBOOK,
            FacebookProvider,
            SharedSecret,
        )

        settings = self._settings
        secret = settings.facebook_app_secret.get_secret_value()
        facts = _placed(FACEBOOK, (settings.facebook_app_id,), settings.facebook_endpoints)
        return FacebookProvider(
            openid=self._openid(facts, SharedSecret(secret)), app_secret=secret, web=self._web
        )

    def _openid(self, facts: "ProviderFacts", secrets: ClientSecrets | None) -> "OpenIdProvider":
        from multiproduct.adapters.jwt import JwtIdTokens  # noqa: PLC0415 - only where it is used
        from multiproduct.adapters.oauth import KeySet, OpenIdProvider  # noqa: PLC0415

        return OpenIdProvider(
            facts=facts,
            secrets=secrets,
            keys=KeySet(url=facts.keys_url, web=self._web, real_time=self._real_time),
            id_tokens=JwtIdTokens(),
            web=self._web,
        )


def listed(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(each.strip() for each in text.split(",") if each.strip())


def own_redirects(settings: Settings) -> dict[Provider, str]:
    """Where browsers come back to by default."""
    base = settings.base_url.rstrip("/")
    return {provider: base + CALLBACK.format(provider=provider.value) for provider in Provider}


def _placed(facts: "ProviderFacts", client_ids: tuple[str, ...], endpoints: str) -> "ProviderFacts":
    """The facts with the installation's ids, and with other addresses where the settings have some."""
    given = dict(each.split("=", 1) for each in listed(endpoints))
    issuer = given.get("issuer", facts.issuer)
    return replace(
        facts,
        client_ids=client_ids,
        issuer=issuer,
        other_issuers=facts.other_issuers if issuer == facts.issuer else (),
        authorization_url=given.get("authorization", facts.authorization_url),
        token_url=given.get("token", facts.token_url),
        keys_url=given.get("keys", facts.keys_url),
        debug_url=given.get("debug", facts.debug_url),
        graph_url=given.get("graph", facts.graph_url),
    )
