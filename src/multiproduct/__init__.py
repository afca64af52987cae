"""The core of a company selling software and goods, as a pure domain with ports and adapters.

Everything here is loaded when it is first used, so that importing the package costs next to nothing.
"""

from importlib import import_module

# As `typing.TYPE_CHECKING`, which type checkers know by its name; importing `typing` costs ten milliseconds.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
    from multiproduct.application.identity import (
        CheckUsername,
        ConfirmPasswordReset,
        CreateAdmin,
        RefreshSession,
        RequestPasswordReset,
        RequestSignInCode,
        ResendCode,
        SignInWithCode,
        SignInWithPassword,
        SignOut,
        StartRegistration,
        UpdateProfile,
        VerifyRegistration,
        VerifyToken,
    )
    from multiproduct.domain.shared import MultiproductError
    from multiproduct.entrypoints.library import BlockingMultiproduct, Multiproduct
    from multiproduct.settings import Settings

_LIBRARY = "multiproduct.entrypoints.library"
_CALLER = "multiproduct.application.caller"
_IDENTITY = "multiproduct.application.identity"

_HOMES = {
    "ANYBODY": _CALLER,
    "BlockingMultiproduct": _LIBRARY,
    "Caller": _CALLER,
    "CheckUsername": _IDENTITY,
    "ConfirmPasswordReset": _IDENTITY,
    "CreateAdmin": _IDENTITY,
    "Multiproduct": _LIBRARY,
    "MultiproductError": "multiproduct.domain.shared",
    "RefreshSession": _IDENTITY,
    "RequestPasswordReset": _IDENTITY,
    "RequestSignInCode": _IDENTITY,
    "ResendCode": _IDENTITY,
    "SYSTEM": _CALLER,
    "Settings": "multiproduct.settings",
    "SignInWithCode": _IDENTITY,
    "SignInWithPassword": _IDENTITY,
    "SignOut": _IDENTITY,
    "StartRegistration": _IDENTITY,
    "UpdateProfile": _IDENTITY,
    "VerifyRegistration": _IDENTITY,
    "VerifyToken": _IDENTITY,
}

__all__ = [
    "ANYBODY",
    "SYSTEM",
    "BlockingMultiproduct",
    "Caller",
    "CheckUsername",
    "ConfirmPasswordReset",
    "CreateAdmin",
    "Multiproduct",
    "MultiproductError",
    "RefreshSession",
    "RequestPasswordReset",
    "RequestSignInCode",
    "ResendCode",
    "Settings",
    "SignInWithCode",
    "SignInWithPassword",
    "SignOut",
    "StartRegistration",
    "UpdateProfile",
    "VerifyRegistration",
    "VerifyToken",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
