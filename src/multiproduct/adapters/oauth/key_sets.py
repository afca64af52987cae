"""A provider's JSON Web Key Set (RFC 7517), kept while it is fresh and asked for no oftener than needed."""

import asyncio
from collections.abc import Sequence
from typing import Any

from multiproduct.adapters.oauth.asking import read_object
from multiproduct.application.identity.social_ports import JsonKey
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.web_client import WebClient, WebRequest, WebUnreachable
from multiproduct.domain.shared import Unavailable

FRESH_SECONDS = 3600.0
UNKNOWN_KEY_SECONDS = 60.0
"""Between two requests that unknown key ids cause: anybody can make up a key id."""
RETRY_SECONDS = 5.0
"""Between two requests while the provider is down."""
STALE_SECONDS = 7 * 86400.0
"""For so long old keys stay good while the provider is down."""
_MAX_BYTES = 262_144
_MAX_KEYS = 100


class KeySet:
    """One request at a time, whoever waits for it."""

    def __init__(self, *, url: str, web: WebClient, real_time: RealTime) -> None:
        self._url = url
        self._web = web
        self._monotonic = real_time.monotonic
        self._keys: Sequence[JsonKey] = ()
        self._loaded_at: float | None = None
        self._asked_at: float | None = None
        self._loading: asyncio.Task[None] | None = None

    async def having(self, key_id: str) -> Sequence[JsonKey]:
        """The keys, with the named one among them if the provider has it. Raises Unavailable where there are
        none, and the provider cannot be reached."""
        if not self._is_younger(self._loaded_at, FRESH_SECONDS):
            if not self._is_younger(self._asked_at, RETRY_SECONDS) or self._loading is not None:
                await self._load()
        elif not self._has(key_id) and (
            self._loading is not None or not self._is_younger(self._asked_at, UNKNOWN_KEY_SECONDS)
        ):
            await self._load()
        if not self._is_younger(self._loaded_at, STALE_SECONDS):
            raise Unavailable(what="provider", retry_after=int(RETRY_SECONDS))
        return self._keys

    def _has(self, key_id: str) -> bool:
        return any(key.get("kid") == key_id for key in self._keys)

    def _is_younger(self, moment: float | None, seconds: float) -> bool:
        return moment is not None and self._monotonic() - moment < seconds

    async def _load(self) -> None:
        if self._loading is None:
            self._asked_at = self._monotonic()
            self._loading = asyncio.ensure_future(self._ask())
            self._loading.add_done_callback(self._loaded)
        await asyncio.shield(self._loading)  # one caller that goes away takes nobody with it

    def _loaded(self, _: "asyncio.Task[None]") -> None:
        self._loading = None

    async def _ask(self) -> None:
        try:
            answer = await self._web.send(WebRequest(method="GET", url=self._url, max_bytes=_MAX_BYTES))
        except WebUnreachable:
            return
        document = read_object(answer.body) if answer.status == 200 else None
        keys = _keys_of(document or {})
        if keys:
            self._keys, self._loaded_at = keys, self._monotonic()


def _keys_of(document: dict[str, Any]) -> Sequence[JsonKey]:
    listed = document.get("keys")
    if not isinstance(listed, list):
        return ()
    return [
        each for each in listed[:_MAX_KEYS] if isinstance(each, dict) and isinstance(each.get("kid"), str)
    ]
