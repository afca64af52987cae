"""Google, Apple and Facebook: what each is asked, and what of its answers is believed (OAuth 2.0, OpenID)."""

from multiproduct.adapters.oauth.facebook import FacebookProvider
from multiproduct.adapters.oauth.facts import APPLE, FACEBOOK, GOOGLE, ProviderFacts
from multiproduct.adapters.oauth.key_sets import KeySet
from multiproduct.adapters.oauth.openid_provider import OpenIdProvider, SharedSecret

__all__ = [
    "APPLE",
    "FACEBOOK",
    "GOOGLE",
    "FacebookProvider",
    "KeySet",
    "OpenIdProvider",
    "ProviderFacts",
    "SharedSecret",
]
