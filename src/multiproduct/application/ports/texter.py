"""Sending one short message to a telephone."""

from dataclasses import dataclass, field
from typing import Protocol

from multiproduct.domain.shared.errors import Kind, MultiproductError, Unavailable


class TextRefused(MultiproductError):
    """The text can never be delivered like this. `reason` is a word for the log, never a number or a text."""

    code = "text_refused"
    kind = Kind.INVALID

    def __init__(self, *, reason: str) -> None:
        super().__init__(reason=reason)


class TextUncertain(Unavailable):
    """Whoever takes texts fell silent after it was given one: nobody here can know whether it has the text.

    Where a second copy does less harm than none the same text may be sent again, as after Unavailable.
    """

    code = "text_uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A short message to an E.164 number. `message_id` is the same for every attempt at the same message, so
    that a gateway which takes a reference sends it once. Number and body are left out of the representation.
    """

    message_id: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    locale: str = "en"


class Texter(Protocol):
    """Hands a short message to whoever delivers it. Promises that a return means it was accepted for
    delivery, and that neither number nor body is logged."""

    async def send(self, text: Text) -> None:
        """Raises TextRefused when trying again is of no use, Unavailable when it may help, and TextUncertain,
        which is one, where it may have been accepted all the same."""
        ...
