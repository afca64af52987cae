"""The `BreachedPasswords` port on a range service, such as that of Pwned Passwords, version 3.

The service is told the first 20 bits of the password's SHA-1 and answers the rest of every hash it knows that
begins so, each as 35 hexadecimal digits, a colon and a count. With padding, which is asked for, lines of
count 0 are added, so that the size of an answer tells nothing to whoever watches.
"""

import hashlib
import hmac

from multiproduct.application.ports.breaches import BreachServiceUnreachable
from multiproduct.application.ports.web_client import WebClient, WebRequest, WebUnreachable

_PREFIX_DIGITS = 5
_TIMEOUT_SECONDS = 3.0
_MAX_BYTES = 262_144  # a padded answer is 40 to 60 KB


class RangeBreachedPasswords:
    """`url` is the address of the service, to which `/range/` and the digits are added."""

    def __init__(self, *, url: str, web: WebClient) -> None:
        self._url = url.rstrip("/")
        self._web = web

    async def knows(self, password: str) -> bool:
        """See the port."""
        # The service defines the hash; it protects nothing here.
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        request = WebRequest(
            method="GET",
            url=f"{self._url}/range/{digest[:_PREFIX_DIGITS]}",
            headers={"add-padding": "true", "accept": "text/plain"},
            timeout=_TIMEOUT_SECONDS,
            max_bytes=_MAX_BYTES,
        )
        try:
            answer = await self._web.send(request)
        except WebUnreachable as error:
            raise BreachServiceUnreachable(str(error)) from error
        if answer.status != 200:
            raise BreachServiceUnreachable(f"the service answered {answer.status}")
        return _is_listed(answer.body, digest[_PREFIX_DIGITS:])


def _is_listed(body: bytes, rest: str) -> bool:
    wanted = rest.encode()
    found = False
    for line in body.upper().splitlines():
        suffix, _, count = line.partition(b":")
        if hmac.compare_digest(suffix.strip(), wanted):
            found = count.strip().lstrip(b"0") != b""
    return found
