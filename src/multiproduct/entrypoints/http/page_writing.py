"""What the pages for people have in common: their wording, their errors, and where they lead."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from multiproduct.application.notifications.links import RESET_PASSWORD, SIGN_IN
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import MultiproductError, Unavailable
from multiproduct.entrypoints.http.documents import read_document
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.page_forms import Field, form, link, paragraph
from multiproduct.entrypoints.http.page_layout import page
from multiproduct.entrypoints.http.problems import invalid_input, problem_document, problem_response

_MAX_FORM_BYTES = 16_384
_SIGN_IN_WORDS = "mail.identity.welcome.button"

PageResponder = Callable[[Visit], Awaitable[Response]]


class PageWriter:
    """Writes pages in the visitor's language, under the name of the brand."""

    def __init__(self, *, container: Container) -> None:
        self._container = container
        self._brand = container.brand

    def guarded(self, responder: PageResponder) -> PageResponder:
        """The responder, whose errors are pages too."""

        async def answer(visit: Visit) -> Response:
            try:
                return await responder(visit)
            except MultiproductError as error:
                return self.refusal(visit, error)
            except TransientFailure:
                return self.refusal(visit, Unavailable(what="database"))

        return answer

    async def sent(self, visit: Visit) -> dict[str, str]:
        """The fields of a form that was posted."""
        max_bytes = min(_MAX_FORM_BYTES, self._container.settings.max_body_bytes)
        sent = await read_document(visit.request, max_bytes=max_bytes, takes_forms=True)
        return {name: value for name, value in sent.document.items() if isinstance(value, str)}

    def text(self, visit: Visit, key: str, **params: str | int) -> str:
        """The message in the visitor's language."""
        return self._container.translator.text(
            key, locale=visit.locale, params={"brand": self._brand.name, **params}
        )

    def page(self, visit: Visit, *, title: str, content: str, status: int = 200) -> Response:
        """A page. `content` is HTML, `title` text."""
        return page(brand=self._brand, locale=visit.locale, title=title, content=content, status=status)

    def form(
        self,
        visit: Visit,
        *,
        title: str,
        fields: Sequence[Field],
        button: str,
        intro: str = "",
        outro: str = "",
        error: MultiproductError | None = None,
    ) -> Response:
        """A page with a form, after an error with what was wrong beside the fields. `intro` and `outro` are
        HTML."""
        if error is None:
            return self.page(visit, title=title, content=intro + form(fields=fields, button=button) + outro)
        found = self._sentences(visit, error)
        marked = [replace(field, wrong=found.pop(field.name, ())) for field in fields]
        rest = [sentence for sentences in found.values() for sentence in sentences]
        content = intro + form(fields=marked, button=button, wrong=rest) + outro
        return self._refused(visit, error, title=title, content=content)

    def refusal(self, visit: Visit, error: MultiproductError) -> Response:
        """A page that says what went wrong, and nothing to fill in."""
        problem = self._problem(visit, error)
        content = paragraph(problem["detail"]) + self.sign_in_link(visit)
        return self._refused(visit, error, title=problem["title"], content=content)

    def sign_in_link(self, visit: Visit) -> str:
        """Where people sign in, as HTML."""
        return link(self.sign_in_address(visit), self.text(visit, _SIGN_IN_WORDS))

    def sign_in_address(self, visit: Visit) -> str:
        """The owner's page, else our own wherever the service is mounted."""
        return self._container.settings.sign_in_url or mounted(visit, SIGN_IN)

    def reset_address(self, visit: Visit) -> str:
        """The owner's page, else our own wherever the service is mounted."""
        return self._container.settings.reset_url or mounted(visit, RESET_PASSWORD)

    def _refused(self, visit: Visit, error: MultiproductError, *, title: str, content: str) -> Response:
        told = problem_response(error, locale=visit.locale, translator=self._container.translator)
        kept = {
            name: told.headers[name] for name in ("retry-after", "www-authenticate") if name in told.headers
        }
        return page(
            brand=self._brand,
            locale=visit.locale,
            title=title,
            content=content,
            status=told.status_code,
            headers=kept,
        )

    def _sentences(self, visit: Visit, error: MultiproductError) -> dict[str, Sequence[str]]:
        """What is wrong by the field it is about; under an empty name what is about none."""
        problem = self._problem(visit, error)
        found: dict[str, list[str]] = {}
        for each in problem.get("errors", ()):
            found.setdefault(each["field"], []).append(each["message"])
        return dict(found) or {"": [problem["title"], problem["detail"]]}

    def _problem(self, visit: Visit, error: MultiproductError) -> dict[str, Any]:
        return problem_document(error, locale=visit.locale, translator=self._container.translator)


def mounted(visit: Visit, path: str) -> str:
    """One of our own addresses, where the service is mounted."""
    root: str = visit.request.scope.get("root_path", "")
    return root + path


def command_from(kind: type[BaseModel], **fields: str | None) -> Any:
    """The command of a form's fields. Raises InvalidInput."""
    try:
        return kind(**fields)
    except ValidationError as error:
        raise invalid_input(error) from None
