"""Commands about notifications: types and preview."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from multiproduct.entrypoints.cli.failures import Misconfigured, plain_failures
from multiproduct.entrypoints.cli.opening import parts_present, read_settings

if TYPE_CHECKING:
    from multiproduct.application.notifications.previewing import Preview, Previewing

notifications = typer.Typer(
    name="notifications",
    help="See what people are told, in every language, without sending anything.",
    no_args_is_help=True,
)

FORMATS = ("html", "text", "short")


@notifications.command()
def types() -> None:
    """List the types of notification: category, channels, and the wordings that a type has.

    Example: multiproduct notifications types
    """
    with plain_failures():
        from multiproduct.application.notifications.examples import variants_of  # noqa: PLC0415 - not for --help
        from multiproduct.application.notifications.types import NOTIFICATION_TYPES  # noqa: PLC0415 - likewise

        for type_ in NOTIFICATION_TYPES.values():
            kind = " mandatory" if type_.is_mandatory else " commercial" if type_.is_commercial else ""
            typer.echo(f"{type_.key}: {type_.category.value}{kind}, {', '.join(type_.channels)}")
            if variants := variants_of(type_.key):
                typer.echo(f"  --variant {', '.join(variants)}")


@notifications.command()
def preview(
    type_key: Annotated[str, typer.Argument(metavar="TYPE", help="As `notifications types` lists it.")],
    *,
    locale: Annotated[str, typer.Option(help="The language, such as kn or zh-Hant.")] = "en",
    variant: Annotated[str | None, typer.Option(help="The wording, for types that have several.")] = None,
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="html, text, or short: the subject, the text message, and the words of inbox and push.",
        ),
    ] = "text",
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write there rather than to the terminal.")
    ] = None,
) -> None:
    """Print one notification with example data, in this installation's words and brand. Nothing is sent, and
    no database is needed.

    Examples: multiproduct notifications preview identity.code --locale kn

    multiproduct notifications preview billing.invoice_issued --locale fa --format html --output mail.html

    multiproduct notifications preview identity.security --variant password_changed --format short
    """
    with plain_failures():
        if format_name not in FORMATS:
            raise Misconfigured(f"--format is one of {', '.join(FORMATS)}")
        found = asyncio.run(_preview(type_key, locale, variant))
        written = _written(found, format_name)
        if output is None:
            typer.echo(written, nl=False)
        else:
            output.write_text(written, encoding="utf-8")
            typer.echo(f"{found.type_.key} in {found.locale} is in {output}.")


async def _preview(type_key: str, locale: str, variant: str | None) -> "Preview":
    from multiproduct.bootstrap import Role, build  # noqa: PLC0415 - not for --help

    settings = read_settings()
    with parts_present():
        container = build(settings, role=Role.TOOL)
    try:
        _check(container.previewing, type_key, locale, variant)
        return container.previewing.preview(type_key, locale=locale, variant=variant)
    finally:
        await container.stop()


def _check(previewing: "Previewing", type_key: str, locale: str, variant: str | None) -> None:
    from multiproduct.application.notifications.examples import variants_of  # noqa: PLC0415 - not for --help

    if type_key not in {each.key for each in previewing.types}:
        raise Misconfigured(f"there is no type {type_key!r}: `multiproduct notifications types` lists them")
    if locale not in previewing.locales:
        raise Misconfigured(f"--locale is one of {', '.join(previewing.locales)}")
    known = variants_of(type_key)
    if variant is not None and not known:
        raise Misconfigured(f"{type_key} has one wording, and no --variant")
    if variant is not None and variant not in known:
        raise Misconfigured(f"--variant of {type_key} is one of {', '.join(known)}")


def _written(found: "Preview", format_name: str) -> str:
    if format_name == "short":
        return "".join(f"{line}\n" for line in _short_lines(found))
    if found.mail is None:
        raise Misconfigured(f"{found.type_.key} does not travel by mail: choose --format short")
    return found.mail.html if format_name == "html" else found.mail.text


def _short_lines(found: "Preview") -> list[str]:
    lines = [f"subject: {found.mail.subject}"] if found.mail is not None else []
    if found.sms is not None:
        lines.append(f"sms ({found.sms.segments}): {found.sms.body}")
    if found.notice is not None:
        lines += [f"title: {found.notice.title}", f"body: {found.notice.body}"]
    return lines
