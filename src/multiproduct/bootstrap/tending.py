"""What programs do around an installation: bring its tables up to date, and write logs."""

from multiproduct.bootstrap.parts import MEMORY_URL
from multiproduct.settings import Settings


def set_up_logs(settings: Settings) -> None:
    """Has this process write structured logs. Called by programs; the library never does. Raises OSError
    where the security log cannot be written."""
    from multiproduct.adapters.structlog import LogFormat, configure_logging  # noqa: PLC0415 - for programs

    chosen = settings.log_format or ("console" if settings.is_development else "json")
    configure_logging(
        level=settings.log_level, log_format=LogFormat(chosen), security_log=settings.security_log
    )


def migrate(settings: Settings) -> None:
    """Brings the database's tables to this release; in memory there is nothing to bring. Not to be called
    where a loop runs. Raises Unavailable, ValueError for a URL that no adapter is for."""
    if settings.database_url == MEMORY_URL:
        return
    from multiproduct.adapters.sql import migrate_blocking  # noqa: PLC0415 - only where it is used

    migrate_blocking(settings.database_url)
