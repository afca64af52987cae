"""The `TranslationProvider` port over LibreTranslate's API: `POST /translate` with a list of texts.

After its documentation (docs.libretranslate.com, "POST /translate"): `q` may be a list, `format` is `text` or
`html`, and `translatedText` is a list in the same order.
"""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from multiproduct.application.ports.web_client import WebClient, WebRequest, WebUnreachable
from multiproduct.application.translation import Batch, ProviderFailed

_MAX_ANSWER = 1_048_576


class LibreTranslateProvider:
    """Calls the service once per batch. Neither a text nor the key is ever logged: errors name a status or a
    kind of failure, and nothing that the service said.

    `languages` are the service's own names of languages, where they are others than ours (`zh-Hant` may be
    `zt` there).
    """

    def __init__(
        self,
        *,
        web: WebClient,
        url: str,
        key: str = "",
        model: str = "",
        languages: Mapping[str, str] | None = None,
        timeout: float = 10.0,
    ) -> None:
        """`url` is the service's own, before `/translate`; `model` is the version of what translates there:
        another one has everything translated anew."""
        self._web = web
        self._url = f"{url.rstrip('/')}/translate"
        self._key = key
        self._languages = dict(languages or {})
        self._timeout = timeout
        self._name = f"libretranslate:{urlsplit(url).hostname or ''}:{model}"

    @property
    def name(self) -> str:
        """See the port."""
        return self._name

    async def translate(self, batch: Batch) -> Sequence[str | None]:
        """See the port. Raises ProviderFailed."""
        asked: dict[str, object] = {
            "q": list(batch.texts),
            "source": self._languages.get(batch.source_language, batch.source_language),
            "target": self._languages.get(batch.target_language, batch.target_language),
            "format": batch.format,
        }
        if self._key:
            asked["api_key"] = self._key
        try:
            answer = await self._web.send(
                WebRequest(
                    method="POST",
                    url=self._url,
                    headers={"content-type": "application/json", "accept": "application/json"},
                    body=json.dumps(asked, ensure_ascii=False).encode("utf-8", "replace"),
                    timeout=self._timeout,
                    max_bytes=_MAX_ANSWER,
                )
            )
        except WebUnreachable as error:
            raise ProviderFailed(f"the service cannot be reached: {error}") from None
        if answer.status != 200:
            raise ProviderFailed(f"the service answered {answer.status}")
        return _translations(answer.body)


def read_language_names(text: str) -> dict[str, str]:
    """Reads `zh-Hant=zt,es=es-419`. Raises ValueError."""
    names: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        ours, mark, theirs = (each.strip() for each in part.partition("="))
        if not mark or not ours or not theirs:
            raise ValueError(f"write it as zh-Hant=zt, separated by commas; not {part!r}")
        names[ours] = theirs
    return names


def _translations(body: bytes) -> list[str | None]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise ProviderFailed("the service answered something other than JSON") from None
    translated = told.get("translatedText") if isinstance(told, dict) else None
    if not isinstance(translated, list) or not all(isinstance(each, str | None) for each in translated):
        raise ProviderFailed("the service answered no list of texts")
    return translated
