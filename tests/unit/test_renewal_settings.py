"""When renewals are tried again and people are reminded, as an installation sets it."""

import pytest

from multiproduct.bootstrap.subscriptions import renewal_rules
from multiproduct.domain.subscriptions import Rules
from multiproduct.settings import Settings


def settings(**given):
    return Settings(_env_file=None, **given)


def test_without_settings_the_days_are_those_of_the_guide():
    assert renewal_rules(settings()) == Rules(retry_days=(1, 3, 5, 7), reminder_days=(7, 3, 1))


def test_an_installation_sets_its_own_days_or_none(monkeypatch):
    monkeypatch.setenv("MULTIPRODUCT_RENEWAL_RETRY_DAYS", "2, 4")
    assert renewal_rules(settings(renewal_reminder_days="")) == Rules(retry_days=(2, 4), reminder_days=())


@pytest.mark.parametrize("wrong", ["3,1", "0", "-1", "soon", "1,400"])
def test_days_that_are_none_are_refused(wrong):
    with pytest.raises(ValueError, match=r"days|reach|literal"):
        renewal_rules(settings(renewal_retry_days=wrong))
