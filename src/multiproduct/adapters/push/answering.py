"""What the answers of providers have in common: statuses that mean the same everywhere, and when to come
again."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from multiproduct.application.notifications.push_ports import PushAnswer, PushVerdict, PushWait
from multiproduct.application.ports.web_client import WebAnswer, WebUnreachable

_log = logging.getLogger(__name__)

MOST_SECONDS = 3_600
CREDENTIALS_SECONDS = 60
"""A provider that does not take who we say we are is asked no more often: the operator has to mend it."""
_BY_A_GATEWAY = frozenset({408, 502, 504})
"""Whoever answers so did not hear of the end of it: the message may have gone through."""

ACCEPTED = PushAnswer(verdict=PushVerdict.ACCEPTED, reason="accepted")


def unreached(error: WebUnreachable, provider: str) -> PushAnswer:
    """No answer: it is certain that nothing arrived, or it is not."""
    _log.warning("%s gave no answer to a push: %s", provider, error)
    if error.unsent:
        return PushAnswer(verdict=PushVerdict.LATER, reason="unreachable")
    return PushAnswer(verdict=PushVerdict.UNCERTAIN, reason="no_answer")


def by_status(answer: WebAnswer, provider: str, *, now: datetime, reason: str | None = None) -> PushAnswer:
    """What a status means that says nothing of this provider in particular. `reason` is the provider's own
    word for it. 429 is about the device: providers count what goes to each."""
    told = reason or f"status_{answer.status}"
    _log.warning("%s answered a push with %d (%s)", provider, answer.status, told)
    if answer.status in _BY_A_GATEWAY or 200 <= answer.status < 300:
        return PushAnswer(verdict=PushVerdict.UNCERTAIN, reason=told)
    if answer.status == 429 or answer.status >= 500:
        return PushAnswer(
            verdict=PushVerdict.LATER,
            reason=told,
            retry_after=seconds_of(answer.headers.get("retry-after"), now=now),
            waits=PushWait.DEVICE if answer.status == 429 else PushWait.LANE,
        )
    return PushAnswer(verdict=PushVerdict.REFUSED, reason=told)


def credentials_refused(provider: str, reason: str) -> PushAnswer:
    """Nothing was sent, nor will be until the operator mends it."""
    _log.error("%s does not take the credentials of this installation (%s)", provider, reason)
    return PushAnswer(
        verdict=PushVerdict.LATER, reason="provider_credentials", retry_after=CREDENTIALS_SECONDS
    )


def seconds_of(retry_after: str | None, *, now: datetime) -> int | None:
    """Retry-After (RFC 9110, section 10.2.3) in seconds, 1 to 3600; None for none, and for what is neither a
    number nor a date."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit() and len(text) <= 12:
        return min(max(1, int(text)), MOST_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(1, round((moment - now).total_seconds())), MOST_SECONDS)


def document_of(answer: WebAnswer) -> Mapping[str, Any]:
    """The JSON object of an answer; an empty one for anything else."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def word_of(value: Any) -> str | None:
    """A provider's own word, if it may stand in a log."""
    is_word = isinstance(value, str) and value.isascii() and value.isidentifier() and len(value) <= 60
    return value if is_word else None
