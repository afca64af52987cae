"""Whose account somebody gets who comes from a provider."""

from typing import Any

import pytest

from multiproduct.domain.identity import EmailAddress, ForeignIdentity, Linking, Mailbox, Provider
from multiproduct.domain.identity.linking import decide

GOOGLE, APPLE, FACEBOOK = Provider.GOOGLE, Provider.APPLE, Provider.FACEBOOK
OWNED, VOUCHED, CLAIMED = Mailbox.OWNED, Mailbox.VOUCHED, Mailbox.CLAIMED


def identity(
    provider: Provider = GOOGLE,
    email: str | None = "ada@gmail.com",
    *,
    verified: bool = True,
    hosted: str | None = None,
) -> ForeignIdentity:
    return ForeignIdentity(
        provider=provider,
        issuer="https://issuer.example",
        subject="subject-1",
        email=EmailAddress.parse(email) if email else None,
        email_verified=verified,
        hosted_domain=hosted,
    )


@pytest.mark.parametrize(
    ("proved", "worth"),
    [
        (identity(), OWNED),
        (identity(email="Ada@GoogleMail.com"), OWNED),
        (identity(verified=False), CLAIMED),
        (identity(email=None), CLAIMED),
        (identity(email="ada@stark.com", hosted="stark.com"), OWNED),
        (identity(email="ada@stark.com", hosted="STARK.com"), OWNED),
        (identity(email="ada@stark.com", hosted="stark.com", verified=False), CLAIMED),
        (identity(email="ada@stark.com", hosted="other.com"), VOUCHED),
        (identity(email="ada@sub.stark.com", hosted="stark.com"), VOUCHED),
        (identity(email="ada@stark.com"), VOUCHED),
        (identity(email="ada@gmail.com.attacker.com"), VOUCHED),
        (identity(email="ada@notgmail.com"), VOUCHED),
        (identity(APPLE, "ada@stark.com"), OWNED),
        (identity(APPLE, "x7f@privaterelay.appleid.com"), OWNED),
        (identity(APPLE, "ada@stark.com", verified=False), CLAIMED),
        (identity(APPLE, "ada@gmail.com", verified=False), CLAIMED),
        (identity(FACEBOOK), CLAIMED),
        (identity(FACEBOOK, verified=True, hosted="gmail.com"), CLAIMED),
    ],
)
def test_an_address_is_worth_what_the_provider_proves(proved: ForeignIdentity, worth: Mailbox) -> None:
    assert proved.mailbox is worth
    assert (proved.looked_up is None) is (worth is CLAIMED)
    assert (proved.proved is not None) is (worth is OWNED)


@pytest.mark.parametrize(
    "proved", [identity(), identity(email=None), identity(FACEBOOK), identity(verified=False)]
)
@pytest.mark.parametrize("owner", [None, True, False])
def test_a_linked_account_signs_its_user_in_whatever_the_address(proved: ForeignIdentity, owner: Any) -> None:
    assert decide(proved, is_linked=True, owner_is_verified=owner) is Linking.SIGN_IN


@pytest.mark.parametrize("proved", [identity(), identity(email="ada@stark.com"), identity(FACEBOOK)])
def test_an_unknown_account_whose_address_nobody_has_makes_a_user(proved: ForeignIdentity) -> None:
    assert decide(proved, is_linked=False, owner_is_verified=None) is Linking.CREATE


def test_an_address_that_both_sides_proved_links() -> None:
    assert decide(identity(), is_linked=False, owner_is_verified=True) is Linking.LINK


@pytest.mark.parametrize(("owner", "answer"), [(None, Linking.CREATE), (True, Linking.LINK_REQUIRED)])
def test_what_a_user_took_away_is_not_linked_by_itself(owner: Any, answer: Linking) -> None:
    assert decide(identity(), is_linked=False, owner_is_verified=owner, was_unlinked=True) is answer


def test_an_address_that_the_provider_only_saw_once_does_not_link() -> None:
    proved = identity(email="ada@stark.com")
    assert decide(proved, is_linked=False, owner_is_verified=True) is Linking.LINK_REQUIRED


def test_an_account_that_waits_unverified_for_its_victim_is_never_linked_to() -> None:
    """Pre-hijacking by the classic-federated merge (GHSA-qq9h-g4jm-xgf3)."""
    for proved in (identity(), identity(APPLE), identity(email="ada@stark.com", hosted="stark.com")):
        assert decide(proved, is_linked=False, owner_is_verified=False) is Linking.LINK_REQUIRED


def test_a_claimed_address_is_answered_alike_whoever_has_it() -> None:
    """Facebook has no verified flag (VilnaCRM #318), and unverified linking took accounts over (Better Auth
    #9578)."""
    for proved in (identity(FACEBOOK), identity(verified=False), identity(APPLE, verified=False)):
        answers = {decide(proved, is_linked=False, owner_is_verified=owner) for owner in (None, True, False)}
        assert answers == {Linking.CREATE}
