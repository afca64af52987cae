"""Types of notification: what each needs to be worded, and refuses."""

import pytest

from multiproduct.application.notifications import (
    IDENTITY_CODE,
    IDENTITY_SECURITY,
    IDENTITY_WELCOME,
    NOTIFICATION_TYPES,
    Brand,
    Palette,
)
from multiproduct.application.notifications.ports import DARK, LIGHT, RenderedMail

CODE = {"code": "123456", "minutes": 10, "purpose": "registration"}


@pytest.mark.parametrize("key", NOTIFICATION_TYPES)
def test_a_type_goes_by_its_key_and_knows_its_own_parameters(key):
    found = NOTIFICATION_TYPES[key]
    assert found.key == key
    assert found.links <= found.params | found.optional
    assert found.choices.keys() <= found.params
    assert not found.params & found.optional


def test_parameters_that_fit_are_taken():
    IDENTITY_CODE.check(CODE)
    IDENTITY_CODE.check(CODE | {"link": "https://stark.example/verify-email/x"})


@pytest.mark.parametrize(
    ("params", "what"),
    [
        ({"code": "123456", "minutes": 10}, "purpose"),
        (CODE | {"colour": "red"}, "colour"),
        (CODE | {"purpose": "birthday"}, "purpose"),
        (CODE | {"link": "javascript:alert(1)"}, "link"),
        (CODE | {"link": "https://stark.example/\n"}, "link"),
        (CODE | {"link": 7}, "link"),
        ({}, "code"),
    ],
)
def test_parameters_that_do_not_fit_are_named_without_their_values(params, what):
    with pytest.raises(ValueError, match=what) as refusal:
        IDENTITY_CODE.check(params)
    for value in ("123456", "red", "alert", "birthday"):
        assert value not in str(refusal.value)


def test_a_security_notice_is_about_something_there_are_words_for():
    for event in ("failed_logins", "token_reuse", "password_changed", "password_reset"):
        IDENTITY_SECURITY.check({"event": event, "when": "now"})
    with pytest.raises(ValueError, match="wording"):
        IDENTITY_SECURITY.check({"event": "abduction", "when": "now"})
    with pytest.raises(ValueError, match="name"):
        IDENTITY_WELCOME.check({"login_link": "https://stark.example/"})


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": " "},
        {"name": "STARK\nBcc: all"},
        {"support_email": "nobody"},
        {"support_email": "a b@stark.example"},
        {"support_url": "javascript:x"},
        {"support_url": 'https://stark.example/"onclick'},
        {"logo_url": "data:image/png;base64,x"},
    ],
)
def test_a_brand_that_could_spoil_a_mail_is_refused(changed):
    with pytest.raises(ValueError, match=r"brand|support|logo"):
        Brand(**changed)


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#1234567", "", "#123456;"])
def test_a_colour_is_six_hexadecimal_digits(colour):
    colours = dict.fromkeys(Palette.__slots__, "#123456")
    Palette(**colours)
    with pytest.raises(ValueError, match="accent"):
        Palette(**(colours | {"accent": colour}))


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize(
    ("front", "back"), [("text", "card"), ("text", "page"), ("muted", "card"), ("on_accent", "accent")]
)
def test_words_stand_out_from_what_is_behind_them(palette, front, back):
    lighter, darker = sorted(
        (_luminance(getattr(palette, front)), _luminance(getattr(palette, back))), reverse=True
    )
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_a_rendered_mail_does_not_show_what_it_says():
    mail = RenderedMail(subject="Your code", short="123456", text="123456", html="<b>123456</b>")
    assert "123456" not in repr(mail)
