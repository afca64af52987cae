"""The endpoints of passkeys and device keys."""

from collections.abc import Sequence

from pydantic import BaseModel

from multiproduct.application.identity import (
    AddPasskey,
    DeviceKeyChallenge,
    DeviceKeyList,
    DeviceKeyView,
    Done,
    EnrolDeviceKey,
    NewPasskey,
    PasskeyList,
    PasskeyOptions,
    PasskeyView,
    RenameKey,
    RequestDeviceKeyEnrolment,
    RequestDeviceKeySignIn,
    SecondFactorRequired,
    SignInWithDeviceKey,
    SignInWithPasskey,
    Tokens,
)
from multiproduct.bootstrap import Container
from multiproduct.domain.identity import (
    CredentialRefused,
    CredentialTaken,
    InvalidCredentials,
    LastWayIn,
    TooManyCredentials,
)
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.shared import NotFound, StepUpRequired, TooManyRequests
from multiproduct.entrypoints.http.endpoints import Access, Call, Either, Endpoint

_PASSKEYS, _DEVICE_KEYS = "/api/v1/identity/passkeys", "/api/v1/identity/device-keys"
_OF_PASSKEYS, _OF_DEVICE_KEYS = "Passkeys", "Device keys"
_REFUSALS = (CredentialRefused, CredentialTaken, TooManyCredentials, StepUpRequired, TooManyRequests)


async def _enrol(
    container: Container, command: EnrolDeviceKey | RequestDeviceKeyEnrolment, call: Call
) -> BaseModel:
    keys = container.identity.device_keys
    if isinstance(command, EnrolDeviceKey):
        return await keys.enrol(command, call.caller)
    return await keys.enrolment_options(call.caller)


async def _authenticate(
    container: Container, command: SignInWithDeviceKey | RequestDeviceKeySignIn, call: Call
) -> BaseModel:
    sign_in = container.identity.device_key_sign_in
    if isinstance(command, SignInWithDeviceKey):
        return await sign_in.sign_in(command, call.caller)
    return await sign_in.options(command, call.caller)


_OF_A_PASSKEY: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{_PASSKEYS}/registration/options",
        name="passkeys.registration.options",
        tag=_OF_PASSKEYS,
        summary="Ask what a browser needs to make a passkey",
        description="Needs a recent proof of who one is. The challenge is good once, for 5 minutes.",
        handler=lambda container, _command, call: container.identity.passkeys.registration_options(
            call.caller
        ),
        result=PasskeyOptions,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        errors=(TooManyCredentials, StepUpRequired, TooManyRequests),
    ),
    Endpoint(
        method="POST",
        path=f"{_PASSKEYS}/registration",
        name="passkeys.registration",
        tag=_OF_PASSKEYS,
        summary="Keep a passkey that was just made",
        description="Ends one's other sessions. Recovery codes come with the first second factor, shown this "
        "once.",
        handler=lambda container, command, call: container.identity.passkeys.register(command, call.caller),
        command=AddPasskey,
        result=NewPasskey,
        status=201,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        errors=_REFUSALS,
    ),
    Endpoint(
        method="POST",
        path=f"{_PASSKEYS}/authentication/options",
        name="passkeys.authentication.options",
        tag=_OF_PASSKEYS,
        summary="Ask what a browser needs to sign somebody in",
        description="Nobody says who they are: the authenticator knows.",
        handler=lambda container, _command, call: container.identity.passkey_sign_in.options(call.caller),
        result=PasskeyOptions,
        errors=(TooManyRequests,),
    ),
    Endpoint(
        method="POST",
        path=f"{_PASSKEYS}/authentication",
        name="passkeys.authentication",
        tag=_OF_PASSKEYS,
        summary="Begin a session by a passkey",
        description="The authenticator must have verified the person. Takes no Idempotency-Key: a challenge "
        "is answered once.",
        handler=lambda container, command, call: container.identity.passkey_sign_in.sign_in(
            command, call.caller
        ),
        command=SignInWithPasskey,
        result=Tokens,
        other_results=(SecondFactorRequired,),
        errors=(InvalidCredentials, TooManyRequests),
    ),
    Endpoint(
        method="POST",
        path=f"{_PASSKEYS}/check/options",
        name="passkeys.check.options",
        tag=_OF_PASSKEYS,
        summary="Ask what a browser needs to have one prove again who one is",
        handler=lambda container, _command, call: container.identity.passkey_sign_in.check_options(
            call.caller
        ),
        result=PasskeyOptions,
        access=Access.SIGNED_IN,
        errors=(TooManyRequests,),
    ),
    Endpoint(
        method="GET",
        path=_PASSKEYS,
        name="passkeys.list",
        tag=_OF_PASSKEYS,
        summary="List one's passkeys",
        handler=lambda container, _command, call: container.identity.passkeys.mine(call.caller),
        result=PasskeyList,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_READ,
        scope="default",
    ),
    Endpoint(
        method="PATCH",
        path=f"{_PASSKEYS}/{{passkey_id}}",
        name="passkeys.rename",
        tag=_OF_PASSKEYS,
        summary="Call a passkey otherwise",
        handler=lambda container, command, call: container.identity.passkeys.rename(
            call.ids["passkey_id"], command, call.caller
        ),
        command=RenameKey,
        result=PasskeyView,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        scope="default",
        errors=(NotFound,),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_PASSKEYS}/{{passkey_id}}",
        name="passkeys.remove",
        tag=_OF_PASSKEYS,
        summary="Give a passkey up",
        description="Needs a recent proof of who one is. Refused if nothing else would let one in. Ends "
        "one's other sessions; with the last second factor the recovery codes go.",
        handler=lambda container, _command, call: container.identity.passkeys.remove(
            call.ids["passkey_id"], call.caller
        ),
        result=Done,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        errors=(NotFound, LastWayIn, StepUpRequired, TooManyRequests),
    ),
)

_OF_A_DEVICE_KEY: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{_DEVICE_KEYS}/enroll",
        name="device_keys.enroll",
        tag=_OF_DEVICE_KEYS,
        summary="Enrol the key of a device",
        description="In two steps. Without `signature` it answers a challenge, which is good once, for 60 "
        "seconds; with it, it keeps the key. What is signed is `multiproduct/device-auth/v1`, then `rp`, the "
        "key's id, the challenge, `purpose` and a body hash, each after its length in bytes (four bytes, the "
        "highest first). The key's id is the SHA-256 of the public key in hexadecimal digits; the body hash "
        "is the SHA-256 of `user_verification` and `storage`, each after its length. Needs a recent proof of "
        "who one is; a new key ends one's other sessions.",
        handler=_enrol,
        command=Either(field="signature", present=EnrolDeviceKey, absent=RequestDeviceKeyEnrolment),
        result=DeviceKeyChallenge,
        other_results=(DeviceKeyView,),
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        errors=_REFUSALS,
    ),
    Endpoint(
        method="POST",
        path=f"{_DEVICE_KEYS}/authenticate",
        name="device_keys.authenticate",
        tag=_OF_DEVICE_KEYS,
        summary="Begin a session by the key of a device",
        description="In two steps. Without `signature` it answers a challenge for the key, whether or not "
        "anybody knows it; with it, it begins a session. What is signed is made as for an enrolment, with "
        "the SHA-256 of nothing as body hash. Five wrong signatures in a row lock the key.",
        handler=_authenticate,
        command=Either(field="signature", present=SignInWithDeviceKey, absent=RequestDeviceKeySignIn),
        result=DeviceKeyChallenge,
        other_results=(Tokens, SecondFactorRequired),
        errors=(InvalidCredentials, TooManyRequests),
    ),
    Endpoint(
        method="GET",
        path=_DEVICE_KEYS,
        name="device_keys.list",
        tag=_OF_DEVICE_KEYS,
        summary="List the keys of one's devices",
        handler=lambda container, _command, call: container.identity.device_keys.mine(call.caller),
        result=DeviceKeyList,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_READ,
        scope="default",
    ),
    Endpoint(
        method="PATCH",
        path=f"{_DEVICE_KEYS}/{{device_key_id}}",
        name="device_keys.rename",
        tag=_OF_DEVICE_KEYS,
        summary="Call the key of a device otherwise",
        handler=lambda container, command, call: container.identity.device_keys.rename(
            call.ids["device_key_id"], command, call.caller
        ),
        command=RenameKey,
        result=DeviceKeyView,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        scope="default",
        errors=(NotFound,),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_DEVICE_KEYS}/{{device_key_id}}",
        name="device_keys.revoke",
        tag=_OF_DEVICE_KEYS,
        summary="Revoke the key of a device",
        description="For good. The sessions that it began are over, and so are one's others.",
        handler=lambda container, _command, call: container.identity.device_keys.revoke(
            call.ids["device_key_id"], call.caller
        ),
        result=Done,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_UPDATE,
        scope="default",
        errors=(NotFound,),
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_OF_A_PASSKEY, *_OF_A_DEVICE_KEY)
