"""Users: what may be changed about them, and what is kept of a change."""

from datetime import date

import pytest

from multiproduct.adapters.contracts.builders import MINUTE, NOW, a_user, a_username, a_uuid, an_unusual_user
from multiproduct.domain.identity import (
    BuiltInRole,
    Gender,
    PasswordWasReset,
    PostalAddress,
    RoleGranted,
    UsernameNotChangeable,
    UserRegistered,
    UserStatus,
    UserUpdated,
)

LATER = NOW + MINUTE


def test_only_what_differs_is_changed_and_told():
    user = a_user()
    user.change_profile({"first_name": "Grace", "last_name": user.last_name}, now=LATER)
    (event,) = user.collect_events()
    assert isinstance(event, UserUpdated)
    assert event.changes == {"first_name": ("Ada", "Grace")}
    assert (user.first_name, user.updated_at) == ("Grace", LATER)


def test_a_change_that_changes_nothing_leaves_no_trace():
    user = a_user()
    user.change_profile({"first_name": user.first_name}, now=LATER)
    user.change_profile({}, now=LATER)
    assert user.collect_events() == []
    assert user.updated_at == NOW


def test_a_chosen_name_stays():
    user = a_user()
    before = user.username
    with pytest.raises(UsernameNotChangeable):
        user.change_profile({"username": a_username("other")}, now=LATER)
    assert user.username == before
    assert user.collect_events() == []


def test_a_generated_name_is_changed_once():
    user = a_user()
    user.username_generated = True
    user.change_profile({"username": a_username("chosen.one")}, now=LATER)
    assert user.username.display == "chosen.one"
    assert not user.username_generated
    with pytest.raises(UsernameNotChangeable):
        user.change_profile({"username": a_username("another.one")}, now=LATER)


def test_a_change_is_shown_as_people_read_it():
    user = a_user()
    user.username_generated = True
    before = user.username.display
    user.change_profile({"username": a_username("Chosen.One"), "gender": Gender.FEMALE}, now=LATER)
    (event,) = user.collect_events()
    assert event.changes == {"username": (before, "Chosen.One"), "gender": (None, "female")}


def test_where_people_live_and_when_they_were_born_is_not_kept_of_record():
    user = a_user()
    home = PostalAddress(line1="10880 Malibu Point", city="Malibu")
    user.change_profile({"address": home, "date_of_birth": date(1970, 5, 29)}, now=LATER)
    user.change_profile({"address": None}, now=LATER)
    first, second = user.collect_events()
    assert first.changes == {"address": (None, "***"), "date_of_birth": (None, "***")}
    assert second.changes == {"address": ("***", None)}


@pytest.mark.parametrize("status", UserStatus)
def test_only_active_people_may_sign_in(status):
    user = a_user()
    user.status = status
    assert user.may_sign_in == (status is UserStatus.ACTIVE)


def test_a_role_is_given_once():
    user = a_user()
    user.grant(BuiltInRole.ADMIN, now=LATER)
    user.grant(BuiltInRole.ADMIN, now=LATER)
    user.grant(BuiltInRole.STANDARD_USER, now=LATER)
    (event,) = user.collect_events()
    assert isinstance(event, RoleGranted)
    assert event.role == "admin"
    assert user.roles == {"admin", "standard_user"}


def test_a_new_password_is_told_without_it():
    user = a_user(password_hash="old-hash")
    user.reset_password("new-hash", now=LATER)
    (event,) = user.collect_events()
    assert event == PasswordWasReset(occurred_at=LATER, user_id=user.id)
    assert user.password_hash == "new-hash"


def test_a_hash_is_never_shown():
    assert "argon2" not in repr(an_unusual_user())


def test_a_new_user_is_told_by_name():
    user, registration_id = a_user(username="tony.stark"), a_uuid()
    user.registered(registration_id=registration_id, now=NOW)
    (event,) = user.collect_events()
    assert event == UserRegistered(
        occurred_at=NOW, user_id=user.id, registration_id=registration_id, username="tony.stark"
    )
