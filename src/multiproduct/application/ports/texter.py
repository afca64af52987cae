"""Sending one short message to a telephone."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A short message to an E.164 number. The body holds secrets and is left out of the representation."""

    message_id: str
    to: str
    body: str = field(repr=False)
    locale: str = "en"


class Texter(Protocol):
    """Hands a short message to whoever delivers it. A return means it was accepted for delivery."""

    async def send(self, text: Text) -> None:
        """Raises Unavailable when trying again may help."""
        ...
