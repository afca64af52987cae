"""The page behind the link of an invitation: looking at it changes nothing, its button does."""

from starlette.responses import Response

from multiproduct.application.identity import AcceptInvitation
from multiproduct.application.notifications.links import INVITATION
from multiproduct.application.otp import LinkStanding
from multiproduct.bootstrap import Container
from multiproduct.domain.identity import InvitationInvalid, UsernameTaken
from multiproduct.domain.identity.passwords import MIN_LENGTH
from multiproduct.domain.shared import MultiproductError
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.page_forms import Field, button_link, paragraph
from multiproduct.entrypoints.http.page_writing import PageWriter, command_from
from multiproduct.entrypoints.http.routing import PathTable

_WORDS = "mail.identity.invitation"
_LONGEST_TOKEN = 128
_STATUS = {LinkStanding.USED: 410, LinkStanding.EXPIRED: 410, LinkStanding.UNKNOWN: 404}


class InvitationPages:
    """`/invitation/{token}`: a user name and a password, and the account is made."""

    def __init__(self, *, container: Container, writer: PageWriter) -> None:
        self._accepting = container.identity.invitation_accepting
        self._writer = writer

    def add_to(self, paths: PathTable) -> None:
        """Adds the paths."""
        paths.add("GET", f"{INVITATION}{{token}}", self._writer.guarded(self.show))
        paths.add("POST", f"{INVITATION}{{token}}", self._writer.guarded(self.accept))

    async def show(self, visit: Visit) -> Response:
        """A form, or what became of the link."""
        return await self._dead(visit) or self._form(visit, "")

    async def accept(self, visit: Visit) -> Response:
        """Consumes the invitation. A password or a name that will not do can be tried again."""
        form = await self._writer.sent(visit)
        wished = form.get("username", "")
        try:
            command = command_from(
                AcceptInvitation,
                token=_token(visit),
                username=wished or None,
                password=form.get("password", ""),
            )
            done = await self._accepting.accept(command, visit.caller())
        except InvitationInvalid as error:
            return await self._dead(visit) or self._writer.refusal(visit, error)
        except MultiproductError as error:
            return self._form(visit, wished, error)
        say = self._writer.text
        told = paragraph(say(visit, "page.your_username", username=done.user.username))
        next_step = button_link(
            self._writer.sign_in_address(visit), say(visit, "mail.identity.welcome.button")
        )
        return self._writer.page(visit, title=say(visit, "message.verified"), content=told + next_step)

    async def _dead(self, visit: Visit) -> Response | None:
        """A page that says what became of a link that is not good; None for one that is."""
        token = visit.request.path_params["token"]
        standing = LinkStanding.UNKNOWN
        if len(token) <= _LONGEST_TOKEN:
            standing = await self._accepting.standing(token, visit.caller())
        if standing is LinkStanding.GOOD:
            return None
        say = self._writer.text
        content = paragraph(say(visit, f"page.link_{standing.value}.detail"))
        content += self._writer.sign_in_link(visit)
        title = say(visit, f"page.link_{standing.value}.title")
        return self._writer.page(visit, title=title, content=content, status=_STATUS[standing])

    def _form(self, visit: Visit, wished: str, error: MultiproductError | None = None) -> Response:
        say = self._writer.text
        suggestions = error.suggestions if isinstance(error, UsernameTaken) else ()
        free = say(visit, "page.free_usernames", names=", ".join(suggestions)) if suggestions else ""
        username = Field(
            name="username",
            label=say(visit, "page.username"),
            kind="text",
            complete="username",
            value=wished,
            hint=free or say(visit, "field.invalid_username"),
        )
        password = Field(
            name="password",
            label=say(visit, "page.new_password"),
            kind="password",
            complete="new-password",
            hint=say(visit, "page.password_rules", min=MIN_LENGTH),
        )
        return self._writer.form(
            visit,
            title=say(visit, f"{_WORDS}.heading"),
            fields=(username, password),
            button=say(visit, f"{_WORDS}.button"),
            error=error,
        )


def _token(visit: Visit) -> str:
    token: str = visit.request.path_params["token"]
    if len(token) > _LONGEST_TOKEN:
        raise InvitationInvalid
    return token
