"""Which regular expressions a schema may have: those that no text keeps busy for long.

Python's `re` backtracks. A group that repeats without an end and holds something that repeats can take
exponential time; expressions without repeated groups take at most (length of the text) to the power of the
number of open repetitions, plus one. So groups may not repeat, repetitions are few, and texts that are
matched are short.
"""

import re

MAX_PATTERN = 256
MAX_MATCHED = 256
"""Characters of a text that is matched: a longer one does not match."""
_MAX_REPETITIONS = 2
_BACKREFERENCE = re.compile(r"\\[1-9]|\(\?P=|\(\?\(")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_REPETITION = re.compile(r"[*+]|\{\d*,?\d*\}")
_REPEATED_GROUP = re.compile(r"\)(?:[*+]|\{\d*,?\d*\})")
_MAX_COUNT = 256


def is_bounded(pattern: str) -> bool:
    """Whether the expression is one that Python reads, and takes a bounded time for every text of at most 256
    characters."""
    if len(pattern) > MAX_PATTERN or _BACKREFERENCE.search(pattern):
        return False
    # What is left holds no character that merely stands for itself.
    bare = _ESCAPE.sub("x", _CLASS.sub("x", pattern))
    repetitions = _REPETITION.findall(bare)
    if any(int(count) > _MAX_COUNT for each in repetitions for count in re.findall(r"\d+", each)):
        return False
    open_ended = [each for each in repetitions if not re.fullmatch(r"\{\d+\}", each)]
    if _REPEATED_GROUP.search(bare) or len(open_ended) > _MAX_REPETITIONS:
        return False
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
