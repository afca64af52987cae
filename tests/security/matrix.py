"""Writes docs/security/asvs.md: run as `python -m tests.security.matrix`."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.security.asvs import SECTIONS
from tests.security.requirement import Requirement

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "security" / "asvs.md"
_HEAD = """# OWASP ASVS 5.0

Where the project stands to the chapters V6 (authentication), V7 (sessions), V9 (tokens that speak for
themselves) and V10 (OAuth and OpenID Connect) of the
[Application Security Verification Standard](https://github.com/OWASP/ASVS) 5.0.0: every requirement of levels
1 and 2, and those of level 3 that something is to be said about. Ids and levels are the standard's; what a
requirement asks for is told in our words, so read the standard for what exactly it says. Figures and settings
are those of a new installation.

Written from `tests/security/` by `python -m tests.security.matrix`. `tests/unit/test_asvs.py` checks that
this page is current, that nothing is left out, and that every test that is named here exists.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_totals(), *(line for name in SECTIONS for line in _section(name))])


def _totals() -> Iterator[str]:
    standings = Counter((each.level, each.standing) for part in SECTIONS.values() for each in part)
    names = list(dict.fromkeys(standing for _, standing in sorted(standings)))
    yield f"| level | {' | '.join(names)} |"
    yield "|---|" + "---|" * len(names)
    for level in (1, 2, 3):
        yield f"| {level} | {' | '.join(str(standings[level, name]) for name in names)} |"
    yield ""


def _section(name: str) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    yield "| id | level | what it asks for | standing | shown by |"
    yield "|---|---|---|---|---|"
    for each in SECTIONS[name]:
        yield f"| {each.id} | {each.level} | {each.says} | {each.standing} | {_shown_by(each)} |"
    yield ""


def _shown_by(requirement: Requirement) -> str:
    parts = [requirement.note] if requirement.note else []
    parts += [f"[{page}](../../{page})" for page in requirement.pages]
    by_file: dict[str, list[str]] = {}
    for test in requirement.tests:
        file, _, function = test.partition("::")
        by_file.setdefault(file, []).append(f"`{function}`")
    parts += [f"[{file}](../../{file}): {', '.join(names)}" for file, names in by_file.items()]
    return "<br>".join(parts)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
