"""Previews: every type has an example, and words for it in every language."""

import re
from datetime import date, datetime

import pytest

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.babel.figures import BabelFigures
from multiproduct.adapters.jinja2 import JinjaMailRenderer
from multiproduct.application.notifications import NOTIFICATION_TYPES, Brand
from multiproduct.application.notifications.examples import EXAMPLES, example_of, variants_of
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.previewing import Previewing
from multiproduct.domain.notifications.preference import Channel
from multiproduct.domain.shared import NotFound
from multiproduct.domain.shared.money import Money

TRANSLATOR = BabelTranslator()
LINKS = Links(base_url="https://shop.example/")
PREVIEWING = Previewing(
    renderer=JinjaMailRenderer(translator=TRANSLATOR, brand=Brand(name="WAYNE")),
    translator=TRANSLATOR,
    figures=BabelFigures(translator=TRANSLATOR),
    links=LINKS,
)
EVERY_WORDING = [(key, variant) for key in NOTIFICATION_TYPES for variant in (variants_of(key) or (None,))]
NO_WORDS = re.compile(r"(?:mail|text)\.[a-z_]+\.|[{}]")
"""What stands where a language has no words: the key, or an empty place."""


def said(preview):
    """All that anybody is told, by where."""
    found = {}
    if preview.mail is not None:
        found |= {"subject": preview.mail.subject, "text": preview.mail.text}
        found["html"] = re.sub(r"(?s)<style>.*?</style>|<[^>]+>", " ", preview.mail.html)
    if preview.sms is not None:
        found["sms"] = preview.sms.body
    if preview.notice is not None:
        found |= {"title": preview.notice.title, "body": preview.notice.body}
    return found


def test_every_type_has_an_example_and_nothing_else_has():
    assert EXAMPLES.keys() == NOTIFICATION_TYPES.keys()


@pytest.mark.parametrize("key", NOTIFICATION_TYPES)
def test_an_example_shows_all_that_a_type_may_say_but_what_is_only_there_in_other_wordings(key):
    type_ = NOTIFICATION_TYPES[key]
    shown = set().union(*(example_of(key, variant=each) for each in (*variants_of(key), None)))
    left_out = type_.params | type_.optional
    if key.startswith("billing.") and "due" not in EXAMPLES[key]:
        left_out -= {"due"}  # what is paid, void or refused is not due
    assert shown == left_out


@pytest.mark.parametrize("locale", TRANSLATOR.locales)
@pytest.mark.parametrize(("key", "variant"), EVERY_WORDING)
def test_every_wording_of_every_type_has_its_words_in_every_language(key, variant, locale):
    preview = PREVIEWING.preview(key, locale=locale, variant=variant)
    assert preview.locale == locale
    assert preview.variant == variant
    for place, words in said(preview).items():
        assert words.strip(), place
        assert not NO_WORDS.search(words), (place, words)


@pytest.mark.parametrize("locale", [each for each in TRANSLATOR.locales if each != "en"])
@pytest.mark.parametrize(("key", "variant"), EVERY_WORDING)
def test_no_language_borrows_the_words_of_another(key, variant, locale):
    """Sentences of the English one that stand in another: what fell back for want of a translation."""
    english, other = (PREVIEWING.preview(key, locale=each, variant=variant) for each in ("en", locale))
    lines = {line.strip() for words in said(english).values() for line in words.splitlines()}
    sentences = {line for line in lines if len(line.split()) > 2 and "://" not in line}
    assert sentences
    given = {value for value in EXAMPLES[key].values() if isinstance(value, str)}
    assert not {line for words in said(other).values() for line in words.splitlines()} & sentences - given


def test_a_preview_shows_what_the_channels_of_a_type_carry():
    for key, type_ in NOTIFICATION_TYPES.items():
        preview = PREVIEWING.preview(key, locale="en")
        assert (preview.mail is not None) == (Channel.EMAIL in type_.channels)
        assert (preview.sms is not None) == (Channel.SMS in type_.channels)
        assert (preview.notice is not None) == bool({Channel.IN_APP, Channel.PUSH} & set(type_.channels))


def test_days_money_and_moments_are_written_as_the_language_writes_them():
    assert isinstance(EXAMPLES["billing.invoice_issued"]["due"], date)
    assert isinstance(EXAMPLES["billing.invoice_issued"]["amount"], Money)
    assert isinstance(EXAMPLES["identity.security"]["when"], datetime)
    persian = PREVIEWING.preview("billing.invoice_issued", locale="fa").mail
    assert persian is not None
    assert "۱۹٫۹۹" in persian.text
    assert "۵ دسامبر ۲۰۲۶" in persian.text
    chinese = PREVIEWING.preview("identity.security", locale="zh-Hant").mail
    assert chinese is not None
    assert "2026年11月21日" in chinese.text


def test_links_lead_where_those_of_this_installation_lead():
    mail = PREVIEWING.preview("identity.code", locale="en").mail
    assert mail is not None
    assert "https://shop.example/verify-email/" in mail.text
    offer = PREVIEWING.preview("subscriptions.trial_over", locale="en").mail
    assert offer is not None
    assert "https://shop.example/unsubscribe/" in offer.html
    assert "/unsubscribe/" not in mail.html + mail.text


def test_a_digest_has_the_words_of_what_waited():
    digest = PREVIEWING.preview("notifications.digest", locale="es").mail
    notice = PREVIEWING.preview("billing.invoice_reminder", locale="es").notice
    assert digest is not None
    assert notice is not None
    assert f"- {notice.title}: {notice.body}\n" in digest.text


@pytest.mark.parametrize(
    ("key", "variant"),
    [("identity.nothing", None), ("identity.code", "theft"), ("identity.welcome", "login")],
)
def test_what_there_is_no_example_of_is_not_found(key, variant):
    with pytest.raises(NotFound):
        PREVIEWING.preview(key, locale="en", variant=variant)


def test_a_wording_that_can_be_stopped_is_shown_with_its_link():
    mail = PREVIEWING.preview("identity.security", locale="en", variant="email_change_requested").mail
    assert mail is not None
    assert "https://shop.example/stop-change/" in mail.text
