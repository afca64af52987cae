"""Names to offer instead of one that is taken or refused, and names for people who want to choose none."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from hashlib import sha256

from multiproduct.domain.identity.usernames import DEFAULT_POLICY, MAX_LENGTH, Username, UsernamePolicy
from multiproduct.domain.shared import InvalidInput

MAX_CANDIDATES = 24
GENERATED_RANDOMNESS = 8  # bytes

# In the order in which they are offered. {} is the wanted name, trimmed to leave the whole within the limit.
_FORMS = (
    *("{}.official", "official_{}", "the.{}", "real.{}", "{}.hq", "its.{}", "i.am.{}", "hey.{}"),
    *("{}_online", "just.{}", "hello_{}", "{}.world", "my.{}", "{}_here"),
)
_NUMBERED_FORMS = ("{}{}", "{}_{}", "{}.{}")
_DERIVED_NUMBERS = 200
# Numbers that say something about the person who has to wear them.
_LOADED_NUMBERS = frozenset((13, 14, 18, 28, 69, 88, 187, 311, 420, 444, 666, 911))
_MAX_READ = 150

_ADJECTIVE_WORDS = """
    agile amber azure brave breezy bright brisk calm candid cheerful chief clever cosmic cozy crisp curious
    daring dapper eager early easygoing fabled fair famous fleet gentle gleaming golden grand happy hearty
    honest humble ideal jolly jovial keen kind lively lucid lucky lunar mellow merry mighty modest neat nimble
    noble patient placid plucky polite prime proud quick quiet rapid ready rosy royal serene sharp shiny
    silver smart snappy solar spry stellar sunny swift tidy tranquil trusty upbeat vivid warm wise witty
    zesty
"""
_NOUN_WORDS = """
    acorn albatross anchor arrow aspen aurora badger bamboo beacon birch bison breeze brook canyon cedar comet
    compass condor copper coral crane creek cypress dolphin dune eagle ember falcon fern finch fjord forest
    fox galaxy garnet glacier harbor hawk hazel heron island ivy jasper juniper kestrel lagoon lark laurel
    lemur lotus lynx maple marten meadow meteor nebula oasis ocean olive orchid osprey otter owl panda
    pebble pine planet poplar prairie puffin quartz raven reef river robin sparrow spruce summit swallow
    thistle tulip valley walnut willow wren zephyr
"""
_ADJECTIVES = tuple(_ADJECTIVE_WORDS.split())
_NOUNS = tuple(_NOUN_WORDS.split())


def candidates(
    wanted: str, *, policy: UsernamePolicy = DEFAULT_POLICY, noise: Sequence[int] = ()
) -> list[str]:
    """At least 20 and at most 24 different names like `wanted`, best first, each valid under the policy.

    Deterministic: the same text gives the same names. `noise` holds numbers of the caller's to try before
    those derived from the name (a year, or another draw when every candidate was taken). A wanted name that
    is no name is read as the nearest one; one that nobody may have, or that leaves nothing, gives way to
    names like those of `generated`, so that "admin" does not lead to "admin_online"; there noise changes all
    of them. `wanted` itself is never among them.
    """
    stem = _stem(wanted)
    unwanted = wanted.lower()
    found: dict[str, None] = {}
    for name in _neutral(wanted, noise) if not stem or policy.refuses(stem) else _proposals(stem, noise):
        if name != unwanted and _is_valid(name, policy):
            found[name] = None
            if len(found) == MAX_CANDIDATES:
                break
    return list(found)


def generated(randomness: bytes, *, hint: str | None = None) -> str:
    """A name for somebody who gave none: "brave-otter-4821", one of about 60 million.

    `randomness` is 8 bytes or more and uniform; fewer raise ValueError. `hint` is a word the person has made
    public, such as a first name, and takes the noun's place where it can; never hand in an e-mail address,
    whose local part is nobody else's business.
    """
    if len(randomness) < GENERATED_RANDOMNESS:
        raise ValueError(f"{GENERATED_RANDOMNESS} bytes of randomness are needed, not {len(randomness)}")
    draw, number = divmod(int.from_bytes(randomness, "big"), 9_000)
    draw, adjective = divmod(draw, len(_ADJECTIVES))
    noun = _NOUNS[draw % len(_NOUNS)]
    word = _hinted(hint) or noun
    name = f"{_ADJECTIVES[adjective]}-{word}-{1_000 + number}"
    return name if _is_valid(name, DEFAULT_POLICY) else f"{_ADJECTIVES[adjective]}-{noun}-{1_000 + number}"


def _proposals(stem: str, noise: Sequence[int]) -> Iterator[str]:
    """Names in the order of preference; some may be invalid. Ends, after enough of them to fill any list."""
    yield stem
    for form in _FORMS:
        yield _fitted(form, stem)
    numbers = [abs(number) % 10_000 for number in noise[:MAX_CANDIDATES]] + _numbers(stem)
    for index, number in enumerate(numbers):
        yield _fitted(_NUMBERED_FORMS[index % len(_NUMBERED_FORMS)], stem, number)
    yield from _neutral(stem, noise)


def _neutral(text: str, noise: Sequence[int]) -> Iterator[str]:
    """Names that have nothing to do with the text, but are always the same for it and the noise."""
    drawn = f"|{list(noise[:MAX_CANDIDATES])}" if noise else ""
    for index in range(2 * MAX_CANDIDATES):
        yield generated(sha256(f"{index}|{text[:_MAX_READ]!a}{drawn}".encode()).digest())


def _fitted(form: str, stem: str, number: int = 0) -> str:
    """The form with as much of the stem as fits into a name."""
    room = MAX_LENGTH - len(form.format("", number))
    return form.format(stem[:room].rstrip("._-"), number)


def _numbers(stem: str) -> list[int]:
    """Different numbers of two to four digits, spread by SHA-256 so that similar names share none."""
    digest = b"".join(
        sha256(f"{stem}|{block}".encode()).digest() for block in range(_DERIVED_NUMBERS // 16 + 1)
    )
    pairs = (int.from_bytes(digest[i : i + 2], "big") for i in range(0, len(digest), 2))
    short_first = (10 + pair % (90 if i < 6 else 990 if i < 40 else 9_990) for i, pair in enumerate(pairs))
    return [number for number in dict.fromkeys(short_first) if number not in _LOADED_NUMBERS]


def _stem(text: str) -> str:
    """The nearest well-formed start of a name in lower case, or nothing: accents off, spaces to dots.

    Of an e-mail address only what stands before the @ is read.
    """
    plain = unicodedata.normalize("NFKD", text[:_MAX_READ]).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9._-]+", " ", plain.partition("@")[0]).split()
    joined = re.sub(r"[._-]*([._-])[._-]*", r"\1", ".".join(words))
    return joined.strip("._-")[:MAX_LENGTH].rstrip("._-")


def _hinted(hint: str | None) -> str:
    """The first word of the hint if it is a few letters long, else nothing."""
    words = re.findall(r"[a-z]+", _stem(hint)) if hint and "@" not in hint else []
    return words[0] if words and 2 <= len(words[0]) <= 12 else ""


def _is_valid(name: str, policy: UsernamePolicy) -> bool:
    try:
        Username.parse(name, policy)
    except InvalidInput:
        return False
    return True
