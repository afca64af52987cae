"""Commands about the secrets that everything is signed and derived with: showing them by id, and changing
them without anybody being turned away."""

import asyncio
import secrets
from typing import TYPE_CHECKING

import typer

from multiproduct.entrypoints.cli.failures import Refused, plain_failures, say_caution
from multiproduct.entrypoints.cli.opening import opened, read_settings
from multiproduct.entrypoints.cli.progress import progress

if TYPE_CHECKING:
    from multiproduct.application.identity.resealing import Resealed
    from multiproduct.settings import Settings

_SECRET_BYTES = 48
_KEY_SET_MINUTES = 5
"""How long others may keep the key set: max-age of /.well-known/jwks.json."""

keys = typer.Typer(
    name="keys", help="Show the secrets by their key ids, or begin to change them.", no_args_is_help=False
)


@keys.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """Show which keys there are and what each does. The secrets themselves are never shown.

    Examples: multiproduct keys

    multiproduct keys new
    """
    if context.invoked_subcommand is not None:
        return
    with plain_failures():
        for kid, does in roles_of(read_settings()):
            typer.echo(f"{kid}  {does}")


@keys.command()
def new() -> None:
    """Make a new secret, and print what to set in each of the three steps of changing to it.

    Example: multiproduct keys new
    """
    from multiproduct.settings import DEVELOPMENT_SECRET  # noqa: PLC0415 - not for --help

    with plain_failures():
        settings = read_settings()
        if "," in settings.secret_key.get_secret_value():
            say_caution(
                "the present secret has a comma in it, so it cannot stand in a list of retired ones: "
                "everybody who is signed in under it will have to sign in again"
            )
        elif settings.secret_key.get_secret_value() == DEVELOPMENT_SECRET:
            say_caution(
                "the present secret is the one of development, which everybody knows, so it is not to be "
                "retired but dropped: everybody who is signed in under it will have to sign in again"
            )
        for line in plan(settings, secrets.token_urlsafe(_SECRET_BYTES)):
            typer.echo(line)


@keys.command()
def reseal() -> None:
    """Encrypt anew, under the present key, what is encrypted under others. Running it again changes nothing.

    Example: multiproduct keys reseal
    """
    with plain_failures():
        with progress("encrypting anew"):
            done = asyncio.run(_reseal(read_settings()))
        typer.echo(f"{done.renewed} encrypted anew.")
        if done.unreadable:
            raise Refused(
                f"{done.unreadable} cannot be read with any key there is: a retired one is missing, so "
                "retire no other"
            )


def roles_of(settings: "Settings") -> list[tuple[str, str]]:
    """Each key's id, and what it does, in the order in which they follow one another."""
    from multiproduct.adapters.stdlib import key_id  # noqa: PLC0415 - not for --help

    present = settings.secret_key.get_secret_value()
    coming, retired = settings.next_secrets, settings.retired_secrets
    return [
        *((key_id(each), "next: published and accepted, signs nothing yet") for each in coming),
        (key_id(present), "present: signs, is published and accepted"),
        *((key_id(each), "retired: published and accepted, signs nothing any more") for each in retired),
    ]


def plan(settings: "Settings", secret: str) -> list[str]:
    """What to set in the three steps. Secrets that are in use already are named by their key ids."""
    from multiproduct.adapters.stdlib import key_id  # noqa: PLC0415 - not for --help
    from multiproduct.settings import DEVELOPMENT_SECRET  # noqa: PLC0415 - not for --help

    new_id = key_id(secret)
    present = f"<the secret of key {key_id(settings.secret_key.get_secret_value())}>"
    retired = [f"<the secret of key {key_id(each)}>" for each in settings.retired_secrets]
    # Everybody knows the one of development: what it signed must not be accepted any longer.
    is_known = settings.secret_key.get_secret_value() == DEVELOPMENT_SECRET
    to_retire = retired if is_known else [present, *retired]
    wait = settings.access_token_minutes
    return [
        f"New key {new_id}. Keep this secret where you keep the present one; it is shown only now:",
        f"    {secret}",
        "",
        "1. Publish. Set, and restart every process, one after the other:",
        f"    MULTIPRODUCT_SECRET_KEY={present}",
        f"    MULTIPRODUCT_NEXT_SECRET_KEYS=<the secret of key {new_id}>",
        *_unchanged(retired),
        "   Go on when the last process has restarted, and, if others check tokens by",
        f"   /.well-known/jwks.json, {_KEY_SET_MINUTES} minutes later.",
        "",
        "2. Sign. Set, and restart every process, one after the other:",
        f"    MULTIPRODUCT_SECRET_KEY=<the secret of key {new_id}>",
        "    MULTIPRODUCT_NEXT_SECRET_KEYS=",
        f"    MULTIPRODUCT_RETIRED_SECRET_KEYS={','.join(to_retire)}",
        f"   Access tokens of the old key are good for {wait} more minutes, sessions for 30 days:",
        "   each changes to the new key when it is refreshed.",
        "   Run `multiproduct keys reseal` when the last process has restarted.",
        "",
        "3. Retire, 30 days later. Set, and restart every process:",
        f"    MULTIPRODUCT_SECRET_KEY=<the secret of key {new_id}>",
        "    MULTIPRODUCT_RETIRED_SECRET_KEYS=",
        "   At once, if the old secret became known: everybody who is signed in under it signs in again.",
    ]


async def _reseal(settings: "Settings") -> "Resealed":
    async with opened(settings) as container:
        return await container.identity.resealing.run()


def _unchanged(retired: list[str]) -> list[str]:
    return [f"    MULTIPRODUCT_RETIRED_SECRET_KEYS={','.join(retired)}"] if retired else []
