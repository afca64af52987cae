"""The matrix of the OWASP ASVS is whole, current, and names nothing that there is not."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from tests.security.asvs import SECTIONS
from tests.security.matrix import PAGE, ROOT, page
from tests.security.requirement import Requirement, Standing

# The ids of chapters V6, V7, V9 and V10 as release 5.0.0 has them.
LEVEL_1 = [
    "6.1.1", "6.2.1", "6.2.2", "6.2.3", "6.2.4", "6.2.5", "6.2.6", "6.2.7", "6.2.8", "6.3.1", "6.3.2",
    "6.4.1", "6.4.2", "7.2.1", "7.2.2", "7.2.3", "7.2.4", "7.4.1", "7.4.2", "9.1.1", "9.1.2", "9.1.3",
    "9.2.1", "10.4.1", "10.4.2", "10.4.3", "10.4.4", "10.4.5",
]  # fmt: skip
LEVEL_2 = [
    "6.1.2", "6.1.3", "6.2.9", "6.2.10", "6.2.11", "6.2.12", "6.3.3", "6.3.4", "6.4.3", "6.4.4",
    "6.5.1", "6.5.2", "6.5.3", "6.5.4", "6.5.5", "6.6.1", "6.6.2", "6.6.3", "6.8.1", "6.8.2", "6.8.3",
    "6.8.4", "7.1.1", "7.1.2", "7.1.3", "7.3.1", "7.3.2", "7.4.3", "7.4.4", "7.4.5", "7.5.1", "7.5.2",
    "7.6.1", "7.6.2", "9.2.2", "9.2.3", "9.2.4", "10.1.1", "10.1.2", "10.2.1", "10.2.2", "10.3.1",
    "10.3.2", "10.3.3", "10.3.4", "10.4.6", "10.4.7", "10.4.8", "10.4.9", "10.4.10", "10.4.11",
    "10.5.1", "10.5.2", "10.5.3", "10.5.4", "10.5.5", "10.6.1", "10.6.2", "10.7.1", "10.7.2", "10.7.3",
]  # fmt: skip
REQUIREMENTS = [each for section in SECTIONS.values() for each in section]


@cache
def functions_of(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def missing(requirement: Requirement) -> list[str]:
    """What is named there and does not exist."""
    found = [name for name in requirement.pages if not (ROOT / name).is_file()]
    for test in requirement.tests:
        file, _, function = test.partition("::")
        path = ROOT / file
        if not path.is_file() or function not in functions_of(path):
            found.append(test)
    return found


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.security.matrix"


def test_every_requirement_of_levels_1_and_2_is_there_once() -> None:
    assert max(Counter(each.id for each in REQUIREMENTS).values()) == 1
    for level, ids in ((1, LEVEL_1), (2, LEVEL_2)):
        assert [each.id for each in REQUIREMENTS if each.level == level] == ids


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda each: each.id)
def test_what_is_named_exists(requirement: Requirement) -> None:
    assert missing(requirement) == []


def test_what_does_not_exist_would_be_noticed() -> None:
    tests = ("tests/unit/test_asvs.py::test_nothing", "tests/unit/test_none.py::test_the_page_is_current")
    made_up = Requirement(
        id="0", level=1, standing=Standing.MET, says="", tests=tests, pages=("docs/none.md",)
    )
    assert missing(made_up) == ["docs/none.md", *tests]


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda each: each.id)
def test_what_is_met_is_shown_and_what_is_not_has_a_reason(requirement: Requirement) -> None:
    if requirement.standing is Standing.MET:
        assert requirement.tests or requirement.pages
    else:
        assert requirement.note
    if requirement.standing is Standing.PARTLY:
        assert requirement.tests
