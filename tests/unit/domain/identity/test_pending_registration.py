"""Pending registrations: what becomes of them when the address is proved."""

import pytest

from multiproduct.adapters.contracts.builders import (
    MINUTE,
    NOW,
    a_pending_registration,
    a_phone,
    a_user_id,
    a_username,
    an_unusual_pending_registration,
)
from multiproduct.domain.identity import RegistrationStarted, UserRegistered

LATER = NOW + MINUTE


def test_the_user_is_what_was_asked_for():
    pending = an_unusual_pending_registration()
    user_id, username = a_user_id(), a_username("chosen")
    user = pending.proved(user_id=user_id, username=username, generated=False, now=LATER)
    assert (user.id, user.username, user.username_generated) == (user_id, username, False)
    for name in ("email", "phone", "password_hash", "first_name", "last_name", "locale", "time_zone"):
        assert getattr(user, name) == getattr(pending, name), name
    assert (user.created_at, user.updated_at, user.last_login_at) == (LATER, LATER, None)
    assert user.may_sign_in
    assert user.roles == {"standard_user"}


@pytest.mark.parametrize("by_phone", [False, True])
def test_only_the_address_that_was_proved_counts_as_verified(by_phone):
    pending = a_pending_registration(phone=a_phone() if by_phone else None)
    user = pending.proved(user_id=a_user_id(), username=a_username(), generated=True, now=LATER)
    assert (user.email_verified, user.phone_verified) == (not by_phone, by_phone)
    assert user.username_generated


def test_both_steps_are_told():
    pending = a_pending_registration()
    pending.started()
    assert pending.collect_events() == [RegistrationStarted(occurred_at=NOW, registration_id=pending.id)]
    user = pending.proved(user_id=a_user_id(), username=a_username("tony"), generated=False, now=LATER)
    assert user.collect_events() == [
        UserRegistered(occurred_at=LATER, user_id=user.id, registration_id=pending.id, username="tony")
    ]


def test_a_hash_is_never_shown():
    assert "argon2" not in repr(an_unusual_pending_registration())
