"""The plain HTML of the service's own pages: no script, and one style sheet known by its digest."""

import base64
import hashlib
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root{color-scheme:dark light;--paper:#0e1420;--card:#161f30;--ink:#eef2f8;--soft:#a9b4c6;--brand:#e0b03c}
@media (prefers-color-scheme:light){
:root{--paper:#f3f5f9;--card:#fff;--ink:#182233;--soft:#5a6579;--brand:#946a00}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,sans-serif}
main{max-width:34rem;margin:8vh auto;padding:2rem;background:var(--card);border-radius:14px}
main.wide{max-width:64rem}
header{color:var(--brand);font-weight:700;letter-spacing:.08em;margin-bottom:1.5rem}
h1{font-size:1.5rem;line-height:1.3;margin:0 0 .75rem}
p,td,pre{color:var(--soft)}
label{display:block;margin:1rem 0 .3rem}
input{width:100%;padding:.7rem;border-radius:8px;border:1px solid var(--soft);
background:transparent;color:inherit;font:inherit}
button{margin-top:1.25rem;padding:.75rem 1.5rem;border:0;border-radius:8px;
background:var(--brand);color:#111;font:inherit;font-weight:700;cursor:pointer}
table{border-collapse:collapse;width:100%}
td,th{text-align:start;padding:.45rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}
.wrong{color:#ff8d7a}
"""
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_RIGHT_TO_LEFT = frozenset({"fa", "ar", "he", "ur"})


def page(
    *, brand: str, locale: str, title: str, content: str, status: int = 200, layout: str = ""
) -> HTMLResponse:
    """A whole page. `content` is HTML, everything else text."""
    direction = "rtl" if locale.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
    html = (
        f'<!doctype html><html lang="{escape(locale)}" dir="{direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} - {escape(brand)}</title><style>{STYLE}</style></head>"
        f'<body><main class="{escape(layout)}"><header>{escape(brand)}</header>'
        f"<h1>{escape(title)}</h1>{content}</main></body></html>"
    )
    headers = {
        "content-security-policy": _POLICY,
        "content-language": locale,
        "vary": "Accept-Language",
        "cache-control": "no-store",
    }
    return HTMLResponse(html, status_code=status, headers=headers)
