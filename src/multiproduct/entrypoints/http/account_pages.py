"""The pages where people find out whether their sign-in works, and ask for a mail to set a new password."""

from html import escape

from starlette.responses import RedirectResponse, Response

from multiproduct.application.identity import (
    RequestPasswordReset,
    SecondFactorRequired,
    SignInWithPassword,
    SignOut,
)
from multiproduct.application.notifications.links import RESET_PASSWORD, SIGN_IN
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import MultiproductError
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.page_forms import Field, link, paragraph
from multiproduct.entrypoints.http.page_writing import PageWriter, command_from
from multiproduct.entrypoints.http.routing import PathTable

_RESET_HEADING = "mail.identity.code.password_reset.heading"
_FORGOTTEN = "mail.identity.account_exists.forgotten"


class AccountPages:
    """`/account/sign-in/` and `/account/reset-password/`. Where the owner has own pages for these, they lead
    there."""

    def __init__(self, *, container: Container, writer: PageWriter) -> None:
        self._identity = container.identity
        self._settings = container.settings
        self._writer = writer

    def add_to(self, paths: PathTable) -> None:
        """Adds the paths."""
        guarded = self._writer.guarded
        paths.add("GET", SIGN_IN, guarded(self.show_sign_in))
        paths.add("POST", SIGN_IN, guarded(self.sign_in))
        paths.add("GET", RESET_PASSWORD, guarded(self.show_reset))
        paths.add("POST", RESET_PASSWORD, guarded(self.ask_for_reset))

    async def show_sign_in(self, visit: Visit) -> Response:
        """Where to sign in, and a form that tells whether name and password are right."""
        if self._settings.sign_in_url:
            return RedirectResponse(self._settings.sign_in_url, 302)
        return self._sign_in_form(visit, "")

    async def sign_in(self, visit: Visit) -> Response:
        """Signs in and out again: a page without cookies has nowhere to keep a session."""
        form = await self._writer.sent(visit)
        identifier = form.get("identifier", "")
        try:
            command = command_from(
                SignInWithPassword, identifier=identifier, password=form.get("password", "")
            )
            answer = await self._identity.sign_in.with_password(command, visit.caller())
        except MultiproductError as error:
            return self._sign_in_form(visit, identifier, error)
        say = self._writer.text
        if isinstance(answer, SecondFactorRequired):
            told = say(visit, "page.sign_in.second_factor")
        else:
            await self._identity.sessions.sign_out(SignOut(refresh=answer.refresh), visit.caller())
            told = say(visit, "page.sign_in.works.detail", username=answer.user.username)
        content = paragraph(told) + self._service_address(visit)
        return self._writer.page(visit, title=say(visit, "page.sign_in.works.title"), content=content)

    async def show_reset(self, visit: Visit) -> Response:
        """A field for the address."""
        if self._settings.reset_url:
            return RedirectResponse(self._settings.reset_url, 302)
        return self._reset_form(visit, "")

    async def ask_for_reset(self, visit: Visit) -> Response:
        """Has the mail sent, and says the same whether or not anybody has the address."""
        form = await self._writer.sent(visit)
        email = form.get("email", "")
        try:
            command = command_from(RequestPasswordReset, email=email)
            await self._identity.password_reset.request(command, visit.caller())
        except MultiproductError as error:
            return self._reset_form(visit, email, error)
        say = self._writer.text
        content = paragraph(say(visit, "message.reset_requested"))
        content += paragraph(say(visit, "page.reset.next", minutes=self._settings.otp_minutes))
        content += link(self._writer.reset_address(visit), say(visit, "page.ask_again"))
        return self._writer.page(visit, title=say(visit, "page.reset.sent"), content=content)

    def _sign_in_form(
        self, visit: Visit, identifier: str, error: MultiproductError | None = None
    ) -> Response:
        say = self._writer.text
        name = Field(
            name="identifier",
            label=say(visit, "page.identifier"),
            kind="text",
            complete="username",
            value=identifier,
        )
        password = Field(
            name="password",
            label=say(visit, "page.password"),
            kind="password",
            complete="current-password",
        )
        return self._writer.form(
            visit,
            title=say(visit, "page.sign_in.title"),
            intro=paragraph(say(visit, "page.sign_in.intro")),
            fields=(name, password),
            button=say(visit, "page.sign_in.button"),
            outro=link(self._writer.reset_address(visit), say(visit, _FORGOTTEN))
            + self._service_address(visit),
            error=error,
        )

    def _reset_form(self, visit: Visit, email: str, error: MultiproductError | None = None) -> Response:
        say = self._writer.text
        field = Field(
            name="email", label=say(visit, "page.email"), kind="email", complete="email", value=email
        )
        return self._writer.form(
            visit,
            title=say(visit, _RESET_HEADING),
            intro=paragraph(say(visit, "page.reset.intro")),
            fields=(field,),
            button=say(visit, "page.reset.button"),
            outro=self._writer.sign_in_link(visit),
            error=error,
        )

    def _service_address(self, visit: Visit) -> str:
        address = escape(self._settings.base_url)
        asked = escape(self._writer.text(visit, "page.service_address"))
        return f'<p class="hint">{asked} <code dir="ltr">{address}</code></p>'
