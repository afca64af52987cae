"""Where the fonts are: installed packages that hold only font files, under the SIL Open Font License."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk", "fontpkg_ibm_plex_sans_arabic")
"""Noto Sans of the scripts of the world, Noto Sans CJK, and a face for Persian with whole glyphs: Noto's
letters are put together of parts, which can be read but not searched or copied."""


def font_folders() -> Sequence[Path]:
    """The folders of those packages that are installed, found on disk without importing them."""
    folders = []
    for name in _PACKAGES:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            folders.append(Path(spec.origin).parent)
    return folders
