"""Leaving out of a PNG what is not its picture: texts and profiles, small as a file and large unpacked."""

PNG = b"\x89PNG\r\n\x1a\n"
_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT", b"IEND"})
_AROUND = 12
"""Length, name and checksum of a chunk, in bytes (PNG, third edition, 5.3)."""


def pixels_only(content: bytes) -> bytes:
    """The PNG less the chunks that are not needed to see it; one that breaks off does so afterwards too."""
    kept, place = [PNG], len(PNG)
    while place < len(content):
        end = place + _AROUND + int.from_bytes(content[place : place + 4], "big")
        if content[place + 4 : place + 8] in _KEPT:
            kept.append(content[place:end])
        place = end
    return b"".join(kept)
