"""Secrets that are derived from a few masters, each for one use."""

import hashlib
import hmac

import pytest

from multiproduct.adapters.stdlib import DerivedSecrets

NEW, OLD = "a master secret of more than 32 characters", "an older master secret, retired since"


def test_every_use_of_every_master_has_a_secret_of_its_own():
    secrets = DerivedSecrets(masters=[NEW, OLD])
    made = {secrets.secret(key_id, label) for key_id in secrets.ids for label in ("otp", "refresh", "access")}
    assert len(made) == 6
    assert {len(secret) for secret in made} == {32}


def test_the_same_masters_give_the_same_secrets():
    assert DerivedSecrets(masters=[NEW]).current("otp") == DerivedSecrets(masters=[NEW]).current("otp")


def test_it_is_the_key_derivation_of_rfc_5869():
    extracted = hmac.new(b"multiproduct/v1", NEW.encode(), hashlib.sha256).digest()
    expanded = hmac.new(extracted, b"otp" + bytes([1]), hashlib.sha256).digest()
    assert DerivedSecrets(masters=[NEW]).current("otp") == expanded


def test_the_first_master_is_the_present_one():
    secrets = DerivedSecrets(masters=[NEW, OLD])
    assert secrets.current_id == DerivedSecrets(masters=[NEW]).current_id
    assert secrets.ids == [secrets.current_id, DerivedSecrets(masters=[OLD]).current_id]
    assert secrets.current("otp") == secrets.secret(secrets.current_id, "otp")


def test_a_retired_master_stays_good_until_it_is_dropped():
    before = DerivedSecrets(masters=[OLD])
    rotated, later = DerivedSecrets(masters=[NEW, OLD]), DerivedSecrets(masters=[NEW])
    assert rotated.secret(before.current_id, "otp") == before.current("otp")
    assert later.secret(before.current_id, "otp") is None


def test_a_master_that_is_named_twice_counts_once():
    secrets = DerivedSecrets(masters=[NEW, NEW, OLD, NEW])
    assert len(secrets.ids) == 2


def test_the_name_of_a_secret_tells_nothing_about_it():
    (key_id,) = DerivedSecrets(masters=[NEW]).ids
    assert len(key_id) == 8
    assert bytes.fromhex(key_id)
    assert key_id != hashlib.sha256(NEW.encode()).hexdigest()[:8]


@pytest.mark.parametrize("masters", [[], [""], ["", OLD]])
def test_there_is_no_installation_without_a_secret(masters):
    with pytest.raises(ValueError, match="secret"):
        DerivedSecrets(masters=masters)


def test_no_secret_is_shown():
    secrets = DerivedSecrets(masters=[NEW, OLD])
    assert NEW not in repr(secrets)
    assert NEW not in str(vars(secrets))
