"""The pages behind the links in mails: looking at one changes nothing, its button does."""

from starlette.responses import Response

from multiproduct.application.identity import ConfirmPasswordReset, VerifyRegistration
from multiproduct.application.notifications.links import SET_PASSWORD, VERIFY_EMAIL
from multiproduct.application.otp import LinkStanding
from multiproduct.bootstrap import Container
from multiproduct.domain.identity import UsernameTaken
from multiproduct.domain.identity.passwords import MIN_LENGTH
from multiproduct.domain.otp import InvalidCode, Purpose
from multiproduct.domain.shared import InvalidInput, MultiproductError
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.page_forms import Field, button_link, link, paragraph
from multiproduct.entrypoints.http.page_writing import PageWriter, command_from
from multiproduct.entrypoints.http.routing import PathTable

_WORDS = {
    Purpose.REGISTRATION: "mail.identity.code.registration",
    Purpose.PASSWORD_RESET: "mail.identity.code.password_reset",
}
_OTHER_PASSWORD = "?password=new"  # noqa: S105 - an address
_LONGEST_TOKEN = 128
_STATUS = {LinkStanding.USED: 410, LinkStanding.EXPIRED: 410, LinkStanding.UNKNOWN: 404}


class LinkPages:
    """`/verify-email/{token}` and `/reset-password/{token}`, worded as their mails are. A link that is no
    good any more is told before anybody types anything.

    Anybody can sign up with anybody's address. So verifying takes the password of the sign-up, or a new one
    with `?password=new`: a stranger's is never confirmed by a click."""

    def __init__(self, *, container: Container, writer: PageWriter) -> None:
        self._container = container
        self._identity = container.identity
        self._writer = writer

    def add_to(self, paths: PathTable) -> None:
        """Adds the paths."""
        guarded = self._writer.guarded
        paths.add("GET", f"{VERIFY_EMAIL}{{token}}", guarded(self.show_verification))
        paths.add("POST", f"{VERIFY_EMAIL}{{token}}", guarded(self.verify))
        paths.add("GET", f"{SET_PASSWORD}{{token}}", guarded(self.show_reset))
        paths.add("POST", f"{SET_PASSWORD}{{token}}", guarded(self.reset))

    async def show_verification(self, visit: Visit) -> Response:
        """A field for the password of the sign-up, and a button that verifies."""
        dead = await self._dead(visit, Purpose.REGISTRATION)
        return dead or self._verification_form(visit, await self._sign_up_password(visit))

    async def verify(self, visit: Visit) -> Response:
        """Consumes the link. Where the wished user name was taken meanwhile, asks for another."""
        form = await self._writer.sent(visit)
        wished = form.get("username", "")
        asked: tuple[Field, ...] = ()
        try:
            asked = await self._sign_up_password(visit)
            command = command_from(
                VerifyRegistration,
                token=_token(visit),
                username=wished or None,
                **{field.name: form.get(field.name, "") for field in asked},
            )
            done = await self._identity.registration.verify(command, visit.caller())
        except InvalidCode as error:
            return await self._refused(visit, Purpose.REGISTRATION, error)
        except UsernameTaken as error:
            field = self._username_field(visit, wished, error.suggestions)
            return self._verification_form(visit, (field, *asked), error)
        except InvalidInput as error:
            is_about_name = any(problem.field == "username" for problem in error.problems)
            named = (self._username_field(visit, wished, ()),) if wished or is_about_name else ()
            return self._verification_form(visit, (*named, *asked), error)
        told = self._writer.text(visit, "page.your_username", username=done.user.username)
        return self._done(visit, "message.verified", told)

    async def show_reset(self, visit: Visit) -> Response:
        """A field for the new password."""
        dead = await self._dead(visit, Purpose.PASSWORD_RESET)
        return dead or self._form(visit, Purpose.PASSWORD_RESET, self._password_field(visit))

    async def reset(self, visit: Visit) -> Response:
        """Consumes the link and sets the password. One that is not good enough can be tried again."""
        form = await self._writer.sent(visit)
        try:
            command = command_from(
                ConfirmPasswordReset, token=_token(visit), new_password=form.get("new_password", "")
            )
            await self._identity.password_reset.confirm(command, visit.caller())
        except InvalidCode as error:
            return await self._refused(visit, Purpose.PASSWORD_RESET, error)
        except InvalidInput as error:
            return self._form(visit, Purpose.PASSWORD_RESET, self._password_field(visit), error=error)
        return self._done(
            visit, "message.password_changed", self._writer.text(visit, "page.signed_out_everywhere")
        )

    async def _dead(self, visit: Visit, purpose: Purpose) -> Response | None:
        """A page that says what became of a link that is not good; None for one that is."""
        token = visit.request.path_params["token"]
        standing = LinkStanding.UNKNOWN
        if len(token) <= _LONGEST_TOKEN:
            standing = await self._identity.links.standing(purpose, token, visit.caller())
        if standing is LinkStanding.GOOD:
            return None
        say, title = self._writer.text, f"page.link_{standing.value}.title"
        content = paragraph(say(visit, f"page.link_{standing.value}.detail"))
        if purpose is Purpose.PASSWORD_RESET:
            content += button_link(self._writer.reset_address(visit), say(visit, "page.ask_again"))
            content += self._writer.sign_in_link(visit)
        else:
            content += self._writer.sign_in_link(visit)
            content += paragraph(say(visit, "page.sign_up_again"))
        return self._writer.page(visit, title=say(visit, title), content=content, status=_STATUS[standing])

    async def _refused(self, visit: Visit, purpose: Purpose, error: InvalidCode) -> Response:
        return await self._dead(visit, purpose) or self._writer.refusal(visit, error)

    async def _sign_up_password(self, visit: Visit) -> tuple[Field, ...]:
        """The field for a password, where the registration has one."""
        if not await self._identity.links.asks_password(_token(visit), visit.caller()):
            return ()
        if _chooses_new(visit):
            return (self._password_field(visit),)
        say = self._writer.text
        field = Field(
            name="password",
            label=say(visit, "page.password"),
            kind="password",
            complete="current-password",
            hint=say(visit, "page.sign_up_password"),
        )
        return (field,)

    def _verification_form(
        self, visit: Visit, fields: tuple[Field, ...], error: MultiproductError | None = None
    ) -> Response:
        is_asked = any(field.name == "password" for field in fields)
        other = link(_OTHER_PASSWORD, self._writer.text(visit, "page.other_password")) if is_asked else ""
        return self._form(visit, Purpose.REGISTRATION, *fields, outro=other, error=error)

    def _form(
        self,
        visit: Visit,
        purpose: Purpose,
        *fields: Field,
        outro: str = "",
        error: MultiproductError | None = None,
    ) -> Response:
        say, words = self._writer.text, _WORDS[purpose]
        return self._writer.form(
            visit,
            title=say(visit, f"{words}.heading"),
            fields=fields,
            button=say(visit, f"{words}.button"),
            outro=outro,
            error=error,
        )

    def _done(self, visit: Visit, message: str, told: str) -> Response:
        say = self._writer.text
        next_step = button_link(
            self._writer.sign_in_address(visit), say(visit, "mail.identity.welcome.button")
        )
        return self._writer.page(visit, title=say(visit, message), content=paragraph(told) + next_step)

    def _username_field(self, visit: Visit, value: str, suggestions: tuple[str, ...]) -> Field:
        say = self._writer.text
        free = say(visit, "page.free_usernames", names=", ".join(suggestions)) if suggestions else ""
        return Field(
            name="username",
            label=say(visit, "page.username"),
            kind="text",
            complete="username",
            value=value,
            hint=free or say(visit, "field.invalid_username"),
        )

    def _password_field(self, visit: Visit) -> Field:
        say = self._writer.text
        return Field(
            name="new_password",
            label=say(visit, "page.new_password"),
            kind="password",
            complete="new-password",
            hint=say(visit, "page.password_rules", min=MIN_LENGTH),
        )


def _chooses_new(visit: Visit) -> bool:
    return visit.request.query_params.get("password") == "new"


def _token(visit: Visit) -> str:
    token: str = visit.request.path_params["token"]
    if len(token) > _LONGEST_TOKEN:
        raise InvalidCode
    return token
