"""The providers' addresses and names, as they document them. Each can be replaced by a setting."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from multiproduct.domain.identity import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFacts:
    """`issuer` is the name under which its accounts are kept, `other_issuers` how it also calls itself.

    `client_ids` are those of the installation: the first is used with a browser, tokens for any are taken (a
    mobile application has one of its own). `debug_url` and `graph_url` are Facebook's.
    """

    provider: Provider
    issuer: str
    other_issuers: tuple[str, ...] = ()
    client_ids: tuple[str, ...] = ()
    authorization_url: str
    token_url: str
    keys_url: str
    scope: str
    algorithms: frozenset[str] = frozenset({"RS256", "ES256"})
    parameters: Mapping[str, str] = field(default_factory=dict)
    posts_back: bool = False
    debug_url: str = ""
    graph_url: str = ""


GOOGLE = ProviderFacts(
    provider=Provider.GOOGLE,
    issuer="https://accounts.google.com",
    other_issuers=("accounts.google.com",),
    authorization_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    keys_url="https://www.googleapis.com/oauth2/v3/certs",
    scope="openid email profile",
)
APPLE = ProviderFacts(
    provider=Provider.APPLE,
    issuer="https://appleid.apple.com",
    authorization_url="https://appleid.apple.com/auth/authorize",
    token_url="https://appleid.apple.com/auth/token",  # noqa: S106 - an address
    keys_url="https://appleid.apple.com/auth/keys",
    scope="openid name email",
    parameters={"response_mode": "form_post"},  # Apple demands it where a scope is asked for
    posts_back=True,
)
FACEBOOK = ProviderFacts(
    provider=Provider.FACEBOOK,
    issuer="https://www.facebook.com",
    other_issuers=("https://limited.facebook.com",),
    authorization_url="https://www.facebook.com/v23.0/dialog/oauth",
    token_url="https://graph.facebook.com/v23.0/oauth/access_token",  # noqa: S106 - an address
    keys_url="https://limited.facebook.com/.well-known/oauth/openid/jwks/",
    scope="public_profile,email",
    debug_url="https://graph.facebook.com/v23.0/debug_token",
    graph_url="https://graph.facebook.com/v23.0/me",
)
