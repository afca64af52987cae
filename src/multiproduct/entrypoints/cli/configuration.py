"""Commands about the installation itself: check-config and version."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from multiproduct.entrypoints.cli.failures import Refused, plain_failures, say_caution
from multiproduct.entrypoints.cli.opening import parts_present, read_settings, say_unknown_variables

if TYPE_CHECKING:
    from multiproduct.settings import Settings


def check_config(
    *,
    connect: Annotated[bool, typer.Option("--connect", help="Also reach the database and Redis.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the table of all settings for the documentation.")
    ] = False,
    env_example: Annotated[
        bool, typer.Option("--env-example", help="Print the contents of .env.example.")
    ] = False,
) -> None:
    """Check the settings, and show each with its meaning and present value. Secrets are masked.

    Example: multiproduct check-config --connect
    """
    with plain_failures():
        from multiproduct.entrypoints.cli import settings_table  # noqa: PLC0415 - not for --help

        if markdown:
            typer.echo(settings_table.as_markdown())
            return
        if env_example:
            typer.echo(settings_table.as_env_example())
            return
        # Before the settings are read: what is wrong with them may be a variable that is spelt wrong.
        say_unknown_variables()
        settings = read_settings()
        _print_table(settings)
        for caution in _cautions(settings):
            say_caution(caution)
        if connect:
            asyncio.run(_reach(settings))
        typer.echo("The settings are fine.")


def version() -> None:
    """Print the version of multiproduct and of Python.

    Example: multiproduct version
    """
    typer.echo(_versions())


def begin(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version of multiproduct and of Python.")
    ] = False,
) -> None:
    """What stands before a command's name."""
    if version:
        typer.echo(_versions())
        raise typer.Exit


def _versions() -> str:
    import platform  # noqa: PLC0415 - not for --help
    from importlib.metadata import version as version_of  # noqa: PLC0415 - likewise

    return f"multiproduct {version_of('multiproduct')}, Python {platform.python_version()}"


def _cautions(settings: "Settings") -> list[str]:
    """What is permitted and hardly ever meant: colours that cannot be read, and the rest in production."""
    from multiproduct.application.notifications.legibility import illegible  # noqa: PLC0415 - not for --help
    from multiproduct.bootstrap.branding import brand_of  # noqa: PLC0415 - likewise

    with parts_present():
        cautions = [
            f"MULTIPRODUCT_BRAND_LIGHT or MULTIPRODUCT_BRAND_DARK: weak eyes need a contrast of 4.5 ({each})"
            for each in illegible(brand_of(settings))
        ]
    if settings.is_development:
        return cautions
    if not settings.base_url.startswith("https://"):
        cautions.append(
            "MULTIPRODUCT_BASE_URL does not begin with https://: links in mails would lead through a redirect"
        )
    if settings.trusted_proxies == 0:
        cautions.append(
            "MULTIPRODUCT_TRUSTED_PROXIES is 0: behind a proxy every request would be redirected for ever"
        )
    return cautions


def _print_table(settings: "Settings") -> None:
    from rich.box import SIMPLE  # noqa: PLC0415 - not for --help
    from rich.console import Console  # noqa: PLC0415 - likewise
    from rich.table import Table  # noqa: PLC0415 - likewise
    from rich.text import Text  # noqa: PLC0415 - likewise

    from multiproduct.entrypoints.cli import settings_table  # noqa: PLC0415 - likewise

    console = Console()
    if not console.is_terminal:
        _print_lines(settings)
        return
    table = Table(title="Settings", box=SIMPLE, title_justify="left")
    table.add_column("variable", no_wrap=True)
    table.add_column("present value", overflow="fold")
    table.add_column("meaning", overflow="fold")
    for row in settings_table.rows():
        value = Text(settings_table.shown(settings, row) or "none")
        if row.name in settings.model_fields_set:
            value.stylize("bold green")
            value.append(f"\n(default: {settings_table.default(row)})", style="dim")
        table.add_row(row.variable, value, Text(row.meaning))
    console.print(table)


def _print_lines(settings: "Settings") -> None:
    """A line for each setting, as programs and `grep` read them."""
    from multiproduct.entrypoints.cli import settings_table  # noqa: PLC0415 - not for --help

    for row in settings_table.rows():
        typer.echo(f"{row.variable}={settings_table.shown(settings, row)}  # {row.meaning}")


async def _reach(settings: "Settings") -> None:
    from multiproduct.bootstrap import Role, build  # noqa: PLC0415 - not for --help

    with parts_present():
        container = build(settings, role=Role.TOOL)
    try:
        parts = await container.health()
    finally:
        await container.stop()
    for name, state in parts.items():
        typer.echo(f"{name}: {state}")
    wrong = [name for name, state in parts.items() if state.startswith("unavailable")]
    if wrong:
        raise Refused(f"cannot be reached: {', '.join(wrong)}")
    if parts.get("migrations") == "missing":
        raise Refused("the database has not the tables of this version: run `multiproduct migrate`")
