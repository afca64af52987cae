"""Settings of what is told about a running installation, and of its clock in tests."""

from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings

from multiproduct.settings.declaring import setting


class DiagnosingSettings(BaseSettings):
    """What is logged, and where."""

    test_clock: bool = setting(
        False, "TEST_CLOCK", "lets POST /dev/clock move business time; refused in production"
    )
    log_level: str = setting("INFO", "LOG_LEVEL", "DEBUG, INFO, WARNING, ERROR or CRITICAL")
    log_format: Literal["json", "console"] | None = setting(
        None, "LOG_FORMAT", "json (the default in production) or console"
    )
    security_log: Path | None = setting(
        None,
        "SECURITY_LOG",
        "a file for sign-ins, refusals and what else concerns security, as lines of JSON; without one they "
        "are among the other log lines",
    )
