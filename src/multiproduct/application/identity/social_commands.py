"""What people, clients and providers ask of social sign-in."""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from multiproduct.application.identity.commands import Command, Text150
from multiproduct.domain.identity import Provider

ForeignToken = Annotated[str, StringConstraints(min_length=1, max_length=16_384)]
Value = Annotated[str, StringConstraints(min_length=1, max_length=128)]
AuthorisationCode = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class SocialProof(Command):
    """An ID token or an access token that a client got from the provider. `nonce` is the one that it asked
    for here. Apple tells the names once, and only the client: they are taken for a new account."""

    id_token: ForeignToken | None = Field(default=None, repr=False)
    access_token: ForeignToken | None = Field(default=None, repr=False)
    nonce: Value | None = Field(default=None, repr=False)
    first_name: Text150 = ""
    last_name: Text150 = ""


class SocialToken(SocialProof):
    """The same, for the provider that is named."""

    provider: Provider


class StartSocial(Command):
    """Asks where to send the browser. It comes back to `redirect_uri`, one of those that the installation
    permits, or else to the installation's own address."""

    redirect_uri: Url | None = None


class SocialCallback(Command):
    """What the browser brings back from the provider; providers add more, which is passed over."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore", hide_input_in_errors=True)

    state: Value = Field(repr=False)
    code: AuthorisationCode | None = Field(default=None, repr=False)
    iss: Annotated[str, StringConstraints(max_length=255)] | None = None
    error: Annotated[str, StringConstraints(max_length=255)] | None = None
    user: Annotated[str, StringConstraints(max_length=4096)] | None = Field(default=None, repr=False)


class TakeProviderNotice(Command):
    """A signed notice of a provider about an account there."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore", hide_input_in_errors=True)

    payload: ForeignToken = Field(repr=False)
