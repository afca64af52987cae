"""The plain HTML of the service's own pages: no script, and one style sheet known by its digest."""

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from string import Template

from starlette.responses import HTMLResponse

from multiproduct.application.notifications.ports import Brand, Palette

WRONG = {"dark": "#ff9d8c", "light": "#b3261e"}
"""What is wrong is said in this colour, and in words."""

_RIGHT_TO_LEFT = frozenset({"fa", "ar", "he", "ur"})
_SHEET = Template("""
:root{color-scheme:dark light;$dark}
@media (prefers-color-scheme:light){:root{$light}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.6 system-ui,sans-serif;
overflow-wrap:anywhere}
main{max-width:34rem;margin:8vh auto;padding:2rem;background:var(--card);border:1px solid var(--line);
border-radius:14px}
main.wide{max-width:64rem}
header{color:var(--accent);font-weight:700;letter-spacing:.08em;margin-bottom:1.5rem}
:lang(fa) header,:lang(kn) header,:lang(ta) header{letter-spacing:0}
h1{font-size:1.5rem;line-height:1.3;margin:0 0 .75rem}
h2{font-size:1.05rem;line-height:1.4;margin:0}
p,td,pre,.hint{color:var(--muted)}
a,summary{color:var(--accent)}
label{display:block;margin:1.25rem 0 .3rem}
input{width:100%;padding:.7rem;border-radius:8px;border:1px solid var(--muted);
background:transparent;color:inherit;font:inherit}
input[aria-invalid]{border:2px solid var(--wrong)}
button,.button{display:inline-block;margin-top:1.25rem;padding:.75rem 1.5rem;border:0;border-radius:8px;
background:var(--accent);color:var(--on-accent);font:inherit;font-weight:700;text-decoration:none;cursor:pointer}
a:focus-visible,button:focus-visible,input:focus-visible,summary:focus-visible,iframe:focus-visible{
outline:3px solid var(--accent);outline-offset:3px}
table{border-collapse:collapse;width:100%}
td,th{text-align:start;padding:.45rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
pre{white-space:pre-wrap;margin:.5rem 0;font:inherit}
article{padding:1.25rem 0;border-top:1px solid var(--line)}
iframe{width:100%;height:36rem;margin-top:.5rem;border:1px solid var(--line);border-radius:8px;
background:#fff}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1rem}
.hint{margin:.3rem 0;font-size:.9rem}
.wrong{margin:.3rem 0;padding-inline-start:.6rem;border-inline-start:3px solid var(--wrong);
color:var(--wrong)}
@media (max-width:30rem){main{margin:0;padding:1.25rem;border:0;border-radius:0;min-height:100vh}}
""")


def _colours(palette: Palette, wrong: str) -> str:
    names = ("page", "card", "text", "muted", "line", "accent", "on_accent")
    colours = {name.replace("_", "-"): getattr(palette, name) for name in names} | {"wrong": wrong}
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


FRAMES_OF_OURS = "frame-src 'self'"
"""Added to the policy of a page that shows others of the service within itself."""
_BRANDS = 8


@lru_cache(maxsize=_BRANDS)
def style_of(light: Palette, dark: Palette) -> str:
    """The sheet in the colours of our mails, as people come from them."""
    return _SHEET.substitute(dark=_colours(dark, WRONG["dark"]), light=_colours(light, WRONG["light"]))


@lru_cache(maxsize=_BRANDS)
def _policy_for(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def page(
    *,
    brand: Brand,
    locale: str,
    title: str,
    content: str,
    status: int = 200,
    layout: str = "",
    also_allowed: str = "",
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A whole page. `content` is HTML, everything else text; `also_allowed` is added to its policy."""
    style = style_of(brand.light, brand.dark)
    direction = "rtl" if locale.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
    html = (
        f'<!doctype html><html lang="{escape(locale)}" dir="{direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} - {escape(brand.name)}</title><style>{style}</style></head>"
        f'<body><main class="{escape(layout)}"><header>{escape(brand.name)}</header>'
        f"<h1>{escape(title)}</h1>{content}</main></body></html>"
    )
    own = {
        "content-security-policy": "; ".join(filter(None, (_policy_for(style), also_allowed))),
        "content-language": locale,
        "vary": "Accept, Accept-Language",
        "cache-control": "no-store",
    }
    return HTMLResponse(html, status_code=status, headers={**(headers or {}), **own})
