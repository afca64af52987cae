"""Who has the word about a notification: the resolver agrees with an oracle that asks every layer."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.campaigns import proof_scale
from tests.oracles import notification_layers

from multiproduct.domain.notifications.preference import Category, Channel, Choices, Target
from multiproduct.domain.notifications.resolution import (
    HousePolicy,
    Layer,
    Question,
    Standing,
    resolve,
)

TYPES = ("billing.paid", "offers.new")
WORDS = (
    *((key, None, channel.value) for key in TYPES for channel in Channel),
    *((key, None, None) for key in TYPES),
    *((None, category.value, None) for category in Category),
    *((None, None, channel.value) for channel in Channel),
)
CHOICES = st.dictionaries(st.sampled_from(WORDS), st.booleans(), max_size=8)
FACTS = st.fixed_dictionaries(
    {
        name: st.booleans()
        for name in ("suppressed", "commercial", "unsubscribed", "mandatory", "on_by_default")
    }
)


def target(word):
    key, category, channel = word
    return Target(
        type_key=key,
        category=None if category is None else Category(category),
        channel=None if channel is None else Channel(channel),
    )


def choices(words):
    return Choices({target(word): value for word, value in words.items()})


@settings(max_examples=proof_scale(1_000, 50_000))
@given(
    st.sampled_from(TYPES),
    st.sampled_from(Category),
    st.sampled_from(Channel),
    FACTS,
    CHOICES,
    CHOICES,
    CHOICES,
)
def test_the_resolver_agrees_with_asking_every_layer(key, category, channel, facts, forced, chosen, defaults):
    decision = resolve(
        Question(
            type_key=key,
            category=category,
            channel=channel,
            is_mandatory=facts["mandatory"],
            is_commercial=facts["commercial"],
            is_on_by_default=facts["on_by_default"],
        ),
        Standing(
            is_suppressed=facts["suppressed"],
            is_unsubscribed=facts["unsubscribed"],
            choices=choices(chosen),
        ),
        HousePolicy(forced=choices(forced), defaults=choices(defaults)),
    )
    found = (decision.is_on, decision.layer.value)
    assert found == notification_layers.expected(
        asked=(key, category.value, channel.value),
        facts=facts,
        forced=forced,
        chosen=chosen,
        defaults=defaults,
    )


def test_the_layers_stand_in_the_order_that_the_oracle_has():
    assert tuple(each.value for each in Layer) == notification_layers.RANKS


@pytest.mark.parametrize("named", list(itertools.product((True, False), repeat=3)))
def test_a_choice_is_about_one_of_four_things(named):
    parts = ("billing.paid", Category.BILLING, Channel.EMAIL)
    key, category, channel = (part if is_named else None for part, is_named in zip(parts, named, strict=True))
    if named in {(True, False, True), (True, False, False), (False, True, False), (False, False, True)}:
        assert Target(type_key=key, category=category, channel=channel).breadth
    else:
        with pytest.raises(ValueError, match="about"):
            Target(type_key=key, category=category, channel=channel)


def test_no_choice_brings_commercial_mail_back_to_who_unsubscribed():
    question = Question(
        type_key="offers.new", category=Category.OFFERS, channel=Channel.EMAIL, is_commercial=True
    )
    on = Choices({target(word): True for word in WORDS})
    decision = resolve(
        question, Standing(is_unsubscribed=True, choices=on), HousePolicy(forced=on, defaults=on)
    )
    assert (decision.is_on, decision.layer) == (False, Layer.UNSUBSCRIBED)
