"""The endpoints of one's own sessions, and of ending somebody else's."""

from collections.abc import Sequence

from multiproduct.application.identity import Done, RenameSession, SessionList, SessionsEnded, SessionView
from multiproduct.domain.identity import BeyondOwnPermissions, UnknownUser
from multiproduct.domain.identity.roles import SESSIONS_REVOKE
from multiproduct.domain.shared import NotFound
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/identity"
_TAG = "Sessions"

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/me/sessions",
        name="session.list",
        tag=_TAG,
        summary="List one's own sessions",
        description="The live ones, those seen last first, at most 100. `last_seen_at` is when the session "
        "was refreshed last. What happened to the account is in the audit log: `GET /api/v1/audit/mine`.",
        handler=lambda container, _command, call: container.identity.device_sessions.mine(call.caller),
        result=SessionList,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/me/sessions",
        name="session.revoke_all",
        tag=_TAG,
        summary="End every session of one's own",
        description="That of the caller too. It holds in every process at once.",
        handler=lambda container, _command, call: container.identity.device_sessions.revoke_all(call.caller),
        result=SessionsEnded,
        access=Access.SIGNED_IN,
        message="message.sessions_ended",
        scope="default",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/me/sessions/others",
        name="session.revoke_others",
        tag=_TAG,
        summary="End every other session of one's own",
        handler=lambda container, _command, call: container.identity.device_sessions.revoke_others(
            call.caller
        ),
        result=SessionsEnded,
        access=Access.SIGNED_IN,
        message="message.sessions_ended",
        scope="default",
    ),
    Endpoint(
        method="PATCH",
        path=f"{_BASE}/me/sessions/{{session_id}}",
        name="session.rename",
        tag=_TAG,
        summary="Name a session's device",
        handler=lambda container, command, call: container.identity.device_sessions.rename(
            call.ids["session_id"], command, call.caller
        ),
        command=RenameSession,
        result=SessionView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NotFound,),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/me/sessions/{{session_id}}",
        name="session.revoke",
        tag=_TAG,
        summary="End one session of one's own",
        description="It holds in every process at once.",
        handler=lambda container, _command, call: container.identity.device_sessions.revoke(
            call.ids["session_id"], call.caller
        ),
        result=Done,
        access=Access.SIGNED_IN,
        message="message.signed_out",
        scope="default",
        errors=(NotFound,),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/users/{{user_id}}/sessions",
        name="session.revoke_of_user",
        tag=_TAG,
        summary="End every session of a person",
        handler=lambda container, _command, call: container.identity.device_sessions.revoke_of(
            call.ids["user_id"], call.caller
        ),
        result=SessionsEnded,
        access=Access.SIGNED_IN,
        permission=SESSIONS_REVOKE,
        message="message.sessions_ended",
        scope="default",
        errors=(UnknownUser, BeyondOwnPermissions),
    ),
)
