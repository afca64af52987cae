"""The installed command. It begins here, so that a package that is missing is told of in one line."""

import sys

_EXTRAS = {"asyncpg": "postgres", "redis": "redis", "pika": "rabbitmq", "bcrypt": "legacy-hashes"}


def run() -> None:
    """Runs the command, or ends with what has to be installed for it."""
    try:
        from multiproduct.entrypoints.cli.main import app  # noqa: PLC0415 - what it needs may be missing

        app()
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package in ("", "multiproduct"):
            raise
        extra = _EXTRAS.get(package, "server")
        sys.exit(f"This needs the package {package}: pip install 'multiproduct[{extra}]'")
