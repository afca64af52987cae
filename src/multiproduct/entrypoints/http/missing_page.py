"""What a browser sees where nothing is."""

from starlette.responses import Response

from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.media_types import prefers
from multiproduct.entrypoints.http.page_forms import paragraph
from multiproduct.entrypoints.http.page_writing import PageWriter


class MissingPage:
    """A small page in place of a problem document, for those who would rather have HTML."""

    def __init__(self, *, writer: PageWriter) -> None:
        self._writer = writer

    def answer(self, visit: Visit) -> Response | None:
        """The page, or None for whoever did not ask for one."""
        if not prefers(visit.request.headers.get("accept"), "text/html", over="application/json"):
            return None
        say = self._writer.text
        content = paragraph(say(visit, "page.not_found.detail")) + self._writer.sign_in_link(visit)
        return self._writer.page(visit, title=say(visit, "page.not_found.title"), content=content, status=404)
