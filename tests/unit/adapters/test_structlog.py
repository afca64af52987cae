"""Structured logs: fields from `extra`, secrets left out, security events apart."""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from multiproduct.adapters.structlog import SECURITY, LogFormat, configure_logging, redact


@pytest.fixture(autouse=True)
def logging_is_left_as_it_was() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in (None, SECURITY)]
    before = [(logger, list(logger.handlers), logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, handlers, level, propagate in before:
        for handler in set(logger.handlers) - set(handlers):
            handler.close()
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


def configured(level: str = "INFO", **parts: Any) -> io.StringIO:
    stream = io.StringIO()
    configure_logging(level=level, log_format=parts.pop("log_format", LogFormat.JSON), stream=stream, **parts)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_becomes_one_line_of_json_with_its_extra_fields() -> None:
    stream = configured()
    logging.getLogger("multiproduct.orders").warning(
        "paid %s", "late", extra={"request_id": "r-1", "days": 3}
    )
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "paid late",
        "level": "warning",
        "logger": "multiproduct.orders",
        "request_id": "r-1",
        "days": 3,
    }


def test_a_traceback_stays_within_its_line() -> None:
    stream = configured()
    try:
        raise ValueError("no such street")
    except ValueError:
        logging.getLogger("x").exception("failed")
    (line,) = lines(stream)
    assert "ValueError: no such street" in line["exception"]


def test_what_is_below_the_level_is_left_out_but_security_events_are_not() -> None:
    stream = configured(level="ERROR")
    logging.getLogger("x").warning("hidden")
    logging.getLogger(SECURITY).info("signed in")
    logging.getLogger(f"{SECURITY}.sessions").info("ended")
    assert [(line["event"], line["log"]) for line in lines(stream)] == [
        ("signed in", "security"), ("ended", "security"),
    ]  # fmt: skip


def test_security_events_go_to_a_file_of_their_own_where_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "security.log"
    stream = configured(security_log=path)
    logging.getLogger(SECURITY).warning("refused", extra={"ip": "192.0.2.1"})
    logging.getLogger("x").info("ordinary")
    assert [line["event"] for line in lines(stream)] == ["ordinary"]
    (line,) = (json.loads(text) for text in path.read_text().splitlines())
    assert (line["event"], line["ip"]) == ("refused", "192.0.2.1")


def test_the_security_file_may_be_moved_away_by_a_rotation(tmp_path: Path) -> None:
    path = tmp_path / "security.log"
    configured(security_log=path)
    logging.getLogger(SECURITY).info("first")
    path.rename(tmp_path / "security.log.1")
    logging.getLogger(SECURITY).info("second")
    assert "second" in path.read_text()
    assert "second" not in (tmp_path / "security.log.1").read_text()


def test_configuring_again_replaces_what_was_configured_before() -> None:
    first, second = configured(), configured()
    logging.getLogger("x").info("once")
    assert (first.getvalue(), len(lines(second))) == ("", 1)


def test_a_person_gets_lines_that_are_no_json() -> None:
    stream = configured(log_format=LogFormat.CONSOLE)
    logging.getLogger("x").info("hello", extra={"token": "abc"})
    assert "hello" in stream.getvalue()
    assert "abc" not in stream.getvalue()


def test_a_traceback_for_a_person_does_not_show_what_variables_hold() -> None:
    stream = configured(log_format=LogFormat.CONSOLE)

    def fails(question: dict[str, str]) -> None:
        raise ValueError(f"not asked for by {len(question)}")

    # Not written out where it is handed over, as that line is in the traceback.
    question = {"password": "correct horse", "email": "ada@example.com"}
    try:
        fails(question)
    except ValueError:
        logging.getLogger("x").exception("failed")
    told = stream.getvalue()
    assert "ValueError: not asked for by 2" in told
    assert "test_structlog.py" in told
    assert not re.search("correct horse|ada@example", told)


def test_a_level_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        configured(level="LOUD")


@pytest.mark.parametrize(
    "name",
    [
        "password", "new_password", "Password", "passwd", "password_hash", "otp", "cookie", "api_key",
        "token", "access_token", "X-Auth-Token", "refresh", "refresh_token", "access",
        "secret", "secret_key", "client_secret", "authorization", "Authorization",
    ],
)  # fmt: skip
def test_what_stands_under_the_name_of_a_secret_is_not_logged(name: str) -> None:
    entry = redact(None, "info", {name: "hunter2", "deep": {"list": [{name: "hunter2"}]}})
    assert "hunter2" not in str(entry)


@pytest.mark.parametrize(
    "name", ["event", "code", "request_id", "accessed_at", "tokens_left", "optional", "attempt"]
)
def test_what_only_sounds_like_a_secret_is_logged(name: str) -> None:
    assert redact(None, "info", {name: "plain"}) == {name: "plain"}


@pytest.mark.parametrize(
    ("text", "kept", "secret"),
    [
        ("Authorization: Bearer abc.def-ghi_123", "Bearer [redacted]", "abc.def"),
        ("got eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln here", "got [redacted] here", "eyJ"),
        ("at postgresql://joe:hunter2@db/x", "postgresql://joe:[redacted]@db/x", "hunter2"),
        ("at redis://:hunter2@cache/0", "redis://:[redacted]@cache/0", "hunter2"),
    ],
)
def test_what_has_the_form_of_a_secret_is_not_logged_wherever_it_stands(
    text: str, kept: str, secret: str
) -> None:
    entry = redact(None, "info", {"event": text, "exception": f"Traceback\n{text}"})
    assert kept in entry["event"]
    assert secret not in str(entry)
