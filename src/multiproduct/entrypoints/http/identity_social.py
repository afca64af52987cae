"""The endpoints of social sign-in: Google, Apple and Facebook."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel

from multiproduct.application.identity import (
    Done,
    SecondFactorRequired,
    SocialAccountList,
    SocialAccountView,
    SocialCallback,
    SocialNonce,
    SocialProof,
    SocialStart,
    SocialToken,
    StartSocial,
    TakeProviderNotice,
    Tokens,
)
from multiproduct.bootstrap import Container
from multiproduct.domain.identity import (
    InvalidCredentials,
    LastWayIn,
    LinkRequired,
    Provider,
    SocialAccountTaken,
    SocialDenied,
    SocialStateInvalid,
    SocialTokenInvalid,
)
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.identity.social_account import STATE_LIFETIME
from multiproduct.domain.shared import (
    NotConfigured,
    NotFound,
    StepUpRequired,
    TooManyRequests,
    Unavailable,
)
from multiproduct.entrypoints.http.endpoints import Access, Call, Endpoint, Handler

_BASE = "/api/v1/identity/social"
_TAG = "Social sign-in"
_NAMES = {Provider.GOOGLE: "Google", Provider.APPLE: "Apple", Provider.FACEBOOK: "Facebook"}
_PROVING = (NotConfigured, SocialTokenInvalid, TooManyRequests, Unavailable)
_SIGNING_IN = (*_PROVING, LinkRequired, InvalidCredentials)
_RETURNING = (SocialStateInvalid, SocialDenied)
_LINKING = (*_PROVING, SocialAccountTaken, StepUpRequired)
_BY_ADDRESS = (
    "An address that the provider does not prove is neither looked up nor taken over: a new user then has "
    "none until one is proved. Where a user has an address that the provider vouches for, the answer is "
    "`link_required`: the person signs in as usual, and links the account."
)


def _start(provider: Provider) -> Handler:
    async def start(container: Container, command: StartSocial, call: Call) -> BaseModel:
        departure = await container.identity.social_proving.start(provider, command, call.caller)
        call.new_cookies.append(
            _cookie(container, provider, departure.browser, posts_back=departure.posts_back)
        )
        return SocialStart(url=departure.url, expires_at=departure.expires_at)

    return start


def _come_back(provider: Provider) -> Handler:
    async def come_back(container: Container, command: SocialCallback, call: Call) -> BaseModel:
        return await container.identity.social_sign_in.by_code(
            provider, command, browser=_browser(container, provider, call), caller=call.caller
        )

    return come_back


def _come_back_to_link(provider: Provider) -> Handler:
    async def come_back(container: Container, command: SocialCallback, call: Call) -> BaseModel:
        return await container.identity.social_linking.link_by_code(
            provider, command, browser=_browser(container, provider, call), caller=call.caller
        )

    return come_back


def _sign_in(provider: Provider) -> Handler:
    async def sign_in(container: Container, command: SocialProof, call: Call) -> BaseModel:
        return await container.identity.social_sign_in.by_token(provider, command, call.caller)

    return sign_in


def _link(provider: Provider) -> Handler:
    async def link(container: Container, command: SocialProof, call: Call) -> BaseModel:
        return await container.identity.social_linking.link_by_token(provider, command, call.caller)

    return link


async def _sign_in_by_name(container: Container, command: SocialToken, call: Call) -> BaseModel:
    return await container.identity.social_sign_in.by_token(command.provider, command, call.caller)


async def _apple_tells(container: Container, command: TakeProviderNotice, call: Call) -> BaseModel:
    return await container.identity.social_linking.take_notice(Provider.APPLE, command, call.caller)


def _is_secure(container: Container) -> bool:
    return container.settings.base_url.startswith("https://") or not container.settings.is_development


def _cookie_name(container: Container, provider: Provider) -> str:
    """`__Host-` keeps a subdomain from planting the value (RFC 6265bis, 4.1.3.2); it needs TLS."""
    return f"{'__Host-' if _is_secure(container) else ''}multiproduct-social-{provider.value}"


def _cookie(container: Container, provider: Provider, value: str, *, posts_back: bool) -> str:
    """A browser that is posted back from another site brings only cookies that are not SameSite, and takes
    these only if they are Secure (which browsers let pass on this machine)."""
    lasts = int(STATE_LIFETIME.total_seconds())
    secure = "; Secure" if posts_back or _is_secure(container) else ""
    same_site = "None" if posts_back else "Lax"
    name = _cookie_name(container, provider)
    return f"{name}={value}; Max-Age={lasts}; Path=/; HttpOnly; SameSite={same_site}{secure}"


def _browser(container: Container, provider: Provider, call: Call) -> str | None:
    return call.cookies.get(_cookie_name(container, provider))


def _by_token(provider: Provider) -> Sequence[Endpoint]:
    base, name, shown = f"{_BASE}/{provider.value}", f"social.{provider.value}", _NAMES[provider]
    return (
        Endpoint(
            method="POST",
            path=f"{base}/token",
            name=f"{name}.token",
            tag=_TAG,
            summary=f"Begin a session with a token of {shown}",
            description=_BY_ADDRESS,
            handler=_sign_in(provider),
            command=SocialProof,
            result=Tokens,
            other_results=(SecondFactorRequired,),
            errors=_SIGNING_IN,
        ),
        Endpoint(
            method="POST",
            path=f"{base}/link",
            name=f"{name}.link",
            tag=_TAG,
            summary=f"Link an account at {shown} by a token",
            description="Needs a recent sign-in.",
            handler=_link(provider),
            command=SocialProof,
            result=SocialAccountView,
            access=Access.SIGNED_IN,
            permission=OWN_PROFILE_UPDATE,
            errors=_LINKING,
        ),
    )


def _departing(provider: Provider) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"{_BASE}/{provider.value}/start",
        name=f"social.{provider.value}.start",
        tag=_TAG,
        summary=f"Ask where to send the browser to sign in at {_NAMES[provider]}",
        description="Sets a cookie that the browser must have when it comes back, within ten minutes and "
        "once. With a bearer token it is for linking an account, else for signing in. A page of one's "
        "own that is named as `redirect_uri` hands on what it is called with by POST.",
        handler=_start(provider),
        command=StartSocial,
        result=SocialStart,
        access=Access.IF_GIVEN,
        errors=(NotConfigured, TooManyRequests),
    )


def _returning(provider: Provider) -> Endpoint:
    return Endpoint(
        method="GET",
        path=f"{_BASE}/{provider.value}/callback",
        name=f"social.{provider.value}.callback",
        tag=_TAG,
        summary=f"Begin a session with what the browser brought back from {_NAMES[provider]}",
        description=_BY_ADDRESS,
        handler=_come_back(provider),
        command=SocialCallback,
        result=Tokens,
        other_results=(SecondFactorRequired,),
        errors=(*_SIGNING_IN, *_RETURNING),
    )


def _returning_to_link(provider: Provider) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"{_BASE}/{provider.value}/link/callback",
        name=f"social.{provider.value}.link.callback",
        tag=_TAG,
        summary=f"Link an account with what the browser brought back from {_NAMES[provider]}",
        description="Needs a recent sign-in, of the person for whom the browser was sent there.",
        handler=_come_back_to_link(provider),
        command=SocialCallback,
        result=SocialAccountView,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        errors=(*_LINKING, *_RETURNING),
    )


def _by_browser(provider: Provider) -> Sequence[Endpoint]:
    returning = _returning(provider)
    posted_back = replace(returning, method="POST", name=f"{returning.name}.post", takes_forms=True)
    return _departing(provider), returning, posted_back, _returning_to_link(provider)


ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{_BASE}/nonce",
        name="social.nonce",
        tag=_TAG,
        summary="Get a nonce for an ID token",
        description="To be asked for in the ID token, as it is or as its SHA-256 in hexadecimal digits. An "
        "ID token with a nonce is taken once, only with one from here.",
        handler=lambda container, _command, call: container.identity.social_proving.nonce(call.caller),
        result=SocialNonce,
        status=201,
        errors=(TooManyRequests,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/token",
        name="social.token",
        tag=_TAG,
        summary="Begin a session with a token of a provider",
        description=_BY_ADDRESS,
        handler=_sign_in_by_name,
        command=SocialToken,
        result=Tokens,
        other_results=(SecondFactorRequired,),
        errors=_SIGNING_IN,
    ),
    *(endpoint for provider in Provider for endpoint in _by_token(provider)),
    *(endpoint for provider in Provider for endpoint in _by_browser(provider)),
    Endpoint(
        method="POST",
        path=f"{_BASE}/apple/notifications",
        name="social.apple.notifications",
        tag=_TAG,
        summary="Take what Apple tells of an account",
        description="Apple's server-to-server notifications: a signed token, which may come more than once.",
        handler=_apple_tells,
        command=TakeProviderNotice,
        result=Done,
        scope="open",
        errors=(NotConfigured, SocialTokenInvalid, Unavailable),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/accounts",
        name="social.accounts",
        tag=_TAG,
        summary="List one's own linked accounts",
        handler=lambda container, _command, call: container.identity.social_linking.accounts(call.caller),
        result=SocialAccountList,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_READ,
        scope="default",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/accounts/{{account_id}}",
        name="social.unlink",
        tag=_TAG,
        summary="Unlink an account",
        description="Needs a recent sign-in. The last way in stays.",
        handler=lambda container, _command, call: container.identity.social_linking.unlink(
            call.ids["account_id"], call.caller
        ),
        result=Done,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        scope="default",
        errors=(NotFound, LastWayIn, StepUpRequired),
    ),
)
