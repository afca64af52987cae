"""The page behind the link of commercial mails: looking changes nothing, one POST ends them (RFC 8058)."""

from starlette.responses import Response

from multiproduct.application.notifications.links import UNSUBSCRIBE
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import NotFound
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.page_forms import paragraph
from multiproduct.entrypoints.http.page_writing import PageWriter
from multiproduct.entrypoints.http.routing import PathTable

_LONGEST_TOKEN = 128


class UnsubscribePages:
    """`/unsubscribe/{token}`. A mail program posts `List-Unsubscribe=One-Click` there by itself, a person by
    the button; the body is not read, as neither says anything that the token does not."""

    def __init__(self, *, container: Container, writer: PageWriter) -> None:
        self._unsubscribing = container.notifications.unsubscribing
        self._writer = writer

    def add_to(self, paths: PathTable) -> None:
        """Adds the paths."""
        guarded = self._writer.guarded
        paths.add("GET", f"{UNSUBSCRIBE}{{token}}", guarded(self.show))
        paths.add("POST", f"{UNSUBSCRIBE}{{token}}", guarded(self.unsubscribe))

    async def show(self, visit: Visit) -> Response:
        """A button; no programs that look at links ahead of people unsubscribe them."""
        if not self._unsubscribing.knows(_token(visit)):
            raise NotFound
        say = self._writer.text
        return self._writer.form(
            visit,
            title=say(visit, "page.unsubscribe.title"),
            fields=(),
            button=say(visit, "page.unsubscribe.button"),
            intro=paragraph(say(visit, "page.unsubscribe.intro")),
        )

    async def unsubscribe(self, visit: Visit) -> Response:
        """Ends commercial mail."""
        await self._unsubscribing.run(_token(visit), visit.caller())
        say = self._writer.text
        content = paragraph(say(visit, "page.unsubscribe.back")) + self._writer.sign_in_link(visit)
        return self._writer.page(visit, title=say(visit, "page.unsubscribe.done"), content=content)


def _token(visit: Visit) -> str:
    token: str = visit.request.path_params["token"]
    if len(token) > _LONGEST_TOKEN:
        raise NotFound
    return token
