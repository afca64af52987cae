"""The pages behind the links in mails: looking at one changes nothing, its button does."""

from html import escape
from typing import Any

from pydantic import ValidationError
from starlette.responses import Response

from multiproduct.application.identity import ConfirmPasswordReset, VerifyRegistration
from multiproduct.bootstrap import Container
from multiproduct.domain.identity import UsernameTaken
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import FieldProblem, InvalidInput, MultiproductError
from multiproduct.entrypoints.http.documents import read_document
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.page_layout import page
from multiproduct.entrypoints.http.problems import problem_document
from multiproduct.entrypoints.http.routing import PathTable

_REGISTRATION = "mail.identity.code.registration"
_PASSWORD_RESET = "mail.identity.code.password_reset"  # noqa: S105 - a translation key
_MAX_FORM_BYTES = 16_384


class LinkPages:
    """`/verify-email/{token}` and `/reset-password/{token}`, worded as their mails are."""

    def __init__(self, *, container: Container) -> None:
        self._container = container
        self._brand = container.settings.brand_name

    def add_to(self, paths: PathTable) -> None:
        """Adds the paths."""
        paths.add("GET", "/verify-email/{token}", self.show_verification)
        paths.add("POST", "/verify-email/{token}", self.verify)
        paths.add("GET", "/reset-password/{token}", self.show_reset)
        paths.add("POST", "/reset-password/{token}", self.reset)

    async def show_verification(self, visit: Visit) -> Response:
        """A button that verifies."""
        return self._form(visit, _REGISTRATION, "")

    async def verify(self, visit: Visit) -> Response:
        """Consumes the link. Where the wished user name was taken meanwhile, asks for another."""
        form = await self._sent(visit)
        try:
            command = _command(
                VerifyRegistration,
                token=visit.request.path_params["token"],
                username=form.get("username") or None,
            )
            await self._container.identity.registration.verify(command, visit.caller())
        except UsernameTaken as error:
            field = _field("username", self._text(visit, "page.username"), kind="text")
            return self._form(visit, _REGISTRATION, self._what_is_wrong(visit, error) + field, error)
        except MultiproductError as error:
            return self._failure(visit, error)
        return self._done(visit, "message.verified")

    async def show_reset(self, visit: Visit) -> Response:
        """A field for the new password."""
        return self._form(visit, _PASSWORD_RESET, self._password_field(visit))

    async def reset(self, visit: Visit) -> Response:
        """Consumes the link and sets the password. One that is not good enough can be tried again."""
        form = await self._sent(visit)
        try:
            command = _command(
                ConfirmPasswordReset,
                token=visit.request.path_params["token"],
                new_password=form.get("new_password", ""),
            )
            await self._container.identity.password_reset.confirm(command, visit.caller())
        except InvalidInput as error:
            again = self._what_is_wrong(visit, error) + self._password_field(visit)
            return self._form(visit, _PASSWORD_RESET, again, error)
        except MultiproductError as error:
            return self._failure(visit, error)
        return self._done(visit, "message.password_changed")

    async def _sent(self, visit: Visit) -> dict[str, str]:
        max_bytes = min(_MAX_FORM_BYTES, self._container.settings.max_body_bytes)
        sent = await read_document(visit.request, max_bytes=max_bytes, takes_forms=True)
        return {name: value for name, value in sent.document.items() if isinstance(value, str)}

    def _form(
        self, visit: Visit, words: str, fields: str, error: MultiproductError | None = None
    ) -> Response:
        # Without an action a form is posted to the address that shows it, wherever the service is mounted.
        button = f"<button>{escape(self._text(visit, f'{words}.button'))}</button>"
        return page(
            brand=self._brand,
            locale=visit.locale,
            title=self._text(visit, f"{words}.heading"),
            content=f'<form method="post">{fields}{button}</form>',
            status=self._problem(visit, error)["status"] if error else 200,
        )

    def _done(self, visit: Visit, message: str) -> Response:
        return page(brand=self._brand, locale=visit.locale, title=self._text(visit, message), content="")

    def _failure(self, visit: Visit, error: MultiproductError) -> Response:
        problem = self._problem(visit, error)
        return page(
            brand=self._brand,
            locale=visit.locale,
            title=problem["title"],
            content=f"<p>{escape(problem['detail'])}</p>",
            status=problem["status"],
        )

    def _what_is_wrong(self, visit: Visit, error: MultiproductError) -> str:
        problem = self._problem(visit, error)
        sentences = [each["message"] for each in problem.get("errors", ())] or [problem["detail"]]
        if problem.get("suggestions"):
            sentences.append(", ".join(problem["suggestions"]))
        return "".join(f'<p class="wrong">{escape(sentence)}</p>' for sentence in sentences)

    def _password_field(self, visit: Visit) -> str:
        return _field("new_password", self._text(visit, "page.new_password"), kind="password")

    def _problem(self, visit: Visit, error: MultiproductError) -> dict[str, Any]:
        return problem_document(error, locale=visit.locale, translator=self._container.translator)

    def _text(self, visit: Visit, key: str) -> str:
        return self._container.translator.text(key, locale=visit.locale, params={"brand": self._brand})


def _command(kind: type[Any], *, token: str, **fields: str | None) -> Any:
    """The command, for a token that a mail may have; other tokens are wrong as a wrong code is."""
    try:
        return kind(token=token, **fields)
    except ValidationError as error:
        names = {str(each["loc"][0]) for each in error.errors(include_input=False)}
        if "token" in names:
            raise InvalidCode from None
        raise InvalidInput(*(FieldProblem(name, "invalid") for name in sorted(names))) from None


def _field(name: str, label: str, *, kind: str) -> str:
    complete = "new-password" if kind == "password" else "username"
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" autocomplete="{complete}" required>'
    )
