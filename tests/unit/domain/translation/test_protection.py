"""What is kept out of a translator's hands, and which answers are believed."""

import random
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.campaigns import proof_scale

from multiproduct.domain.translation import Glossary, NotKept, protect, require_same_marks
from multiproduct.domain.translation.glossary import term_key
from multiproduct.domain.translation.protection import MAX_TEXT

NONE = Glossary()
TAG = re.compile(r'<x id="\d+"></x>')


def sent_to(text: str, glossary: Glossary = NONE) -> str:
    return protect(text, glossary).sent


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Save {percent} today", "{percent}"),
        ("Hello {{ user.name }}!", "{{ user.name }}"),
        ("Hello ${name}!", "${name}"),
        ("%(count)d items", "%(count)d"),
        ("%s items", "%s"),
        ("Write to help@stark.example now", "help@stark.example"),
        ("See https://stark.example/a?b=c&d=e.", "https://stark.example/a?b=c&d=e"),
        ("Look at www.stark.example/plans, or at docs.stark.example.", "www.stark.example/plans"),
        ("Runs on Node.js", "Node.js"),
        ("Only $19.99 a month", "$19.99"),
        ("Only USD 19.99 a month", "USD 19.99"),
        ("Only 19,99 EUR a month", "19,99 EUR"),
        ("A <b>bold</b> word", "<b>"),
        ('A <a href="https://a.example/">link</a>', '<a href="https://a.example/">'),
        ("A<br/>break", "<br/>"),
        ("You &amp; me", "&amp;"),
        ("Type `npm install`", "`npm install`"),
        ("<!-- not shown --> text", "<!-- not shown -->"),
    ],
)
def test_what_is_no_words_is_not_sent(text, kept):
    protected = protect(text, NONE)
    assert kept not in protected.sent
    assert kept in protected.shown
    assert protected.format == "html"
    assert protected.restored(protected.sent) == text


@pytest.mark.parametrize("text", ["50% discount", "a < b and b > c", "100%", "R&D", "3.5 stars", "Gold"])
def test_ordinary_words_are_sent_as_they_are(text):
    protected = protect(text, NONE)
    assert (protected.sent, protected.format, protected.shown) == (text, "text", ())


def test_around_what_is_kept_the_text_is_escaped():
    protected = protect("R&D < {place}", NONE)
    assert protected.sent == 'R&amp;D &lt; <x id="0"></x>'
    assert protected.restored('I+D &lt; <x id="0"></x>') == "I+D < {place}"


def test_words_may_change_their_order_around_what_is_kept():
    protected = protect("{first} before {second}", NONE)
    assert protected.restored('<x id="1"></x> después de <x id="0"></x>') == "{second} después de {first}"


@pytest.mark.parametrize("form", ['<x id="0"/>', "<x id='0'></x>", '<x id="0" />', '< x id="0" > </ x >'])
def test_a_tag_may_be_written_otherwise(form):
    assert protect("Hello {name}", NONE).restored(f"Hola {form}") == "Hola {name}"


def test_white_space_around_the_text_stays():
    protected = protect("  Gold \n", NONE)
    assert protected.sent == "Gold"
    assert protected.restored("Oro\n\n") == "  Oro \n"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "   ",
        "Hola",
        "Hola {name}",
        'Hola <x id="0"></x><x id="0"></x>',
        'Hola <x id="1"></x>',
        'Hola <x id="0"></x> <script>alert(1)</script>',
        'Hola <x id="0"></x> &lt;script&gt;alert(1)&lt;/script&gt;',
        'Hola <x id="0"></x> <img src=x onerror=alert(1)>',
        'Hola <x id="0"></x> &lt;img src=x onerror=alert(1)',
        'Hola <x id="0"></x> {password}',
        'Hola <x id="0"></x> https://evil.example/',
        'Hola <x id="0"></x> pay $1',
        'Hola <x id="0"></x> &amp;lt;script&amp;gt;',
        'Hola <x id="0"></x>\u202eolleH',
        'Hola <x id="0"></x>\x00',
        'Hola <x id="0"></x>\x1b[2J',
        'Hola <x id="0"></x>' + "!" * 2_000,
        '<x id="0"><x id="0"></x></x>',
    ],
)
def test_an_answer_that_loses_or_adds_something_is_not_used(answer):
    with pytest.raises(NotKept):
        protect("Hello {name}", NONE).restored(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "Oro<br>",
        "<b>Oro</b>",
        "Oro &lt;",
        "Oro <",
        "Oro {x}",
        "Oro www.evil.example",
        "Oro evil.com",
        "Oro //evil.com/x",
        "Oro javascript:alert(1)",
        "Oro JavaScript:alert(1)",
        "Oro HTTPS://EVIL.COM",
        "Oro HTTPS://192.0.2.1/x",
        "Oro EVIL.COM",
        "Oro Evil.Com",
        "Oro WWW.EVIL.COM",
        "Oro \u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
        "Oro evil.XN--P1AI",
        "Oro t.me/x",
        "Oro //192.0.2.1/x",
        "Oro 192.0.2.1",
        "Oro intent://x",
        "Oro Tel:123",
        "O\u2066ro",
    ],
)
def test_an_answer_to_plain_words_brings_no_markup(answer):
    with pytest.raises(NotKept):
        protect("Gold", NONE).restored(answer)


@pytest.mark.parametrize("mark", ["\u0338", " \u0338"])
def test_a_combining_mark_takes_no_bracket_from_an_element(mark):
    # "<b>" and U+0338 are "<b\u226f" in normal form: an element that goes on into what the translator says.
    protected = protect("<b>bold</b> word", NONE)
    answer = f'<x id="0"></x>{mark} autofocus onfocus=alert(1) <x id="1"></x> word'
    try:
        shown = protected.restored(answer)
    except NotKept:
        return
    assert re.findall(r"<[^>]*>?", shown) == ["<b>", "</b>"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("For HR in the USA", "Para RR.HH. en EE.UU."),
        ("Runs on Node.js and ASP.NET", '\u5728 <x id="0"></x> \u548c ASP.NET \u4e0a\u57f7\u884c'),
        ("Note: from 10:30", "Nota:desde las 10:30"),
        ("One. Two", "\u4e00\u3002\u4e8c"),
        ("10. Features", "10.Funciones"),
    ],
)
def test_what_only_resembles_an_address_is_no_reason_against_an_answer(text, answer):
    assert protect(text, NONE).restored(answer)


def test_elements_stay_nested():
    protected = protect("<b>one</b> and <i>two</i>", NONE)
    assert protected.sent == ('<x id="0"></x>one<x id="1"></x> and <x id="2"></x>two<x id="3"></x>')
    swapped = '<x id="2"></x>dos<x id="3"></x> y <x id="0"></x>uno<x id="1"></x>'
    assert protected.restored(swapped) == "<i>dos</i> y <b>uno</b>"
    crossed = '<x id="0"></x>uno <x id="2"></x>y<x id="1"></x> dos<x id="3"></x>'
    with pytest.raises(NotKept):
        protected.restored(crossed)


def test_persian_and_indic_joiners_are_part_of_words():
    assert protect("Gold", NONE).restored("نقره\u200cای") == "نقره\u200cای"
    assert protect("Dashboard", NONE).restored("ಡ್ಯಾಶ್\u200cಬೋರ್ಡ್") == "ಡ್ಯಾಶ್\u200cಬೋರ್ಡ್"


def test_a_glossary_decides_terms_whatever_the_translator_says():
    glossary = Glossary({"deal": "negocio", "stark": None, "deal room": "sala de negocios"})
    protected = protect("A STARK Deal Room for every deal, not for dealers", glossary)
    assert protected.sent == ('A <x id="0"></x> <x id="1"></x> for every <x id="2"></x>, not for dealers')
    answer = 'Una <x id="1"></x> de <x id="0"></x> por <x id="2"></x>, sin distribuidores'
    assert protected.restored(answer) == "Una sala de negocios de STARK por negocio, sin distribuidores"


def test_terms_are_found_as_an_alternation_of_them_finds_them():
    dice = random.Random(1_000)
    letters = "aab+ -B_1\n"

    def word(most: int) -> str:
        return "".join(dice.choice(letters) for _ in range(dice.randint(1, most)))

    for _ in range(proof_scale(2_000, 50_000)):
        keys = {key for _ in range(5) if (key := term_key(word(5)))} or {"a"}
        longest_first = sorted(keys, key=len, reverse=True)
        terms = "|".join(r"\s+".join(map(re.escape, key.split(" "))) for key in longest_first)
        text = word(14)
        expected = re.findall(rf"(?<!\w)(?:{terms})(?!\w)", text, re.IGNORECASE)
        pieces = list(Glossary(dict.fromkeys(keys)).pieces(text))
        assert [piece for piece, wording in pieces if wording is not None] == expected
        assert "".join(piece for piece, _ in pieces) == text


def test_a_term_is_not_found_in_a_word_that_goes_on_with_a_vowel_sign():
    ka, ka_with_i = "\u0c95", "\u0c95\u0cbf"
    protected = protect(f"{ka_with_i} {ka}", Glossary({ka: "x"}))
    assert (protected.sent, protected.shown) == (f'{ka_with_i} <x id="0"></x>', ("x",))


def test_a_text_of_terms_alone_needs_no_translator():
    protected = protect(" Deal {n} ", Glossary({"deal": "Negocio"}))
    assert not protected.has_words
    assert protected.without_translator() == " Negocio {n} "


def test_another_glossary_has_another_version_and_the_same_one_the_same():
    one = Glossary({"deal": "negocio", "stark": None})
    assert one.version == Glossary({"stark": None, "deal": "negocio"}).version
    others = [Glossary(), Glossary({"deal": "trato", "stark": None}), Glossary({"deal": "negocio"}),
              Glossary({"deal": "negocio", "stark": "None"})]  # fmt: skip
    assert len({one.version, *(each.version for each in others)}) == 5


def test_a_text_that_is_too_long_is_left_alone():
    assert protect("a" * MAX_TEXT, NONE).sent == "a" * MAX_TEXT
    with pytest.raises(NotKept):
        protect("a" * (MAX_TEXT + 1), NONE)


@pytest.mark.parametrize(
    "text",
    ["{" * 5_000, "<" * 5_000, "a@" * 2_500, "$" * 5_000, "9" * 5_000, "&" * 5_000, "`" * 5_000,
     "<!--" * 1_250, "%(" * 2_500, "https:" * 800, "<a " * 1_600, "www." * 1_250, "AAA 9" * 1_000],
)  # fmt: skip
def test_a_text_that_is_nearly_something_everywhere_is_soon_read(text):
    # With a pattern that backtracks without bounds this would not come to an end.
    protected = protect(text, NONE)
    assert protected.restored(protected.sent)


def test_an_element_that_nothing_ends_is_soon_read():
    # With a pattern that begins anew at each of its characters this would not come to an end.
    text = "<" + "a" * 200_000
    require_same_marks(text, text)


@given(st.text(max_size=200))
def test_a_translator_that_echoes_changes_nothing_but_normal_form(text):
    protected = protect(text, Glossary({"a": None}))
    if protected.sent.strip():
        assert protected.restored(protected.sent) == unicodedata.normalize("NFC", text)


PIECES = ["<b>", "</b>", "<script>", "<img src=x onerror=alert(1)>", "{x}", "&lt;", "&amp;", "word", " ",
          "https://evil.example", '<x id="0"></x>', '<x id="1"></x>', "<!--", "-->", "<", ">", "\u202e", "%s",
          "&#60;script&#62;", "&#x3c;", "\x00", "javascript:alert(1)"]  # fmt: skip


def test_no_generated_answer_brings_markup_that_was_not_there():
    dice = random.Random(310)
    source = "Hello {name}, <b>welcome</b> to us"
    protected = protect(source, NONE)
    honest = protected.sent
    used = 0
    for _ in range(proof_scale(5_000, 100_000)):
        answer = honest
        for _ in range(dice.randrange(4)):
            place = dice.randrange(len(answer) + 1)
            cut = dice.choice([0, 0, 1, 5])
            answer = answer[:place] + dice.choice(PIECES) + answer[place + cut :]
        try:
            shown = protected.restored(answer)
        except NotKept:
            continue
        used += 1
        assert re.findall(r"<[^>]*>?", shown) == ["<b>", "</b>"]
        assert re.findall(r"\{[^}]*\}", shown) == ["{name}"]
        assert not re.search(r"\w\.example|https?:|javascript:", shown)
        assert not set(shown) & {"\u202e", "\x00"}
    assert used > 100


def test_a_person_keeps_placeholders_too():
    require_same_marks("Hello {name}", "Hola {name}")
    for wrong in ("Hola", "Hola {nombre}", "Hola {name} {name}", "Hola <b>{name}</b>"):
        with pytest.raises(NotKept):
            require_same_marks("Hello {name}", wrong)
