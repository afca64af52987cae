"""Calling a gateway once, and what its answer means for the message."""

import logging

from multiproduct.application.ports.texter import TextRefused, TextUncertain
from multiproduct.application.ports.web_client import WebAnswer, WebClient, WebRequest, WebUnreachable
from multiproduct.domain.shared.errors import Unavailable

_log = logging.getLogger(__name__)

_FOR_GOOD = frozenset({400, 404, 409, 410, 413, 422})
"""Refusals of this message. What else is not accepted may be another time: a gateway that is down (5xx) or
busy (429), and a key that is wrong or has no credit (401, 402, 403), which the operator will mend."""
_BY_ANOTHER = frozenset({408, 502, 504})
"""Whoever answers so stands before the gateway, or did not hear of the end of it: the message may have gone
through."""
_MOST_SECONDS = 3600
_TIMEOUT_SECONDS = 10.0
_MAX_BYTES = 65_536


async def hand_over(
    web: WebClient, *, url: str, headers: dict[str, str], body: bytes, gateway: str
) -> WebAnswer | None:
    """Posts a message. None means accepted; an answer is one that refuses this very message, which the caller
    turns into TextRefused. Raises Unavailable, with what the gateway said of when to try again, and
    TextUncertain where it may have the message: no answer came of a request that was sent."""
    request = WebRequest(
        method="POST",
        url=url,
        headers=headers,
        body=body,
        timeout=_TIMEOUT_SECONDS,
        max_bytes=_MAX_BYTES,
    )
    try:
        answer = await web.send(request)
    except WebUnreachable as error:
        if error.unsent:
            _log.warning("the %s gateway for short messages cannot be reached", gateway)
            raise Unavailable(what="sms") from error
        _log.warning("the %s gateway for short messages gave no answer", gateway)
        raise TextUncertain(what="sms") from error
    if 200 <= answer.status < 300:
        return None
    _log.warning("the %s gateway for short messages answered %d", gateway, answer.status)
    if answer.status in _FOR_GOOD:
        return answer
    outcome = TextUncertain if answer.status in _BY_ANOTHER else Unavailable
    raise outcome(what="sms", retry_after=_seconds(answer.headers.get("retry-after", "")))


def refused(answer: WebAnswer) -> TextRefused:
    """The refusal of a gateway that says no more than a status."""
    return TextRefused(reason=f"status_{answer.status}")


def _seconds(text: str) -> int:
    """A number of seconds; a date, or anything else, counts as one second."""
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        return 1
    return min(max(1, int(text)), _MOST_SECONDS)
