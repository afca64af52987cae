"""The endpoints of one's own password."""

from collections.abc import Sequence

from multiproduct.application.identity import ChangePassword, Done, SetPassword
from multiproduct.domain.identity import NoPasswordYet, PasswordThere
from multiproduct.domain.identity.roles import OWN_PROFILE_UPDATE
from multiproduct.domain.shared import StaleAggregate, StepUpRequired, TooManyRequests, Unavailable
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/identity/password"
_TAG = "Password"

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{_BASE}/change",
        name="password.change",
        tag=_TAG,
        summary="Change one's own password",
        description="Needs the current one. Ends every other session of the person, and keeps this one.",
        handler=lambda container, command, call: container.identity.password_change.change(
            command, call.caller
        ),
        command=ChangePassword,
        check=lambda container, command, found: container.identity.password_change.check(command, found),
        result=Done,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        message="message.password_changed",
        errors=(NoPasswordYet, StaleAggregate, TooManyRequests, Unavailable),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/set",
        name="password.set",
        tag=_TAG,
        summary="Set the first password of one's own account",
        description="For accounts that were made without one. Needs a sign-in of the last five minutes.",
        handler=lambda container, command, call: container.identity.password_change.set(command, call.caller),
        command=SetPassword,
        check=lambda container, command, found: container.identity.password_change.check(command, found),
        result=Done,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        message="message.password_set",
        errors=(PasswordThere, StepUpRequired, TooManyRequests, Unavailable),
    ),
)
