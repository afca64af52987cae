"""Writes domain/identity/common_passwords.py from a list of common passwords, the most common first.

The list is the one that Django ships (django/contrib/auth/common-passwords.txt.gz, lower case, one a line):

    python tools/make_common_passwords.py common-passwords.txt.gz > .../common_passwords.py
"""

# ruff: noqa: INP001  (a folder of scripts, not a package)

import base64
import gzip
import sys
import zlib
from pathlib import Path

from multiproduct.domain.identity.passwords import MIN_LENGTH, is_predictable

_LINE_LENGTH = 100
_HEAD = '''"""The {count} most common passwords that are long enough and that no other rule refuses.

Source: the 20,000 most common passwords of public breaches, as collected by Royce Williams and shipped by
Django 5.2 (django/contrib/auth/common-passwords.txt.gz). Written by tools/make_common_passwords.py; not
edited by hand.

Kept sorted and front-coded (each line opens with a base-36 digit: how many characters it shares with the line
before), compressed by zlib and written in base 85, which takes {size} KB instead of {plain}.
"""

import base64
import zlib
from functools import cache


@cache
def common_passwords() -> frozenset[str]:
    """The passwords in lower case. Unpacked on the first call and kept."""
    words = []
    word = ""
    for line in zlib.decompress(base64.b85decode(_PACKED)).decode().split("\\n"):
        word = word[: int(line[0], 36)] + line[1:]
        words.append(word)
    return frozenset(words)


_PACKED = (
'''


def front_coded(words: list[str]) -> str:
    """Each word as the length of what it shares with the one before, and the rest."""
    lines = []
    before = ""
    for word in words:
        pairs = enumerate(zip(before, word, strict=False))
        shared = next((i for i, (a, b) in pairs if a != b), min(len(before), len(word)))
        lines.append("0123456789abcdefghijklmnopqrstuvwxyz"[shared] + word[shared:])
        before = word
    return "\n".join(lines)


def main() -> None:
    """Reads the file named on the command line, writes the module to standard output."""
    listed = gzip.decompress(Path(sys.argv[1]).read_bytes()).decode().split("\n")
    words = sorted(
        w
        for w in set(listed)
        if len(w) >= MIN_LENGTH and w.isascii() and len(w) <= 35 and not is_predictable(w)
    )
    packed = base64.b85encode(zlib.compress(front_coded(words).encode(), 9)).decode()
    plain = sum(len(word) + 1 for word in words)
    sys.stdout.write(_HEAD.format(count=f"{len(words):,}", size=len(packed) // 1024, plain=plain // 1024))
    for start in range(0, len(packed), _LINE_LENGTH):
        sys.stdout.write(f'    "{packed[start : start + _LINE_LENGTH]}"\n')
    sys.stdout.write(")\n")


if __name__ == "__main__":
    main()
