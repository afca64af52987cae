"""Whether a notification goes out, by asking every layer there is and sorting them: an oracle.

Nothing of the resolver is used. Each layer is a rank and a word for or against; the lowest rank wins.
"""

from collections.abc import Mapping

RANKS = (
    "suppressed",
    "unsubscribed",
    "mandatory",
    "forced_by_house",
    "user_type_channel",
    "user_type",
    "user_category",
    "user_channel",
    "house_default",
    "type_default",
)
Word = tuple[str | None, str | None, str | None]
"""What a choice names: type, category, channel."""


def expected(
    *,
    asked: Word,
    facts: Mapping[str, bool],
    forced: Mapping[Word, bool],
    chosen: Mapping[Word, bool],
    defaults: Mapping[Word, bool],
) -> tuple[bool, str]:
    """The value and the name of the layer that wins. `asked` names all three."""
    spoken: list[tuple[int, int, bool]] = []

    def say(layer: str, *, value: bool, fine: int = 0) -> None:
        spoken.append((RANKS.index(layer), fine, value))

    channel = asked[2]
    if facts["suppressed"]:
        say("suppressed", value=False)
    if facts["commercial"] and facts["unsubscribed"] and channel == "email":
        say("unsubscribed", value=False)
    if facts["mandatory"]:
        say("mandatory", value=True)
    for word, value in forced.items():
        if _covers(word, asked):
            say("forced_by_house", value=value, fine=_width(word))
    for word, value in chosen.items():
        if _covers(word, asked):
            say(RANKS[4 + _width(word)], value=value)
    for word, value in defaults.items():
        if _covers(word, asked):
            say("house_default", value=value, fine=_width(word))
    say("type_default", value=facts["on_by_default"])
    rank, _, value = min(spoken)
    return value, RANKS[rank]


def _covers(word: Word, asked: Word) -> bool:
    return all(named is None or named == each for named, each in zip(word, asked, strict=True))


def _width(word: Word) -> int:
    """0 for a type over a channel, then the type, the category, the channel."""
    named = "".join(str(int(each is not None)) for each in word)
    return {"101": 0, "100": 1, "010": 2, "001": 3}[named]
