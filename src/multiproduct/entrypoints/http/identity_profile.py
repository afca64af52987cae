"""The endpoints of a person's picture and of changing an address."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.identity import (
    ChangeEmail,
    ChangePhone,
    CodeSent,
    ConfirmContactChange,
    Done,
    StopContactChange,
    UserView,
)
from multiproduct.application.identity.avatars import LARGE, SMALL
from multiproduct.bootstrap import Container
from multiproduct.domain.files import FileTooLarge, NotAnImage
from multiproduct.domain.identity import ContactKind, EmailTaken, PhoneTaken
from multiproduct.domain.identity.roles import OWN_PROFILE_UPDATE
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import (
    NotConfigured,
    NotFound,
    StaleAggregate,
    StepUpRequired,
    TooManyRequests,
    Unauthenticated,
)
from multiproduct.entrypoints.http.endpoints import Access, Call, Endpoint, Upload
from multiproduct.entrypoints.http.files import FileView
from multiproduct.entrypoints.http.refusals import Malformed

_BASE = "/api/v1/identity"
_TAG = "Profile"
_REPEATABLE = (IdempotencyMismatch, IdempotencyUnfinished)
_EDGES = {"large": LARGE, "small": SMALL}
_KEPT_BRIEFLY = "private, max-age=300"
"""A picture is personal: when its owner takes it away, no cache between has it, and browsers soon do not."""


class ReadAvatar(BaseModel):
    """Asks for a picture: `large` is 512 pixels wide and high, `small` 128."""

    model_config = ConfigDict(defer_build=True, extra="forbid")

    size: Literal["large", "small"] = "large"


async def _avatar(container: Container, command: ReadAvatar, call: Call) -> FileView:
    found = await container.identity.avatars.picture(call.ids["avatar_id"], _EDGES[command.size], call.caller)
    return FileView(content=found.content, content_type=found.content_type)


_AVATAR: Sequence[Endpoint] = (
    Endpoint(
        method="PUT",
        path=f"{_BASE}/me/avatar",
        name="avatar.change",
        tag=_TAG,
        summary="Change one's own picture",
        description="A JPEG, PNG, WebP or GIF, as the body or as the part `avatar` of a form. What it is, is "
        "found by looking at it. Its middle square is written anew in two sizes, and nothing else of the "
        "file is kept: no place, no camera, no comment.",
        handler=lambda container, content, call: container.identity.avatars.change(content, call.caller),
        upload=Upload(
            field="avatar",
            media_types=("image/jpeg", "image/png", "image/webp", "image/gif"),
            max_bytes=lambda settings: settings.avatar_max_bytes,
        ),
        result=UserView,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        errors=(NotAnImage, FileTooLarge, Malformed, NotConfigured, StaleAggregate, TooManyRequests),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/me/avatar",
        name="avatar.remove",
        tag=_TAG,
        summary="Take one's own picture away",
        handler=lambda container, _command, call: container.identity.avatars.remove(call.caller),
        result=UserView,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        scope="default",
        errors=(StaleAggregate,),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/avatars/{{avatar_id}}",
        name="avatar.read",
        tag=_TAG,
        summary="A person's picture",
        description="What lies at an address never changes: another picture has another address.",
        handler=_avatar,
        command=ReadAvatar,
        result=FileView,
        file_types=("image/webp",),
        cache_control=_KEPT_BRIEFLY,
        errors=(NotFound, NotConfigured, TooManyRequests),
    ),
)

_EMAIL: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{_BASE}/me/email",
        name="email.change",
        tag=_TAG,
        summary="Ask for another e-mail address",
        description="The new address gets a code and a link, the old one a notice with which the change can "
        "be stopped. The answer is the same whether or not the address is somebody's. Needs a recent "
        "sign-in; a newer request replaces an older one.",
        handler=lambda container, command, call: container.identity.contact_changes.request(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=ChangeEmail,
        check=lambda container, command, found: container.identity.contact_changes.check_request(
            command, found
        ),
        result=CodeSent,
        status=202,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        message="message.code_sent",
        errors=(StepUpRequired, TooManyRequests, *_REPEATABLE),
        idempotent=True,
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/me/email/change",
        name="email.stop",
        tag=_TAG,
        summary="Stop the change of e-mail address",
        handler=lambda container, _command, call: container.identity.contact_changes.stop(
            ContactKind.EMAIL, call.caller
        ),
        result=Done,
        access=Access.SIGNED_IN,
        message="message.change_stopped",
        scope="default",
        errors=(NotFound,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/me/email/confirm",
        name="email.confirm",
        tag=_TAG,
        summary="Prove the new e-mail address",
        description="With the code, signed in as whoever asked; or with the link token of the mail, which "
        "tells nothing of the account unless its owner is signed in. The session that asked must still go "
        "on; every other one ends.",
        handler=lambda container, command, call: container.identity.contact_changes.confirm(
            ContactKind.EMAIL, command, call.caller
        ),
        command=ConfirmContactChange,
        result=UserView,
        other_results=(Done,),
        access=Access.IF_GIVEN,
        message="message.email_changed",
        errors=(InvalidCode, EmailTaken, Unauthenticated, StaleAggregate, TooManyRequests),
    ),
)

_PHONE: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{_BASE}/me/phone",
        name="phone.change",
        tag=_TAG,
        summary="Ask for another telephone number",
        description="The new number gets a code, the old one and the mailbox a notice. The answer is the "
        "same whether or not the number is somebody's. Needs a recent sign-in; a newer request replaces an "
        "older one.",
        handler=lambda container, command, call: container.identity.contact_changes.request(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=ChangePhone,
        check=lambda container, command, found: container.identity.contact_changes.check_request(
            command, found
        ),
        result=CodeSent,
        status=202,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        message="message.code_sent",
        errors=(StepUpRequired, NotConfigured, TooManyRequests, *_REPEATABLE),
        idempotent=True,
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/me/phone/change",
        name="phone.stop",
        tag=_TAG,
        summary="Stop the change of telephone number",
        handler=lambda container, _command, call: container.identity.contact_changes.stop(
            ContactKind.PHONE, call.caller
        ),
        result=Done,
        access=Access.SIGNED_IN,
        message="message.change_stopped",
        scope="default",
        errors=(NotFound,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/me/phone/confirm",
        name="phone.confirm",
        tag=_TAG,
        summary="Prove the new telephone number",
        description="With the code, signed in as whoever asked. The session that asked must still go on; "
        "every other one ends.",
        handler=lambda container, command, call: container.identity.contact_changes.confirm(
            ContactKind.PHONE, command, call.caller
        ),
        command=ConfirmContactChange,
        result=UserView,
        access=Access.IF_GIVEN,
        message="message.phone_changed",
        errors=(InvalidCode, PhoneTaken, Unauthenticated, StaleAggregate, TooManyRequests),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/contact-changes/stop",
        name="contact_change.stop",
        tag=_TAG,
        summary="Stop a change with the token of its notice",
        description="For whoever holds the old address. Ends every session.",
        handler=lambda container, command, call: container.identity.contact_changes.stop_by_token(
            command, call.caller
        ),
        command=StopContactChange,
        result=Done,
        message="message.change_stopped",
        errors=(InvalidCode, TooManyRequests),
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_AVATAR, *_EMAIL, *_PHONE)
