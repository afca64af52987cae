"""Whether a JPEG can be decoded line by line, or is held whole meanwhile, whatever size is asked for."""

_SOF_LINE_BY_LINE = frozenset({0xC0, 0xC1})  # baseline and extended sequential, ITU-T T.81, table B.1
_SOS = 0xDA
_WITH_LENGTH = frozenset({0xC4, 0xCC, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)})


def is_line_by_line(content: bytes) -> bool:
    """Whether the first scan has every component (ITU-T T.81, B.2). A progressive file, or one whose
    components come one after the other, takes the decoder six to eight bytes a pixel at its full size. False
    for whatever is written in a way that is not understood here."""
    place, components = 2, 0
    while content[place : place + 1] == b"\xff" and place + 4 <= len(content):
        marker = content[place + 1]
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        body = content[place + 4 : place + 2 + length]
        if marker == _SOS:
            return components > 0 and body[:1] == bytes([components])
        if marker in _SOF_LINE_BY_LINE and not components and len(body) > 5:
            components = body[5]
        elif marker not in _WITH_LENGTH:
            return False
        place += 2 + max(length, 2)
    return False
