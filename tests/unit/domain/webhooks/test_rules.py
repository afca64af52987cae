"""Filters, schedule, health, secrets and signatures of webhooks."""

import base64
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from multiproduct.adapters.contracts.webhook_builders import a_secret, an_endpoint
from multiproduct.domain.shared import InvalidInput
from multiproduct.domain.webhooks import INSTALLATION, Health
from multiproduct.domain.webhooks.endpoint import MAX_SECRETS
from multiproduct.domain.webhooks.filters import checked, matches
from multiproduct.domain.webhooks.schedule import PAUSES, pause_after
from multiproduct.domain.webhooks.signing import key_of, signature, written

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
KNOWN = {"billing.invoice_paid.v1", "billing.order_placed.v1", "identity.user_updated.v1"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (("*",), KNOWN),
        (("billing.*",), {"billing.invoice_paid.v1", "billing.order_placed.v1"}),
        (("identity.user_updated.v1",), {"identity.user_updated.v1"}),
        (("bill.*",), set()),
        (("billing.invoice_paid",), set()),
    ],
)
def test_filters_are_names_contexts_or_everything(filters, expected):
    assert {name for name in KNOWN if matches(filters, name)} == expected


@pytest.mark.parametrize("wrong", [[], ["x"], ["payments.*"], ["billing.invoice_paid"], ["billing."], ["**"]])
def test_filters_that_no_event_can_match_are_refused(wrong):
    with pytest.raises(InvalidInput):
        checked(wrong, KNOWN)


def test_filters_are_kept_once():
    assert checked(["*", "billing.*", "*"], KNOWN) == ("*", "billing.*")


@given(st.floats(min_value=0, max_value=1, exclude_max=True))
def test_the_pauses_are_those_of_the_specification_and_never_shorter(spread):
    found = [pause_after(tries, spread=spread) for tries in range(1, len(PAUSES) + 1)]
    for pause, least in zip(found, PAUSES, strict=True):
        assert pause is not None
        assert least <= pause <= least * 1.2
    assert pause_after(len(PAUSES) + 1, spread=spread) is None


def test_an_endpoint_is_hopeless_after_five_days_of_nothing_but_failures():
    health = Health()
    for hours in range(0, 5 * 24, 20):
        health = health.failed(NOW + hours * HOUR)
        assert not health.is_hopeless
    assert health.failed(NOW + 5 * 24 * HOUR).is_hopeless


def test_failures_far_apart_are_none_of_one_stretch():
    health = Health()
    for days in range(0, 30, 3):
        health = health.failed(NOW + timedelta(days=days))
        assert not health.is_hopeless


@given(
    st.binary(min_size=24, max_size=64),
    st.text(min_size=1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=2),
)
def test_the_specifications_own_library_verifies_what_is_signed_by_any_secret(key, text, others):
    body = text.encode("utf-8", "surrogatepass")
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(datetime.now(UTC).timestamp())),
    }
    headers["webhook-signature"] = signature(
        [*others, key],
        message_id="msg_1",
        timestamp=int(headers["webhook-timestamp"]),
        body=b'"' + body.hex().encode() + b'"',
    )
    sent = '"' + body.hex() + '"'
    assert Webhook(written(key)).verify(sent, headers) == body.hex()
    assert key_of(written(key)) == key
    for changed in (
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)},
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(written(key)).verify(sent, headers | changed)


@pytest.mark.parametrize("length", [0, 23, 65])
def test_a_key_has_the_length_that_the_specification_asks_for(length):
    with pytest.raises(ValueError, match="24 to 64"):
        written(b"x" * length)


def test_what_is_no_secret_is_refused():
    with pytest.raises(ValueError, match="not a webhook secret"):
        key_of("whsec_***")
    assert key_of(base64.b64encode(b"k" * 24).decode()) == b"k" * 24


def test_a_rotated_secret_signs_along_until_its_time_is_over():
    endpoint = an_endpoint()
    first, second = endpoint.secrets[0].id, a_secret()
    endpoint.rotate(second, overlap=HOUR, now=NOW, real_now=NOW)
    assert [each.id for each in endpoint.signing(NOW)] == [second.id, first]
    assert [each.id for each in endpoint.signing(NOW + HOUR)] == [second.id]


def test_an_overlap_of_nothing_ends_the_old_secret_at_once():
    endpoint, second = an_endpoint(), a_secret()
    endpoint.rotate(second, overlap=timedelta(), now=NOW, real_now=NOW)
    assert endpoint.secrets == (second,)


def test_however_often_it_is_rotated_few_secrets_sign():
    endpoint = an_endpoint()
    for _ in range(9):
        newest = a_secret()
        endpoint.rotate(newest, overlap=HOUR, now=NOW, real_now=NOW)
    assert len(endpoint.signing(NOW)) == MAX_SECRETS
    assert endpoint.signing(NOW)[0].id == newest.id
    assert [each.expires_at for each in endpoint.secrets[:-1]] == [NOW + HOUR] * (MAX_SECRETS - 1)


def test_another_rotation_never_lets_a_secret_live_longer():
    endpoint = an_endpoint()
    endpoint.rotate(a_secret(), overlap=HOUR, now=NOW, real_now=NOW)
    endpoint.rotate(a_secret(), overlap=9 * HOUR, now=NOW, real_now=NOW)
    moments = [each.expires_at for each in endpoint.secrets]
    assert moments == [NOW + HOUR, NOW + 9 * HOUR, None]
    assert all(before < after for before, after in pairwise(moments[:-1]))


def test_an_endpoint_of_a_person_is_told_of_nobody_elses_events():
    endpoint, stranger = an_endpoint(), an_endpoint()
    told = {
        owner: endpoint.wants("a.b.v1", permission="a.b.read", subject_id=owner, for_owners=True)
        for owner in (endpoint.owner_id, stranger.owner_id, INSTALLATION, None)
    }
    assert told == {endpoint.owner_id: True, stranger.owner_id: False, INSTALLATION: False, None: False}
    assert not endpoint.wants("a.b.v1", permission="a.b.read", subject_id=endpoint.owner_id, for_owners=False)
