"""The brand's style, put into the templates before they are compiled.

Many mail programs drop style sheets, so each element carries its own style; the sheet stays beside it for
dark screens and small ones. It is done once for each template: done for each mail it would cost more than
all the rest.
"""

from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

from css_inline import CSSInliner

from multiproduct.application.notifications.ports import Brand

_TEMPLATES = files("multiproduct.adapters.jinja2") / "templates"
_STYLE_SHEET = "mail.css"
_DOCUMENT = "layout.html"


def styled_templates(brand: Brand) -> Mapping[str, str]:
    """The source of every template by its name, styled for the brand where it is HTML."""
    sources = dict(_sources(_TEMPLATES, ""))
    sheet = Template(sources.pop(_STYLE_SHEET)).substitute(_colours(brand))
    return {name: _styled(name, source, sheet) for name, source in sources.items()}


def _sources(folder: Traversable, prefix: str) -> list[tuple[str, str]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".html", ".txt", ".css")):
            found.append((prefix + entry.name, entry.read_text(encoding="utf-8")))
    return found


def _colours(brand: Brand) -> dict[str, str]:
    light = {f"light_{name}": colour for name, colour in asdict(brand.light).items()}
    dark = {f"dark_{name}": colour for name, colour in asdict(brand.dark).items()}
    return light | dark


def _styled(name: str, source: str, sheet: str) -> str:
    if name == _DOCUMENT:
        whole = source.replace("</head>", f"<style>{sheet}</style></head>")
        return CSSInliner(keep_style_tags=True).inline(whole)
    if name.endswith(".html"):
        return CSSInliner().inline_fragment(source, sheet)
    return source
