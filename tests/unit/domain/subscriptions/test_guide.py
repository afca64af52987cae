"""The guide draws the transitions that decide."""

from pathlib import Path

from multiproduct.domain.subscriptions import TRANSITIONS

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "guide" / "subscriptions.md"


def drawn() -> str:
    """The table in Markdown."""
    lines = ["| from | step | to | when |", "|---|---|---|---|"]
    lines += [
        f"| {f'`{row.source.value}`' if row.source else '(nothing)'} | {row.step.value} "
        f"| `{row.target.value}` | {row.why} |"
        for row in TRANSITIONS
    ]
    return "\n".join(lines)


def test_the_guide_has_the_table_of_transitions():
    shown = GUIDE.read_text().partition("<!-- transitions -->\n")[2].partition("\n<!-- /transitions -->")[0]
    assert shown == drawn()
