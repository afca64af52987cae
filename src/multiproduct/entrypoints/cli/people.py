"""Commands that set up people: create-admin and seed-demo."""

import asyncio
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from multiproduct.entrypoints.cli.failures import Refused, plain_failures
from multiproduct.entrypoints.cli.opening import opened, read_settings
from multiproduct.entrypoints.cli.progress import progress

if TYPE_CHECKING:
    from multiproduct.application.identity import CreateAdmin, UserView
    from multiproduct.bootstrap import Container
    from multiproduct.settings import Settings

_LONGEST_PASSWORD = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """Somebody to try the service with. Their passwords are public."""

    email: str
    username: str
    password: str
    is_admin: bool


DEMO_PEOPLE = (
    DemoPerson(
        email="tony@stark.example",
        username="tony.stark",
        password="arc-reactor mark 85!",  # noqa: S106 - public
        is_admin=True,
    ),
    DemoPerson(
        email="pepper@stark.example",
        username="pepper.potts",
        password="twelve percent of it",  # noqa: S106 - public
        is_admin=False,
    ),
)


def create_admin(
    *,
    email: Annotated[str, typer.Option(prompt="E-mail address", help="Counts as verified.")],
    username: Annotated[str, typer.Option(prompt="User name", help="The name to sign in with.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Make an administrator. The password is asked for, or read from standard input; it is never an argument.

    Examples: multiproduct create-admin --email tony@stark.example --username tony.stark

    pass show admin | multiproduct create-admin --email a@b.example --username a.b --password-stdin
    """
    with plain_failures():
        settings = read_settings()
        password = _piped_password() if password_stdin else _asked_password()
        view = asyncio.run(_create_admin(settings, email, username, password))
        typer.echo(f"{view.username} is an administrator now.")


def seed_demo() -> None:
    """Make demo people and a demo catalog to try the service with. Running it again changes nothing;
    production refuses.

    Example: multiproduct seed-demo
    """
    with plain_failures():
        settings = read_settings()
        if not settings.is_development:
            raise Refused("demo people have public passwords, so production refuses them")
        with progress("seeding"):
            made, offered = asyncio.run(_seed(settings))
        for person in DEMO_PEOPLE:
            state = "made" if person in made else "was there already"
            role = "administrator" if person.is_admin else "member"
            typer.echo(f"{role}: {person.email} / {person.username} / {person.password} ({state})")
        typer.echo(f"catalog: {', '.join(offered) or 'was there already'}")


def _piped_password() -> str:
    password = sys.stdin.read(_LONGEST_PASSWORD + 2).rstrip("\r\n")
    if not password:
        raise Refused("there is no password on standard input")
    return password


def _asked_password() -> str:
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


async def _create_admin(settings: "Settings", email: str, username: str, password: str) -> "UserView":
    from multiproduct.application.caller import SYSTEM  # noqa: PLC0415 - not for --help

    async with opened(settings) as container:
        command = _command(email, username, password)
        # Names that could be taken for the house itself are nobody's, administrators included.
        container.identity.usernames.parse(command.username)
        return await container.identity.administration.create_admin(command, SYSTEM)


def _command(email: str, username: str, password: str) -> "CreateAdmin":
    from pydantic import ValidationError  # noqa: PLC0415 - not for --help

    from multiproduct.application.identity import CreateAdmin  # noqa: PLC0415 - likewise

    try:
        return CreateAdmin(email=email, username=username, password=password)
    except ValidationError as error:
        problems = (f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors(include_input=False))
        raise Refused("; ".join(problems)) from None


async def _seed(settings: "Settings") -> tuple[list[DemoPerson], list[str]]:
    """The people and the codes of what is for sale that were not there before."""
    async with opened(settings) as container:
        made = [person for person in DEMO_PEOPLE if await _make(container, person)]
        return made, await container.catalog.demo.ensure()


async def _make(container: "Container", person: DemoPerson) -> bool:
    from multiproduct.application.caller import SYSTEM  # noqa: PLC0415 - not for --help
    from multiproduct.domain.identity import EmailTaken, UsernameTaken  # noqa: PLC0415 - likewise

    administration = container.identity.administration
    make = administration.create_admin if person.is_admin else administration.create_member
    try:
        await make(_command(person.email, person.username, person.password), SYSTEM)
    except (EmailTaken, UsernameTaken):
        return False
    return True
