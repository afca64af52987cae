"""Whether the service runs and whether it can serve; never counted and never cached."""

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from multiproduct.bootstrap import Container
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.routing import PathTable

_ESSENTIAL = ("database", "migrations")
_NO_STORE = {"cache-control": "no-store"}


class Health:
    """`/livez` asks the loop only, `/readyz` and `/health/` ask every part."""

    def __init__(self, *, container: Container) -> None:
        self._container = container

    def add_to(self, paths: PathTable) -> None:
        """Adds the paths."""
        paths.add("GET", "/livez", self.live)
        paths.add("GET", "/readyz", self.ready)
        paths.add("GET", "/health/", self.ready)

    async def live(self, _visit: Visit) -> Response:
        """200 as long as the loop turns."""
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)

    async def ready(self, _visit: Visit) -> Response:
        """200, or 503 while the database or its migrations are missing. Other parts are only told."""
        parts = await self._container.health()
        is_ready = all(parts.get(name) == "ok" for name in _ESSENTIAL)
        return JSONResponse(
            {"status": _status(parts, is_ready=is_ready), "parts": parts},
            status_code=200 if is_ready else 503,
            headers=_NO_STORE if is_ready else {**_NO_STORE, "retry-after": "5"},
        )


def _status(parts: Mapping[str, str], *, is_ready: bool) -> str:
    if not is_ready:
        return "unavailable"
    is_degraded = any(state.startswith("unavailable") for state in parts.values())
    return "degraded" if is_degraded else "ok"
