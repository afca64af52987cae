"""Callers: who may do what, and who is told to sign in first."""

import pytest

from multiproduct.adapters.contracts.builders import a_user_id
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller, Principal
from multiproduct.domain.shared import Forbidden, Unauthenticated

PERMISSION = "identity.user.update"
USER_ID = a_user_id()


def a_person(*permissions: str) -> Caller:
    return Caller(principal=Principal(user_id=USER_ID, permissions=frozenset(permissions)))


def test_nobody_is_told_to_sign_in():
    with pytest.raises(Unauthenticated):
        ANYBODY.require(PERMISSION)
    with pytest.raises(Unauthenticated):
        ANYBODY.require_user()


def test_a_person_without_the_permission_is_told_which_one_is_missing():
    with pytest.raises(Forbidden) as refusal:
        a_person("identity.user.read").require(PERMISSION)
    assert refusal.value.params == {"permission": PERMISSION}


def test_a_person_with_the_permission_passes():
    caller = a_person(PERMISSION)
    caller.require(PERMISSION)
    assert caller.require_user() == USER_ID


def test_the_system_may_do_everything_but_is_nobody():
    SYSTEM.require(PERMISSION)
    with pytest.raises(Unauthenticated):
        SYSTEM.require_user()


@pytest.mark.parametrize(
    "asked", ["identity.user", "identity.user.update.all", "*", "", "IDENTITY.USER.UPDATE"]
)
def test_a_permission_is_only_itself(asked):
    assert not a_person(PERMISSION).principal.may(asked)


def test_what_the_limiter_said_does_not_tell_two_callers_apart():
    assert Caller(ip="192.0.2.1", standings=[]) == Caller(ip="192.0.2.1")
