"""Where gateways call back: raw bytes, checked by the gateway's own adapter. Not for people, and so not in
the documentation."""

import json

from starlette.responses import Response

from multiproduct.application.payments.gateways import CallbackRequest
from multiproduct.bootstrap import Container
from multiproduct.domain.payments import CallbackRefused, UnknownGateway
from multiproduct.entrypoints.http.documents import read_body
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.routing import PathTable

PATH = "/api/v1/payments/callbacks/{gateway}"
MAX_BYTES = 1_000_000


class PaymentCallbacks:
    """A limit is taken only of what is not a gateway's: a callback whose signature is right is never
    refused."""

    def __init__(self, *, container: Container) -> None:
        self._container = container

    def add_to(self, paths: PathTable) -> None:
        """Adds the path."""
        paths.add("POST", PATH, self.receive)

    async def receive(self, visit: Visit) -> Response:
        """Takes a callback down. Raises CallbackRefused, UnknownGateway, BodyTooLarge, TooManyRequests."""
        request = visit.request
        body = await read_body(request, max_bytes=MAX_BYTES)
        headers = {name.lower(): value for name, value in request.headers.items()}
        caller = visit.caller()
        try:
            taken = await self._container.payments.callbacks.receive(
                request.path_params["gateway"], CallbackRequest(headers=headers, body=body), caller
            )
        except (CallbackRefused, UnknownGateway):
            await self._container.throttle.admit("default", caller)
            raise
        return Response(
            json.dumps(taken.model_dump(mode="json")),
            media_type="application/json",
            headers={"cache-control": "no-store"},
        )
