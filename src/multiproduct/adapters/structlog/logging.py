"""Turning the standard library's log records into lines of JSON, or into lines for a person."""

import logging
import sys
from enum import StrEnum
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import TextIO

import structlog

from multiproduct.adapters.structlog.redaction import redact

SECURITY = "multiproduct.security"
_MARK = "multiproduct_log_handler"
_CHATTY = ("aiosqlite", "alembic", "asyncio", "dramatiq", "httpcore2", "httpx2", "pika", "sqlalchemy")


class LogFormat(StrEnum):
    """How log lines look."""

    JSON = "json"
    CONSOLE = "console"


def configure_logging(
    *, level: str, log_format: LogFormat, security_log: Path | None = None, stream: TextIO | None = None
) -> None:
    """Has everything logged in this process written to `stream` (standard error unless given).

    For programs only: whoever embeds the library configures logging for themselves. Fields come from
    `extra`. The logger `multiproduct.security` keeps what is INFO and above whatever `level` is, marks its
    lines `"log": "security"`, and writes them to the file `security_log` instead where one is given; the file
    may be rotated from outside. Calling it again replaces what it did before. Raises ValueError for a level
    that there is not, OSError where the file cannot be opened.
    """
    formatter = _formatter(log_format)
    root, security = logging.getLogger(), logging.getLogger(SECURITY)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    if security_log is not None:
        apart: logging.Handler = WatchedFileHandler(security_log, encoding="utf-8")
        apart.setFormatter(_formatter(LogFormat.JSON))
    else:
        apart = handler
    _install(root, handler)
    _install(security, apart)
    root.setLevel(level.upper())
    security.setLevel(logging.INFO)
    security.propagate = False
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def _install(logger: logging.Logger, handler: logging.Handler) -> None:
    for old in [present for present in logger.handlers if getattr(present, _MARK, False)]:
        logger.removeHandler(old)
        if isinstance(old, WatchedFileHandler):
            old.close()
    setattr(handler, _MARK, True)
    logger.addHandler(handler)


def _formatter(log_format: LogFormat) -> logging.Formatter:
    if log_format is LogFormat.CONSOLE:
        return structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_chain(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                # After the traceback is text. A prettier one would show what variables hold: passwords.
                redact,
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
                ),
            ],
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_chain(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            # After the traceback is text, so that what stands in it is looked at too.
            redact,
            structlog.processors.JSONRenderer(),
        ],
    )


def _chain() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _drop_message,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _mark_security,
    ]


def _drop_message(
    logger: structlog.typing.WrappedLogger, method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    # Another handler of the same record leaves its text there, which `event` holds already.
    del logger, method
    entry.pop("message", None)
    return entry


def _mark_security(
    logger: structlog.typing.WrappedLogger, method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    del logger, method
    name = entry.get("logger", "")
    if name == SECURITY or name.startswith(f"{SECURITY}."):
        entry["log"] = "security"
    return entry
