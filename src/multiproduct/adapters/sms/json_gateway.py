"""The `Texter` port on any gateway that takes a message as a JSON object."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from multiproduct.adapters.sms.handing_over import hand_over, refused
from multiproduct.application.ports.texter import Text
from multiproduct.application.ports.web_client import WebClient

_MEANINGS = ("to", "text", "from", "reference")
_DEFAULT = {"to": "to", "text": "text", "from": "from", "reference": "reference"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonFields:
    """How a gateway calls the number, the words, the sender and our reference. An empty name is left out;
    a dotted one lies within objects."""

    names: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> "JsonFields":
        """Reads `to=recipient,text=message.body`; what is not named keeps its own name. Raises ValueError."""
        names = dict(_DEFAULT)
        for part in filter(None, (each.strip() for each in text.split(","))):
            meaning, mark, name = (each.strip() for each in part.partition("="))
            if not mark or meaning not in _MEANINGS:
                raise ValueError(f"write it as to=..., text=..., from=..., reference=...; not {meaning!r}")
            names[meaning] = name
        if not names["to"] or not names["text"]:
            raise ValueError("the fields for `to` and `text` need names")
        return cls(names=names)

    def document(self, values: Mapping[str, str]) -> dict[str, object]:
        """The object to send. Meanings without a value are left out."""
        whole: dict[str, object] = {}
        for meaning, name in self.names.items():
            value = values.get(meaning)
            if not name or not value:
                continue
            *outer, last = name.split(".")
            place = whole
            for part in outer:
                within = place.setdefault(part, {})
                if not isinstance(within, dict):
                    # Of the names, which are settings: no value is of a wrong type.
                    raise ValueError(f"the field {part!r} holds a value and fields at once")  # noqa: TRY004
                place = within
            place[last] = value
        return whole


class JsonGatewayTexter:
    """Posts to `url`, with `key` in the header `header`. The reference is the message's id, in the field of
    that meaning and as Idempotency-Key, so that a gateway can tell a repeated message from a new one."""

    def __init__(
        self,
        *,
        web: WebClient,
        url: str,
        header: str,
        key: str,
        sender: str | None,
        fields: JsonFields,
    ) -> None:
        self._web = web
        self._url = url
        self._headers = {"content-type": "application/json", "accept": "application/json"}
        if key:
            self._headers[header.lower()] = key
        self._sender = sender
        self._fields = fields

    async def send(self, text: Text) -> None:
        """See the port."""
        document = self._fields.document(
            {
                "to": text.to,
                "text": text.body,
                "from": self._sender or "",
                "reference": text.message_id,
            }
        )
        answer = await hand_over(
            self._web,
            url=self._url,
            headers={**self._headers, "idempotency-key": text.message_id},
            body=json.dumps(document, ensure_ascii=False).encode(),
            gateway="JSON",
        )
        if answer is not None:
            raise refused(answer)
