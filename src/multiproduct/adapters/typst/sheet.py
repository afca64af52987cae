"""A sheet: everything that the template sets, worded and in order, as values that become its JSON."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A label and what stands beside or under it."""

    label: str
    value: str
    is_strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A party under its label: the name, and the lines below it."""

    label: str
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What matters most, in large letters."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A word across the headline. `tone` is good, bad or plain."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the table: of texts, or of figures, which stand at the end of it."""

    title: str
    is_figure: bool = True
    takes_the_rest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A text, and smaller lines under it."""

    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words that lead somewhere."""

    text: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and paragraphs under it."""

    heading: str
    pairs: tuple[Pair, ...] = ()
    paragraphs: tuple[str, ...] = ()
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The brand's paper and the language's direction, alike for all kinds of documents."""

    brand: str
    mark: str
    colour: str
    ink: str
    accent: str
    language: str
    region: str | None
    direction: str
    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The whole document. `issued` are the year, month and day of the file's own date."""

    paper: Paper
    title: str
    number: str
    author: str
    issued: tuple[int, int, int]
    facts: tuple[Pair, ...]
    parties: tuple[Address, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sums: tuple[Pair, ...]
    remark: str | None = None
    headline: Headline | None = None
    stamp: Stamp | None = None
    sections: tuple[Section, ...] = field(default=())
    footer: str = ""
    continued: str = ""
