"""The command `multiproduct`: its groups, and where it begins."""

from collections.abc import Callable, Mapping, Sequence

import typer

from multiproduct.entrypoints.cli.audit import audit
from multiproduct.entrypoints.cli.configuration import begin, check_config, version
from multiproduct.entrypoints.cli.data import migrate, purge, todos
from multiproduct.entrypoints.cli.importing import import_users
from multiproduct.entrypoints.cli.keys import keys
from multiproduct.entrypoints.cli.ledger import ledger
from multiproduct.entrypoints.cli.notifications import notifications
from multiproduct.entrypoints.cli.people import create_admin, seed_demo
from multiproduct.entrypoints.cli.processes import scheduler, serve, worker
from multiproduct.entrypoints.cli.simulating import simulate

app = typer.Typer(
    name="multiproduct",
    help="The core of a company selling software and goods. First: multiproduct migrate, then multiproduct "
    "serve. Settings come from the environment or .env: multiproduct check-config shows them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

# `--version` is done before a command is asked for.
app.callback(invoke_without_command=True)(begin)

_GROUPS: Mapping[str, Sequence[Callable[..., None]]] = {
    "Run": (serve, worker, scheduler),
    "Data": (migrate, purge, todos),
    "Trials": (simulate,),
    "People": (create_admin, import_users, seed_demo),
    "Configuration": (check_config, version),
}
for _group, _commands in _GROUPS.items():
    for _command in _commands:
        app.command(rich_help_panel=_group)(_command)

app.add_typer(audit, rich_help_panel="Data")
app.add_typer(ledger, rich_help_panel="Data")
app.add_typer(notifications, rich_help_panel="Trials")
app.add_typer(keys, rich_help_panel="Configuration")


def run() -> None:
    """The entry point of the installed command."""
    app()


if __name__ == "__main__":
    run()
