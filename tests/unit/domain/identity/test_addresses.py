"""Which e-mail addresses and telephone numbers are taken, which are the same, and how they are masked."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from multiproduct.domain.identity.addresses import EmailAddress, PhoneNumber
from multiproduct.domain.shared import FieldProblem, InvalidInput

_LABEL_63 = "a" * 63


def _email(text: str) -> EmailAddress | None:
    try:
        return EmailAddress.parse(text)
    except InvalidInput as refusal:
        refused = refusal.problems
    assert refused == (FieldProblem("email", "invalid_email" if text else "required"),)
    return None


@pytest.mark.parametrize(
    ("text", "display", "key"),
    [
        ("tony@stark.com", "tony@stark.com", "tony@stark.com"),
        ("Tony.Stark+news@STARK.Com", "Tony.Stark+news@stark.com", "tony.stark+news@stark.com"),
        ("a@b.co", "a@b.co", "a@b.co"),
        ("o'brien@x-1.example", "o'brien@x-1.example", "o'brien@x-1.example"),
        ("!#$%&'*+/=?^_`{|}~-@x.org", "!#$%&'*+/=?^_`{|}~-@x.org", "!#$%&'*+/=?^_`{|}~-@x.org"),
        ("tony@BÜCHER.example", "tony@bücher.example", "tony@bücher.example"),
        ("tony@xn--bcher-kva.example", "tony@xn--bcher-kva.example", "tony@bücher.example"),
        ("Jose\u0301@x.org", "José@x.org", "josé@x.org"),
        ("用户@例子.广告", "用户@例子.广告", "用户@例子.广告"),
        ("tony@1and1.com", "tony@1and1.com", "tony@1and1.com"),
    ],
)
def test_an_address_keeps_its_spelling_and_has_a_key(text, display, key):
    address = EmailAddress.parse(text)
    assert (address.display, address.key, str(address)) == (display, key, display)
    assert f"{address.local_part}@{address.domain}" == display


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("t.ony@x.org", "tony@x.org"),
        ("tony+a@x.org", "tony@x.org"),
        ("tony@straße.de", "tony@strasse.de"),
        ("tony@x.org", "tony@x.com"),
        ("tоny@x.org", "tony@x.org"),
    ],
)
def test_different_mailboxes_have_different_keys(one, other):
    assert EmailAddress.parse(one).key != EmailAddress.parse(other).key


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "tony", "tony@", "@x.org", "tony@@x.org", "to@ny@x.org", "tony@localhost", "tony@x.o"),
        *(" tony@x.org", "tony@x.org ", "to ny@x.org", "tony@x.org\n", "tony\r\nBcc: a@b.co", "to\0ny@x.org"),
        *('"tony"@x.org', "tony(stark)@x.org", "<tony@x.org>", "tony,a@x.org", "to:ny@x.org", "to\\ny@x.org"),
        *(".tony@x.org", "tony.@x.org", "to..ny@x.org", "tony@.x.org", "tony@x.org.", "tony@x..org"),
        *("tony@-x.org", "tony@x-.org", "tony@x_y.org", "tony@[127.0.0.1]", "tony@127.0.0.1", "tony@x.123"),
        *(
            "to\u200bny@x.org",
            "tony@x\u200d.org",
            "tony@ｘ.org",
            "tony@x。org",
            "tony＠x.org",
            "tony@x.org\u202e",
        ),
        *(
            "\u0301tony@x.org",
            "tony@\u0301x.org",
            "to\ud800ny@x.org",
            "tony@\ud800.org",
            "☃@x.org",
            "tony@☃.org",
        ),
        *(
            "tony@xn--.org",
            "tony@xn--a.org",
            "tony@xn--stark-.org",
            "tony@xn--99999999.org",
            "tony@xn--é.org",
        ),
        *("tony@xn--BCHER-.org", "tony@-é.org", "tony@é-.org", "tony@é_é.org", "tony@①.org"),
    ],
)
def test_what_is_no_plain_address_is_refused(text):
    assert _email(text) is None


def test_lengths_are_bounded_in_octets():
    assert _email(f"{'a' * 64}@x.org")
    assert not _email(f"{'a' * 65}@x.org")
    assert _email(f"{'é' * 32}@x.org")
    assert not _email(f"{'é' * 33}@x.org")
    assert _email(f"a@{_LABEL_63}.org")
    assert not _email(f"a@a{_LABEL_63}.org")
    host = ".".join(("a" * 60,) * 4)
    assert _email(f"{'b' * 10}@{host}")  # 254 octets
    assert not _email(f"{'b' * 11}@{host}")
    assert not _email(f"a@{'é' * 62}.org")
    assert not _email("a" * 10_000_000)


@given(
    st.emails()
    | st.text(max_size=50)
    | st.from_regex(r"\w{1,20}@(xn--[a-z0-9-]{1,20}|\w{1,20})\.[a-z]{1,5}", fullmatch=True)
)
@example("İstanbul@İstanbul.com")
@example("ΟΔΟΣ@ΟΔΟΣ.gr")
@example("ŉ@ŉ.com")
def test_an_accepted_address_is_safe_to_store_and_to_send_to(text):
    address = _email(text)
    if address is None:
        return
    for form in (address.display, address.key):
        assert form.count("@") == 1
        assert form.isprintable()
        assert " " not in form
        assert len(form.encode()) <= 254
        assert unicodedata.normalize("NFC", form) == form
    assert EmailAddress.parse(address.display) == address
    assert EmailAddress.parse(address.key).key == address.key
    if text.isascii():
        assert EmailAddress.parse(text.swapcase()).key == address.key


@given(st.emails(domains=st.just("example.org")))
def test_dots_and_tags_of_ordinary_addresses_are_kept(text):
    address = _email(text)
    if address is not None:
        assert address.key == text.lower()


@pytest.mark.parametrize(
    ("text", "masked"),
    [("tony@stark.com", "t***@stark.com"), ("t@stark.com", "***@stark.com"), ("Ab@x.org", "A***@x.org")],
)
def test_a_masked_address_shows_one_letter_at_most(text, masked):
    assert EmailAddress.parse(text).masked() == masked


def test_nfc_never_shrinks_utf_8_by_more_than_three_to_one():
    # Bounds on raw text, here and for passwords, rest on this.
    for character in map(chr, range(0x110000)):
        decomposed = unicodedata.normalize("NFD", character)
        if decomposed != character:
            assert len(decomposed.encode()) <= 3 * len(unicodedata.normalize("NFC", character).encode())


# Telephone numbers


@pytest.mark.parametrize("text", ["+1202555", "+12025550134", "+989121234567", "+886912345678901"])
def test_e164_text_is_a_number(text):
    number = PhoneNumber.parse(text)
    assert number.e164 == number.key == number.display == str(number) == text


@pytest.mark.parametrize(
    "text",
    [
        *("12025550134", "+120255", "+1234567890123456", "+02025550134", "+1 202 555 0134", "+1202555O134"),
        *("+12025550134\n", "+١٢٠٢٥٥٥٠١٣٤", "++12025550134", "+", "tel:+12025550134", "+1202555\0"),
    ],
)
def test_anything_else_is_no_number(text):
    with pytest.raises(InvalidInput) as refused:
        PhoneNumber.parse(text)
    assert refused.value.problems == (FieldProblem("phone", "invalid_phone"),)


def test_a_missing_number_is_required():
    with pytest.raises(InvalidInput) as refused:
        PhoneNumber.parse("")
    assert refused.value.problems == (FieldProblem("phone", "required"),)


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_masked_number_hides_all_but_three_digits_and_its_length(text):
    masked = PhoneNumber.parse(text).masked()
    assert masked == f"{text[:2]}******{text[-2:]}"
    assert len(masked) == 10
