"""Both directions in one line: facts stay whole, and names turn nothing around."""

import pytest

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.jinja2 import JinjaMailRenderer
from multiproduct.adapters.jinja2.directions import isolated, kept_apart, without_marks
from multiproduct.application.notifications import Brand

FSI, PDI, RLO = "\u2068", "\u2069", "\u202e"
RENDERER = JinjaMailRenderer(translator=BabelTranslator(), brand=Brand())


def test_facts_stand_alone_where_one_could_pull_another_along():
    assert isolated(["INV-1", "۵ دسامبر"], is_right_to_left=True) == [
        f"{FSI}INV-1{PDI}",
        f"{FSI}۵ دسامبر{PDI}",
    ]
    assert isolated(["قلم", "5 Dec"], is_right_to_left=False) == [f"{FSI}قلم{PDI}", f"{FSI}5 Dec{PDI}"]
    assert isolated(["INV-1", "5 Dec"], is_right_to_left=False) == ["INV-1", "5 Dec"]


def test_a_fact_cannot_close_its_own_isolate():
    assert isolated([f"a{PDI}{RLO}b"], is_right_to_left=True) == [f"{FSI}ab{PDI}"]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (f"x {FSI}a{PDI} · {FSI}b{PDI}", f"x {FSI}a{PDI} · {FSI}b{PDI}"),
        (f"x {FSI}a", "x a"),
        (f"x a{PDI}", "x a"),
        (f"{PDI}{FSI}a", "a"),
        (f"{FSI}{FSI}a{PDI}{PDI}", "a"),
        (f"{FSI}a{RLO}{PDI}", f"{FSI}a{PDI}"),
    ],
)
def test_only_isolates_that_are_closed_are_kept(line, kept):
    assert kept_apart(line) == kept
    assert without_marks(line) == without_marks(kept)


def test_a_persian_notice_keeps_number_amount_and_day_apart():
    params = {
        "number": "INV-1", "amount": "$ ۱۹٫۹۹", "due": "۵ دسامبر ۲۰۲۶", "link": "https://shop.example/",
    }  # fmt: skip
    body = RENDERER.notice("billing.invoice_reminder", locale="fa", params=params).body
    assert body.endswith(f"{FSI}INV-1{PDI} · {FSI}$ ۱۹٫۹۹{PDI} · {FSI}۵ دسامبر ۲۰۲۶{PDI}")
    digest = {"items": f"یادآوری: {body}", "count": 1, "link": "https://shop.example/"}
    assert f"{FSI}INV-1{PDI}" in RENDERER.render("notifications.digest", locale="fa", params=digest).html


def test_a_notice_does_not_repeat_what_its_words_have_said():
    said = RENDERER.notice(
        "webhooks.disabled", locale="en", params={"event": "gone", "host": "hooks.example.com"}
    )
    assert said.body.count("hooks.example.com") == 1
