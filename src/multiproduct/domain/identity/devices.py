"""What a device is called, from what its program says of itself in the User-Agent header.

The header is a claim: it serves to tell one's own devices apart, and never to decide what anybody may do.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

Markers = tuple[str, ...]
"""Parts of a header, all of which must be there."""

BROWSERS: Sequence[tuple[Markers, str]] = (
    # Programs that also call themselves by the names of those below stand before them.
    (("SamsungBrowser/",), "Samsung Internet"),
    (("OPR/",), "Opera"),
    (("OPX/",), "Opera"),
    (("OPiOS/",), "Opera"),
    (("Opera",), "Opera"),
    (("Edg/",), "Edge"),
    (("EdgA/",), "Edge"),
    (("EdgiOS/",), "Edge"),
    (("Edge/",), "Edge"),
    (("YaBrowser/",), "Yandex Browser"),
    (("Vivaldi/",), "Vivaldi"),
    (("UCBrowser/",), "UC Browser"),
    (("MiuiBrowser/",), "Mi Browser"),
    (("HuaweiBrowser/",), "Huawei Browser"),
    (("Whale/",), "Whale"),
    (("DuckDuckGo/",), "DuckDuckGo"),
    (("Ddg/",), "DuckDuckGo"),
    (("Brave/",), "Brave"),
    (("MicroMessenger/",), "WeChat"),
    (("FBAN/",), "Facebook"),
    (("FBAV/",), "Facebook"),
    (("Instagram ",), "Instagram"),
    ((" Line/",), "LINE"),
    (("Focus/",), "Firefox Focus"),
    (("FxiOS/",), "Firefox"),
    (("SeaMonkey/",), "SeaMonkey"),
    (("Firefox/",), "Firefox"),
    (("Electron/",), "Electron"),
    (("HeadlessChrome/",), "Headless Chrome"),
    (("; wv)",), "Android WebView"),
    (("CriOS/",), "Chrome"),
    (("Chromium/",), "Chromium"),
    (("Chrome/",), "Chrome"),
    (("Android", "Version/", "Safari/"), "Android Browser"),
    (("Version/", "Safari/"), "Safari"),
    (("Trident/",), "Internet Explorer"),
    (("MSIE ",), "Internet Explorer"),
    (("okhttp/",), "okhttp"),
    (("curl/",), "curl"),
    (("Wget/",), "Wget"),
    (("PostmanRuntime/",), "Postman"),
    (("python-requests/",), "Python"),
    (("python-httpx",), "Python"),
    (("aiohttp/",), "Python"),
    (("Python-urllib/",), "Python"),
    (("Go-http-client/",), "Go"),
    (("Dart/",), "Dart"),
    (("node-fetch",), "Node.js"),
    (("axios/",), "axios"),
    (("Apache-HttpClient/",), "Java"),
)
"""Browsers and other programs; the first whose markers are all there is the one."""

SYSTEMS: Sequence[tuple[Markers, str]] = (
    (("Windows Phone",), "Windows Phone"),
    (("iPhone",), "iPhone"),
    (("iPad",), "iPad"),
    (("iPod",), "iPod"),
    (("Xbox",), "Xbox"),
    (("PlayStation",), "PlayStation"),
    (("Windows",), "Windows"),
    (("OpenHarmony",), "HarmonyOS"),
    (("HarmonyOS",), "HarmonyOS"),
    (("Android",), "Android"),
    (("CrOS",), "ChromeOS"),
    (("Tizen",), "Tizen"),
    (("Web0S",), "webOS"),
    (("Macintosh",), "macOS"),
    (("Mac OS X",), "macOS"),
    (("FreeBSD",), "FreeBSD"),
    (("OpenBSD",), "OpenBSD"),
    (("Linux",), "Linux"),
    (("X11",), "Linux"),
)
"""Systems, by the same rule. iPadOS calls itself Macintosh, as it means to."""

_LONGEST_HEADER = 512
_product = re.compile(r"([A-Za-z][A-Za-z0-9_.+-]{0,29})/[0-9]").match
_SAYS_NOTHING = "Mozilla"


@dataclass(frozen=True, slots=True)
class Device:
    """A program and the system it runs on; None where the header does not tell."""

    program: str | None
    system: str | None

    @property
    def name(self) -> str | None:
        """`Chrome on Windows`, as it stands in answers."""
        if self.program is None or self.system is None:
            return self.program or self.system
        return f"{self.program} on {self.system}"

    @property
    def wordless_name(self) -> str | None:
        """`Chrome (Windows)`: without a word, for texts in any language."""
        if self.program is None or self.system is None:
            return self.program or self.system
        return f"{self.program} ({self.system})"


def device_of(user_agent: str | None) -> Device:
    """The device of a User-Agent header, without versions: an update makes no other device of it."""
    text = (user_agent or "")[:_LONGEST_HEADER]
    program = _first(BROWSERS, text)
    if program is None and (product := _product(text)) is not None and product[1] != _SAYS_NOTHING:
        program = product[1]
    return Device(program, _first(SYSTEMS, text))


def _first(rules: Sequence[tuple[Markers, str]], text: str) -> str | None:
    return next((name for markers, name in rules if all(marker in text for marker in markers)), None)
