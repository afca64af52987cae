"""The tables in the guide to payments are those that the code runs by."""

from pathlib import Path

import pytest

from multiproduct.adapters.sandbox import drawn as drawn_scripts
from multiproduct.domain.payments import DECLINES, PAYMENT_TRANSITIONS, drawn

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "payments.md"


@pytest.fixture(scope="module")
def guide() -> str:
    return GUIDE.read_text(encoding="utf-8")


def test_the_guide_shows_the_table_of_states(guide: str) -> None:
    assert drawn(PAYMENT_TRANSITIONS) in guide


def test_the_guide_shows_the_sandboxs_scripts(guide: str) -> None:
    assert drawn_scripts() in guide


def test_the_guide_shows_every_decline(guide: str) -> None:
    for code, decline in DECLINES.items():
        assert f"| `{code}` | {'yes' if decline.is_final else 'no'} | {decline.meaning} |" in guide
