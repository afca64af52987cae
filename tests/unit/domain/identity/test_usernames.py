"""Valid names, equal names, and names that are taken for somebody else's."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from multiproduct.domain.identity.confusable_characters import CONFUSABLES, UNICODE_VERSION
from multiproduct.domain.identity.reserved_usernames import PROTECTED_USERNAMES, RESERVED_USERNAMES
from multiproduct.domain.identity.username_skeleton import skeleton
from multiproduct.domain.identity.usernames import Username, UsernamePolicy, canonical_key
from multiproduct.domain.shared import FieldProblem, InvalidInput

_BRANDED = UsernamePolicy.of(brands=("Stark Industries", "PayPal"), reserved=("Jarvis",))
_SEEN = {chr(int(code, 16)): seen for seen, codes in CONFUSABLES.items() for code in codes.split()}
_NAME = re.compile(r"[A-Za-z0-9](?:[._-]?[A-Za-z0-9])*")


def _problem(text: str, policy: UsernamePolicy | None = None) -> FieldProblem | None:
    try:
        Username.parse(text, policy)
    except InvalidInput as refusal:
        (problem,) = refusal.problems
        return problem
    return None


def _code(text: str, policy: UsernamePolicy | None = None) -> str | None:
    problem = _problem(text, policy)
    return problem and problem.code


def _spoofs(word: str) -> list[str]:
    """The word with each letter, and then with all letters, replaced by each of its look-alikes in turn."""
    twins = {seen: [c for c, s in _SEEN.items() if s == seen] for seen in set(word)}
    one = [word[:index] + twin + word[index + 1 :] for index, seen in enumerate(word) for twin in twins[seen]]
    rounds = range(max(len(found) for found in twins.values()))
    whole = ["".join(twins[c][turn % len(twins[c])] if twins[c] else c for c in word) for turn in rounds]
    return one + whole


@pytest.mark.parametrize(
    "text",
    ["abc", "tony.stark", "Iron_Man-3", "a1b", "x" * 30, "0x0", "ali", "mali", "barn", "Clark", "7even"],
)
def test_usual_names_are_valid_and_keep_their_spelling(text):
    name = Username.parse(text)
    assert (name.display, name.key, str(name)) == (text, text.lower(), text)


@pytest.mark.parametrize(
    ("text", "code", "params"),
    [
        ("", "required", ()),
        ("   ", "required", ()),
        ("ab", "too_short", (("min", 3),)),
        ("x" * 31, "too_long", (("max", 30),)),
        ("x" * 100_000, "too_long", (("max", 30),)),
        ("tony stark", "invalid_username", ()),
        ("tony..stark", "invalid_username", ()),
        ("tony._stark", "invalid_username", ()),
        (".tony", "invalid_username", ()),
        ("tony-", "invalid_username", ()),
        ("tony\n", "invalid_username", ()),
        ("tony\0", "invalid_username", ()),
        ("tony@stark", "invalid_username", ()),
        ("tönÿ", "invalid_username", ()),
        ("ａｂｃ", "invalid_username", ()),
        ("аdmin", "invalid_username", ()),
        ("\ud800abc", "invalid_username", ()),
        ("12345", "invalid_username", ()),
        ("0912-345-678", "invalid_username", ()),
        ("١٢٣", "invalid_username", ()),
        ("login", "reserved_username", ()),
        ("Login", "reserved_username", ()),
        ("undefined", "reserved_username", ()),
        ("postmaster", "reserved_username", ()),
    ],
)
def test_a_refusal_names_the_rule_that_is_broken(text, code, params):
    assert _problem(text) == FieldProblem("username", code, params)


@pytest.mark.parametrize(
    "text",
    [
        *("admin", "ADMIN", "ad.min", "a_d_m_i_n", "Adm1n", "adrnin", "acImin", "4dm1n", "a-cl-rnin"),
        *("r00t", "ro-ot", "5upp0rt", "supp.ort", "secur1ty", "webrnaster", "vvebmaster", "no-reply"),
        *("official_admin", "the.admin", "support.team", "sUpPoRt.HQ"),
    ],
)
def test_look_alikes_of_trusted_names_are_refused(text):
    assert _code(text) == "reserved_username"


@pytest.mark.parametrize(
    "text", ["admins", "badmin", "rooster", "supporter", "mary.admin", "admin2", "steam"]
)
def test_names_that_only_contain_a_trusted_one_are_free(text):
    assert _code(text) is None


def test_common_given_and_family_names_are_free():
    first = """
        ali ail bill mali anna maria mary john james robert linda wei ming arjun priya mohammed fatima
        carlos clara claude dolores emil ilse jill kim leo lili milo nils oli raoul rod rolf sal sami tim
        sofia tom will yasmin
    """
    family = """
        garcia miller davis wilson moore clark lewis hall allen young king wright hill baker adams nelson
        carter roberts phillips campbell parker evans edwards collins stewart morris cook rogers reed bell
        bailey kelly
    """
    names = [*first.split(), *family.split()]
    assert [name for name in names if _code(name)] == []


@pytest.mark.parametrize(
    "text",
    [
        *("stark.industries", "StarkIndustries", "5tark-lndustries", "official_starkindustries", "paypa1"),
        *("paypal.support", "help-paypaI", "the.paypal", "paypal_hq", "JARVIS"),
    ],
)
def test_an_installations_brands_and_own_names_are_protected_by_its_policy_only(text):
    assert _code(text, _BRANDED) == "reserved_username"
    assert _code(text) is None


def test_a_persons_name_may_hold_the_brands_word():
    assert _code("tony.stark", UsernamePolicy.of(brands=("Stark",))) is None
    assert _code("stark", UsernamePolicy.of(brands=("Stark",))) == "reserved_username"


def test_a_brand_without_anything_to_see_protects_nothing():
    assert UsernamePolicy.of(brands=("", "---")) == UsernamePolicy.of()


def test_every_reserved_name_could_be_asked_for():
    dead = [name for name in RESERVED_USERNAMES if _code(name) != "reserved_username"]
    assert dead == []


def test_no_reserved_name_that_is_not_trusted_hides_behind_a_look_alike():
    assert _code("logln") is None
    assert _code("ali") is None


@given(st.text(max_size=40) | st.from_regex(r"[a-zA-Z0-9._-]{1,34}", fullmatch=True))
@example("1.2")
@example("a" * 30)
def test_what_is_accepted_has_the_form_of_a_name(text):
    if _code(text) is None:
        assert 3 <= len(text) <= 30
        assert _NAME.fullmatch(text)
        assert any(c.isalpha() for c in text)
        assert Username.parse(text).key == canonical_key(text)


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9]{1,9}[._-]?[A-Za-z0-9]{1,9}", fullmatch=True))
def test_what_has_the_form_of_a_name_is_refused_only_as_reserved(text):
    assert _code(text) == ("reserved_username" if UsernamePolicy.of().refuses(text) else None)


@given(st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{2,20}[a-z]", fullmatch=True))
def test_case_never_decides(text):
    assert _code(text) == _code(text.upper()) == _code(text.swapcase())


# Imported names


@pytest.mark.parametrize("text", ["x", "tony@stark.com", "12345", "admin", "a..b", "Тони", "x" * 150, "山田"])
def test_imported_names_keep_what_the_source_system_allowed(text):
    assert Username.imported(text).display == text
    assert Username.imported(text).key == canonical_key(text) != ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "required"),
        ("x" * 151, "too_long"),
        ("tony stark", "invalid_username"),
        ("tony\n", "invalid_username"),
        ("tony/stark", "invalid_username"),
        ("\ud800", "invalid_username"),
        ("\ufdfa", "invalid_username"),  # one letter whose compatibility form is a sentence with spaces
        ("\u0133" * 76, "invalid_username"),  # a ligature whose compatibility form is twice as long
    ],
)
def test_an_imported_name_without_a_usable_key_is_refused(text, code):
    with pytest.raises(InvalidInput) as refused:
        Username.imported(text)
    assert refused.value.problems[0].code == code


# Keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IronMan", "ironman"),
        ("Straße", "STRASSE"),
        ("ｔｏｎｙ", "tony"),
        ("é", "e\u0301"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_names_that_differ_in_case_or_compatibility_form_have_one_key(one, other):
    assert canonical_key(one) == canonical_key(other)


@pytest.mark.parametrize("text", ["x" * 151, "\0", "to\0ny", "\ud800", "a\u200bb", "\ufdfa" * 20, "tony\n"])
def test_what_no_stored_name_can_equal_has_the_empty_key(text):
    assert canonical_key(text) == ""


def test_nothing_is_stripped_from_a_key():
    assert canonical_key(" Tony ") == " tony "


@given(st.text(max_size=160))
@example("\u0345\u03b1")
@example("\u1e9e")
def test_keys_are_bounded_printable_and_their_own_keys(text):
    key = canonical_key(text)
    assert len(key) <= 150
    assert key.isprintable()
    assert canonical_key(key) == key
    key.encode()


def test_every_single_character_has_a_stable_key():
    unstable = [c for c in map(chr, range(0x110000)) if canonical_key(k := canonical_key(c)) != k]
    assert unstable == []


# Skeletons


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("раураӏ", "paypal"),
        ("ΑDMIN", "admin"),
        ("ＡＤＭＩＮ", "admin"),
        ("𝖆𝖉𝖒𝖎𝖓", "admin"),
        ("ádmïn", "admin"),
        ("ad\u200bm\u00adin", "admin"),
        ("rооt", "root"),
        ("ѕuрроrt", "support"),
        ("Ηelp", "help"),
        ("нelp", "help"),
        ("ѡill", "vvill"),
        ("modern", "modem"),
        ("clone", "done"),
        ("ß", "ss"),
        ("\u3164admin\uffa0", "admin"),
    ],
)
def test_look_alikes_have_one_skeleton(one, other):
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("tony", "toni"), ("paypal", "paypai1"), ("山田", "山本"), ("админ", "admin"), ("gq", "gg")],
)
def test_different_names_have_different_skeletons(one, other):
    assert skeleton(one) != skeleton(other)


def test_every_character_of_the_table_has_the_skeleton_of_what_it_looks_like():
    assert UNICODE_VERSION == "18.0.0"
    assert len(_SEEN) > 1_000
    wrong = {c: seen for c, seen in _SEEN.items() if skeleton(c) != skeleton(seen) or c.isascii()}
    assert wrong == {}


@pytest.mark.parametrize("word", sorted(PROTECTED_USERNAMES))
def test_every_spoof_from_the_table_is_seen_through(word):
    policy = UsernamePolicy.of()
    spoofs = _spoofs(word)
    assert len(spoofs) > 50
    assert [spoof for spoof in spoofs if not policy.refuses(spoof)] == []


@pytest.mark.parametrize("word", sorted(PROTECTED_USERNAMES))
def test_every_spoof_of_a_mathematical_or_wide_alphabet_is_seen_through(word):
    policy = UsernamePolicy.of()
    for first in (0xFF41, 0xFF21, 0x1D400, 0x1D41A, 0x1D5A0, 0x1D670, 0x24D0, 0x24B6):
        assert policy.refuses("".join(chr(first + ord(c) - ord("a")) for c in word))


def test_the_policy_reads_capitals_as_typed_and_as_folded():
    policy = UsernamePolicy.of(brands=("Hero",))
    assert policy.refuses("\u0397ERO")  # a Greek capital eta looks like H, its lower case does not
    assert policy.refuses("\u017fupport")  # a long s folds to s, although it looks like f


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_skeleton_of_a_whole_is_made_of_those_of_its_parts(one, other):
    if all(unicodedata.category(c)[0] != "M" for c in one + other):
        assert skeleton(one + other) == skeleton(one) + skeleton(other)


@given(st.text(max_size=30))
def test_a_skeleton_is_its_own_skeleton(text):
    assert skeleton(skeleton(text)) == skeleton(text)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789._-", max_size=30))
def test_a_skeleton_holds_no_character_that_has_a_twin(text):
    assert not set(skeleton(text)) & set("01i|34578mwd._-")
