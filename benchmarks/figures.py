"""What a benchmark hands back: rows of absolute figures, ratios and goals, as tables and as JSON."""

from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table


class CannotMeasure(Exception):
    """Something a figure needs is missing; the text says what."""


@dataclass(kw_only=True)
class Row:
    """One figure. `goal` is its wording, `met` is None where no goal stands."""

    label: str
    value: str
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Report:
    """The table of one benchmark. Notes are printed below it."""

    name: str
    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def row(self, label: str, value: str, **more: Any) -> None:
        self.rows.append(Row(label=label, value=value, **more))

    def goal(self, label: str, value: str, *, measured: float, at_least: float, **more: Any) -> None:
        """A ratio that should be large."""
        self.rows.append(
            Row(
                label=label,
                value=value,
                ratio=measured,
                goal=f">= {at_least:g}",
                met=measured >= at_least,
                **more,
            )
        )

    def ceiling(
        self, label: str, value: str, *, measured: float, below: float, unit: str, **more: Any
    ) -> None:
        """A figure that should be small."""
        self.rows.append(
            Row(label=label, value=value, goal=f"< {below:g} {unit}".rstrip(), met=measured < below, **more)
        )

    def missing(self, label: str, reason: str) -> None:
        """A figure that could not be taken, and why."""
        self.rows.append(Row(label=label, value=f"not measured: {reason}"))


def show(report: Report, console: Console) -> None:
    """Prints one table and its notes."""
    table = Table(title=f"{report.name}: {report.title}", title_justify="left", title_style="bold")
    table.add_column("figure")
    table.add_column("measured", justify="right")
    table.add_column("ratio", justify="right")
    table.add_column("goal", justify="right")
    table.add_column("met")
    for row in report.rows:
        met = {True: "[green]yes[/green]", False: "[red]no[/red]", None: ""}[row.met]
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        table.add_row(row.label, row.value, ratio, row.goal, met)
    console.print(table)
    for note in report.notes:
        console.print(f"  {note}", highlight=False, markup=False, soft_wrap=True)
    console.print()


def count(value: float) -> str:
    """12345.6 as 12,346."""
    return f"{value:,.0f}"


def rate(value: float) -> str:
    """Per second."""
    return f"{value:,.0f}/s" if value >= 100 else f"{value:,.1f}/s"


def milliseconds(value: float) -> str:
    return f"{value:.2f} ms"


def microseconds(value: float) -> str:
    return f"{value:.1f} us"
