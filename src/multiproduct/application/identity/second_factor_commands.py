"""What people ask of second factors, two-step sign-in and step-up, checked for shape."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from multiproduct.application.identity.commands import Code, Command, Secret

FactorName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
MethodName = Annotated[str, StringConstraints(min_length=1, max_length=32)]
MfaToken = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class CompleteSignIn(Command):
    """Goes on with a sign-in that asked for a second factor. Without `method` a code with `challenge_id` is
    taken for a texted one, another one of digits for that of an app, and any other for a recovery code."""

    mfa_token: MfaToken = Field(repr=False)
    method: MethodName | None = None
    code: Code | None = Field(default=None, repr=False)
    credential: dict[str, Any] | None = Field(default=None, repr=False)
    challenge_id: UUID | None = None


class ContinueSignIn(Command):
    """Goes on with a sign-in that asked for a second factor, without a proof yet."""

    mfa_token: MfaToken = Field(repr=False)


class EnrolTotp(Command):
    """Asks for the secret of a new authenticator app."""

    name: FactorName = "Authenticator"


class ConfirmTotp(Command):
    """Confirms an authenticator app by a code that it shows."""

    factor_id: UUID
    code: Code = Field(repr=False)


class RemoveTotp(Command):
    """Removes an authenticator app, with a proof of any second factor."""

    factor_id: UUID
    method: MethodName | None = None
    code: Code | None = Field(default=None, repr=False)
    credential: dict[str, Any] | None = Field(default=None, repr=False)
    challenge_id: UUID | None = None


class RemoveSmsFactor(Command):
    """Takes texted codes as a second factor no more, with a proof of any second factor."""

    method: MethodName | None = None
    code: Code | None = Field(default=None, repr=False)
    credential: dict[str, Any] | None = Field(default=None, repr=False)
    challenge_id: UUID | None = None


class StepUp(Command):
    """Proves again who one is: by `password`, by `otp` (the code of a step-up challenge), or by a second
    factor."""

    password: Secret | None = Field(default=None, repr=False)
    otp: Code | None = Field(default=None, repr=False)
    challenge_id: UUID | None = None
    method: MethodName | None = None
    code: Code | None = Field(default=None, repr=False)
    credential: dict[str, Any] | None = Field(default=None, repr=False)
