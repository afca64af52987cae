"""Structured logs by structlog, for what the library says through the standard library's loggers."""

from multiproduct.adapters.structlog.logging import SECURITY, LogFormat, configure_logging
from multiproduct.adapters.structlog.redaction import redact

__all__ = ["SECURITY", "LogFormat", "configure_logging", "redact"]
