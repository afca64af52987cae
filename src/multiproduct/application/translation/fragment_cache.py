"""Machine translations that were made before: in this process (L0), else in the shared cache, in one trip."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from multiproduct.application.ports.cache import SharedCache
from multiproduct.application.ports.clock import RealTime
from multiproduct.domain.translation import witness

KEPT_SECONDS = 30 * 24 * 3_600
"""In the shared cache. Nothing has to be forgotten earlier: another text has another key."""
_HERE_SECONDS = 600.0
_PREFIX = "translation:"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Fragment:
    """A translation, and who made it (for whoever looks into the cache)."""

    text: str
    made_by: str


class FragmentCache:
    """Values by key, each with a witness of the text it was made of: a value of another text with the same
    key is a miss. Failures are no values."""

    def __init__(self, *, shared: SharedCache, real_time: RealTime, max_entries: int = 20_000) -> None:
        self._shared = shared
        self._monotonic = real_time.monotonic
        self._max_entries = max_entries
        self._entries: OrderedDict[str, tuple[float, str, str]] = OrderedDict()

    async def get_many(self, texts: Mapping[str, str]) -> dict[str, str]:
        """The translations that are known, by key. `texts` are the originals by their keys."""
        found: dict[str, str] = {}
        missing: list[str] = []
        now, entries = self._monotonic(), self._entries
        for key, text in texts.items():
            entry = entries.get(key)
            if entry is not None and entry[0] > now and entry[1] == text:
                entries.move_to_end(key)
                found[key] = entry[2]
            else:
                missing.append(key)
        if missing:
            shared = await self._shared.get_many([_PREFIX + key for key in missing])
            for key in missing:
                data = shared.get(_PREFIX + key)
                fragment = None if data is None else _decoded(data, texts[key])
                if fragment is not None:
                    found[key] = fragment.text
                    self._keep(key, texts[key], fragment.text)
        return found

    async def set_many(self, fragments: Mapping[str, tuple[str, Fragment]]) -> None:
        """Keeps translations by key, each with its original."""
        for key, (text, fragment) in fragments.items():
            self._keep(key, text, fragment.text)
        await self._shared.set_many(
            {_PREFIX + key: _encoded(text, fragment) for key, (text, fragment) in fragments.items()},
            KEPT_SECONDS,
        )

    def _keep(self, key: str, text: str, translation: str) -> None:
        self._entries[key] = (self._monotonic() + _HERE_SECONDS, text, translation)
        self._entries.move_to_end(key)
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)


def _encoded(text: str, fragment: Fragment) -> bytes:
    length, digest = witness(text)
    return json.dumps([_VERSION, length, digest, fragment.made_by, fragment.text]).encode()


def _decoded(data: bytes, text: str) -> Fragment | None:
    """None for what another version wrote, and for another text."""
    try:
        version, length, digest, made_by, translation = json.loads(data)
    except (ValueError, TypeError):
        return None
    if version != _VERSION or not isinstance(translation, str) or (length, digest) != witness(text):
        return None
    return Fragment(translation, str(made_by))
