"""The OpenAPI document, the Redoc page over it, and the index; never counted."""

import asyncio
import hashlib
import json
from functools import partial
from html import escape
from importlib.util import find_spec
from pathlib import Path

from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from multiproduct.bootstrap import Container
from multiproduct.domain.shared import NotFound
from multiproduct.entrypoints.http.development import development_endpoints
from multiproduct.entrypoints.http.dialects import ALIASES
from multiproduct.entrypoints.http.endpoint_tables import ENDPOINTS
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.media_types import prefers
from multiproduct.entrypoints.http.page_layout import page
from multiproduct.entrypoints.http.problems import problem_document
from multiproduct.entrypoints.http.routing import PathTable

YAML_TYPE = "application/yaml"
_BUNDLE_PACKAGE = "drf_spectacular_sidecar"
_BUNDLE = "static/drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js"
_REDOC_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_REDOC_PAGE = (
    '<!doctype html><html lang="en" dir="ltr"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title></head>'
    '<body style="margin:0"><redoc spec-url="{root}/schema/?format=json"></redoc>'
    '<script src="{root}/static/redoc.js"></script></body></html>'
)


class Documentation:
    """`/`, `/schema/`, `/static/redoc.js` and `/api/v1/`. Nothing is fetched from anywhere else."""

    def __init__(self, *, container: Container) -> None:
        self._settings = container.settings
        self._brand = container.brand
        self._translator = container.translator
        self._written: dict[tuple[str, str], bytes] = {}

    def add_to(self, paths: PathTable) -> None:
        """Adds the paths."""
        paths.add("GET", "/", self.reader)
        paths.add("GET", "/schema/", self.schema)
        paths.add("GET", "/static/redoc.js", self.bundle)
        paths.add("GET", "/api/v1/", self.index)

    async def reader(self, visit: Visit) -> Response:
        """Redoc, or a plain list of the endpoints where its bundle is not installed."""
        if redoc_bundle() is None:
            return self._plain_list()
        root = escape(visit.request.scope.get("root_path", ""))
        html = _REDOC_PAGE.format(title=escape(f"{self._settings.brand_name} API"), root=root)
        return HTMLResponse(html, headers={"content-security-policy": _REDOC_POLICY})

    async def schema(self, visit: Visit) -> Response:
        """OpenAPI 3.1 as YAML, or as JSON where that is preferred."""
        request = visit.request
        wanted = request.query_params.get("format")
        is_json = wanted == "json" or (
            wanted is None and prefers(request.headers.get("accept"), "application/json", over=YAML_TYPE)
        )
        media_type = "application/json" if is_json else YAML_TYPE
        body = await self._document(media_type, request.scope.get("root_path", ""))
        headers = {"vary": "Accept", "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"'}
        return Response(body, media_type=media_type, headers=headers)

    async def bundle(self, _visit: Visit) -> Response:
        """Redoc's own script."""
        found = redoc_bundle()
        if found is None:
            raise NotFound
        headers = {"cache-control": "public, max-age=86400"}
        return FileResponse(found, media_type="text/javascript", headers=headers)

    async def index(self, visit: Visit) -> Response:
        """Where to go from here."""
        root = visit.request.scope.get("root_path", "")
        contexts: dict[str, dict[str, str]] = {}
        for endpoint in ENDPOINTS:
            if endpoint.path.startswith("/api/v1/"):
                context = contexts.setdefault(endpoint.path.split("/")[3], {})
                context.setdefault(endpoint.name, root + endpoint.path)
        links = {"documentation": f"{root}/", "schema": f"{root}/schema/", "health": f"{root}/health/"}
        return JSONResponse({"contexts": contexts, "links": links})

    async def _document(self, media_type: str, root: str) -> bytes:
        key = (media_type, root)
        if key not in self._written:
            # Loaded on first use, and off the loop: building and writing it takes a good part of a second.
            self._written[key] = await asyncio.to_thread(self._write, media_type, root)
        return self._written[key]

    def _write(self, media_type: str, root: str) -> bytes:
        from multiproduct.entrypoints.http.openapi import openapi_document  # noqa: PLC0415 - on first use

        document = openapi_document(
            title=f"{self._settings.brand_name} API",
            root=root,
            endpoints=(*ENDPOINTS, *development_endpoints(self._settings)),
            aliases=ALIASES,
            problem=partial(problem_document, locale="en", translator=self._translator),
        )
        if media_type != YAML_TYPE:
            return json.dumps(document, ensure_ascii=False).encode()
        import yaml  # noqa: PLC0415 - on first use

        dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # by libyaml in a tenth of the time
        written: str = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True)
        return written.encode()

    def _plain_list(self) -> Response:
        rows = [(each.method, each.path, each.summary) for each in ENDPOINTS]
        by_name = {each.name: each for each in ENDPOINTS}
        rows += [
            (by_name[name].method, alias.path, f"{alias.dialect}: {by_name[name].summary}")
            for alias in ALIASES
            for name in alias.endpoints
        ]
        cells = "".join(
            f"<tr><td>{method}</td><td>{escape(path)}</td><td>{escape(summary)}</td></tr>"
            for method, path, summary in rows
        )
        brand = self._brand
        return page(brand=brand, locale="en", title="API", content=f"<table>{cells}</table>", layout="wide")


def redoc_bundle() -> Path | None:
    """Redoc's script in the package that carries it, found without importing the package."""
    spec = find_spec(_BUNDLE_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        bundle = Path(folder) / _BUNDLE
        if bundle.is_file():
            return bundle
    return None
