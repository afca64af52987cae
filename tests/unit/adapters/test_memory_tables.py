"""Copies of rows: equal to what they are copied from, of the same class, and sharing nothing that changes."""

from dataclasses import dataclass, field, replace

import pytest

from multiproduct.adapters.memory.tables import copied, copied_but, json_copy


@dataclass
class Plain:
    a: int
    b: str = "b"
    heard: list[int] = field(default_factory=list, init=False)


@dataclass(slots=True, kw_only=True)
class Slotted:
    a: int
    b: dict[str, list[int]] = field(default_factory=dict)
    heard: list[int] = field(default_factory=list, init=False)
    times: int = field(default=7, init=False)


@dataclass(slots=True, kw_only=True)
class Below(Slotted):
    c: int = 3


@dataclass(frozen=True, slots=True)
class Frozen:
    a: int


@pytest.mark.parametrize("row", [Plain(1), Slotted(a=1, b={"x": [1]}), Below(a=1, c=2), Frozen(1)])
def test_a_copy_is_what_dataclasses_replace_makes(row):
    made = copied(row)
    assert made == replace(row)
    assert type(made) is type(row)
    assert made is not row


def test_what_is_not_given_begins_anew_and_is_not_shared():
    row = Below(a=1)
    row.heard.append(1)
    row.times = 8
    made = copied(row)
    assert (made.heard, made.times) == ([], 7)
    made.heard.append(2)
    assert row.heard == [1]


def test_the_checks_of_a_row_are_not_run_again():
    @dataclass(frozen=True)
    class Checked:
        a: int

        def __post_init__(self) -> None:
            checks.append(self.a)

    checks: list[int] = []
    copied(Checked(1))
    assert checks == [1]


def test_a_field_that_can_be_changed_is_copied_as_it_is_told():
    row = Slotted(a=1, b={"x": [1]})
    made = copied_but("b", json_copy)(row)
    made.b["x"].append(2)
    assert row.b == {"x": [1]}
