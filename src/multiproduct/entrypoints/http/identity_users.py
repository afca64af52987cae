"""The endpoints of user administration, of invitations, and of everything that is kept about oneself."""

from collections.abc import Sequence
from dataclasses import replace

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.identity import (
    AcceptInvitation,
    BankDetailsView,
    ChangeUser,
    CreateUser,
    Done,
    InvitationList,
    InvitationView,
    InviteUser,
    ListInvitations,
    ListUsers,
    ManagedUser,
    PersonalData,
    Registered,
    ReplaceBankDetails,
    UserList,
)
from multiproduct.domain.identity import (
    AccountErased,
    BeyondOwnPermissions,
    EmailTaken,
    ErasureRefused,
    InvitationInvalid,
    InvitationOver,
    LastAdmin,
    OwnAccount,
    PasswordThere,
    TooManyInvitations,
    UnknownRole,
    UnknownUser,
    UsernameNotChangeable,
    UsernameTaken,
)
from multiproduct.domain.identity.roles import (
    OWN_PROFILE_READ,
    OWN_PROFILE_UPDATE,
    USERS_CREATE,
    USERS_DELETE,
    USERS_READ,
    USERS_UPDATE,
)
from multiproduct.domain.shared import NotFound, StaleAggregate, StepUpRequired, TooManyRequests
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/identity"
_USERS, _INVITATIONS, _OWN = "Users", "Invitations", "Own data"
_USER = f"{_BASE}/users/{{user_id}}"
_INVITATION = f"{_BASE}/invitations/{{invitation_id}}"
_REPEATABLE = (IdempotencyMismatch, IdempotencyUnfinished)
_GIVING_ROLES = (UnknownRole, BeyondOwnPermissions, StepUpRequired)

_CHANGE = Endpoint(
    method="PATCH",
    path=_USER,
    name="user.update",
    tag=_USERS,
    summary="Change parts of somebody's account",
    description="Also one's own, with the rules of the profile. Addresses are changed by their owner alone, "
    "who proves the new one. Whoever is suspended is signed out everywhere.",
    handler=lambda container, command, call: container.identity.users.change(
        call.ids["user_id"], command, call.caller
    ),
    command=ChangeUser,
    check=lambda container, command, found: container.identity.users.check_change(command, found),
    result=ManagedUser,
    access=Access.SIGNED_IN,
    permission=USERS_UPDATE,
    scope="default",
    errors=(
        UnknownUser,
        UsernameTaken,
        UsernameNotChangeable,
        OwnAccount,
        LastAdmin,
        BeyondOwnPermissions,
        AccountErased,
        StaleAggregate,
    ),
)

_PEOPLE: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/users",
        name="user.list",
        tag=_USERS,
        summary="List people",
        description="The newest first. Each look is written to the audit log with what was asked for.",
        handler=lambda container, command, call: container.identity.user_listing.find(command, call.caller),
        command=ListUsers,
        result=UserList,
        access=Access.SIGNED_IN,
        permission=USERS_READ,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/users",
        name="user.create",
        tag=_USERS,
        summary="Make an account",
        description="It has no password: its owner gets a mail with a link to set one.",
        handler=lambda container, command, call: container.identity.users.create(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=CreateUser,
        check=lambda container, command, found: container.identity.users.check_create(command, found),
        result=ManagedUser,
        status=201,
        access=Access.SIGNED_IN,
        permission=USERS_CREATE,
        errors=(UsernameTaken, EmailTaken, *_GIVING_ROLES, TooManyRequests, *_REPEATABLE),
        idempotent=True,
    ),
    Endpoint(
        method="GET",
        path=_USER,
        name="user.read",
        tag=_USERS,
        summary="Read somebody's account",
        description="Also one's own, which takes no permission to read others'. Looks at others are written "
        "to the audit log.",
        handler=lambda container, _command, call: container.identity.user_listing.read(
            call.ids["user_id"], call.caller
        ),
        result=ManagedUser,
        access=Access.SIGNED_IN,
        permission=USERS_READ,
        scope="default",
        errors=(UnknownUser,),
    ),
    _CHANGE,
    replace(
        _CHANGE, method="PUT", name="user.replace", summary="Change somebody's account (the same as PATCH)"
    ),
    Endpoint(
        method="DELETE",
        path=_USER,
        name="user.delete",
        tag=_USERS,
        summary="Erase a person",
        description="Everything personal goes and nothing brings it back; the id stays in books and logs, as "
        "a pseudonym. What must be settled first is told as `reason`.",
        handler=lambda container, _command, call: container.identity.erasing.erase(
            call.ids["user_id"], call.caller
        ),
        result=Done,
        access=Access.SIGNED_IN,
        permission=USERS_DELETE,
        scope="default",
        message="message.user_erased",
        errors=(
            UnknownUser,
            OwnAccount,
            LastAdmin,
            BeyondOwnPermissions,
            ErasureRefused,
            StepUpRequired,
            StaleAggregate,
        ),
    ),
    Endpoint(
        method="POST",
        path=f"{_USER}/suspend",
        name="user.suspend",
        tag=_USERS,
        summary="Suspend a person",
        description="Ends every session; nobody can sign in until the account is reinstated.",
        handler=lambda container, _command, call: container.identity.users.suspend(
            call.ids["user_id"], call.caller
        ),
        result=ManagedUser,
        access=Access.SIGNED_IN,
        permission=USERS_UPDATE,
        scope="default",
        errors=(UnknownUser, OwnAccount, LastAdmin, BeyondOwnPermissions, StaleAggregate),
    ),
    Endpoint(
        method="POST",
        path=f"{_USER}/reinstate",
        name="user.reinstate",
        tag=_USERS,
        summary="Reinstate a suspended person",
        handler=lambda container, _command, call: container.identity.users.reinstate(
            call.ids["user_id"], call.caller
        ),
        result=ManagedUser,
        access=Access.SIGNED_IN,
        permission=USERS_UPDATE,
        scope="default",
        errors=(UnknownUser, OwnAccount, BeyondOwnPermissions, StaleAggregate),
    ),
)

_INVITING: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/invitations",
        name="invitation.list",
        tag=_INVITATIONS,
        summary="List invitations",
        handler=lambda container, command, call: container.identity.invitations.find(command, call.caller),
        command=ListInvitations,
        result=InvitationList,
        access=Access.SIGNED_IN,
        permission=USERS_CREATE,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/invitations",
        name="invitation.send",
        tag=_INVITATIONS,
        summary="Invite somebody",
        description="The link in the mail is good for seven days, once. A newer invitation of the same "
        "address takes the place of an older one.",
        handler=lambda container, command, call: container.identity.invitations.invite(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=InviteUser,
        check=lambda container, command, found: container.identity.invitations.check_invite(command, found),
        result=InvitationView,
        status=201,
        access=Access.SIGNED_IN,
        permission=USERS_CREATE,
        errors=(EmailTaken, *_GIVING_ROLES, TooManyRequests, *_REPEATABLE),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/invitations/accept",
        name="invitation.accept",
        tag=_INVITATIONS,
        summary="Accept an invitation",
        description="Sets a password and, where there is no account yet, makes it, with a proved address. "
        "Then sign in.",
        handler=lambda container, command, call: container.identity.invitation_accepting.accept(
            command, call.caller
        ),
        command=AcceptInvitation,
        check=lambda container, command, found: container.identity.invitation_accepting.check(command, found),
        result=Registered,
        message="message.verified",
        errors=(
            InvitationInvalid,
            UsernameTaken,
            UsernameNotChangeable,
            EmailTaken,
            PasswordThere,
            TooManyRequests,
        ),
    ),
    Endpoint(
        method="POST",
        path=f"{_INVITATION}/resend",
        name="invitation.resend",
        tag=_INVITATIONS,
        summary="Mail an invitation again",
        description="With another link, good for seven days; that of the mail before is void.",
        handler=lambda container, _command, call: container.identity.invitations.send_again(
            call.ids["invitation_id"], call.caller
        ),
        result=InvitationView,
        access=Access.SIGNED_IN,
        permission=USERS_CREATE,
        errors=(NotFound, InvitationOver, TooManyInvitations, *_GIVING_ROLES, TooManyRequests),
    ),
    Endpoint(
        method="DELETE",
        path=_INVITATION,
        name="invitation.revoke",
        tag=_INVITATIONS,
        summary="Revoke an invitation",
        handler=lambda container, _command, call: container.identity.invitations.revoke(
            call.ids["invitation_id"], call.caller
        ),
        result=InvitationView,
        access=Access.SIGNED_IN,
        permission=USERS_CREATE,
        scope="default",
        errors=(NotFound, InvitationOver, StaleAggregate, BeyondOwnPermissions),
    ),
)

_REPLACE_BANK_DETAILS = Endpoint(
    method="PUT",
    path=f"{_BASE}/me/bank-details",
    name="bank_details.replace",
    tag=_OWN,
    summary="Say where one's money goes",
    description="An IBAN is checked for its length and its check digits. The owner is told by mail.",
    handler=lambda container, command, call: container.identity.bank_details.replace(command, call.caller),
    command=ReplaceBankDetails,
    check=lambda container, command, found: container.identity.bank_details.check_replace(command, found),
    result=BankDetailsView,
    access=Access.SIGNED_IN,
    permission=OWN_PROFILE_UPDATE,
    scope="default",
    errors=(StepUpRequired,),
)

_OWN_DATA: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{_BASE}/me/export",
        name="me.export",
        tag=_OWN,
        summary="Take a copy of everything that is kept about oneself",
        description="At most 1,000 records of each kind, the newest. Needs a recent sign-in.",
        handler=lambda container, _command, call: container.identity.data_export.export(call.caller),
        result=PersonalData,
        access=Access.SIGNED_IN,
        errors=(StepUpRequired, TooManyRequests),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/me",
        name="me.erase",
        tag=_OWN,
        summary="Delete one's own account",
        description="Everything personal goes and nothing brings it back. Needs a recent sign-in.",
        handler=lambda container, _command, call: container.identity.erasing.erase_own(call.caller),
        result=Done,
        access=Access.SIGNED_IN,
        scope="default",
        message="message.user_erased",
        errors=(StepUpRequired, ErasureRefused, LastAdmin, StaleAggregate),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/me/bank-details",
        name="bank_details.read",
        tag=_OWN,
        summary="Read one's own bank details",
        description="The number is masked.",
        handler=lambda container, _command, call: container.identity.bank_details.read(call.caller),
        result=BankDetailsView,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_READ,
        scope="default",
        errors=(NotFound,),
    ),
    _REPLACE_BANK_DETAILS,
    replace(
        _REPLACE_BANK_DETAILS,
        method="POST",
        name="bank_details.create",
        summary="Say where one's money goes (the same as PUT)",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/me/bank-details",
        name="bank_details.remove",
        tag=_OWN,
        summary="Take one's bank details away",
        handler=lambda container, _command, call: container.identity.bank_details.remove(call.caller),
        result=Done,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        scope="default",
        message="message.bank_details_removed",
        errors=(StepUpRequired,),
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_PEOPLE, *_INVITING, *_OWN_DATA)
