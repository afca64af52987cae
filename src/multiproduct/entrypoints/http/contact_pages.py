"""The pages behind the links of a change of address: looking at one changes nothing, its button does."""

from starlette.responses import Response

from multiproduct.application.identity import ConfirmContactChange, StopContactChange
from multiproduct.application.notifications.links import CONFIRM_EMAIL, STOP_CHANGE
from multiproduct.application.otp import LinkStanding
from multiproduct.bootstrap import Container
from multiproduct.domain.identity import ContactKind
from multiproduct.domain.otp import InvalidCode, Purpose
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.page_forms import button_link, paragraph
from multiproduct.entrypoints.http.page_writing import PageWriter, command_from
from multiproduct.entrypoints.http.routing import PathTable

_WORDS = "mail.identity.code.email_change"
_STOP_BUTTON = "mail.identity.security.stop_button"
_LONGEST_TOKEN = 128
_STATUS = {LinkStanding.USED: 410, LinkStanding.EXPIRED: 410, LinkStanding.UNKNOWN: 404}


class ContactPages:
    """`/confirm-email/{token}` for whoever holds the new mailbox, `/stop-change/{token}` for whoever holds
    the old one."""

    def __init__(self, *, container: Container, writer: PageWriter) -> None:
        self._identity = container.identity
        self._writer = writer

    def add_to(self, paths: PathTable) -> None:
        """Adds the paths."""
        guarded = self._writer.guarded
        paths.add("GET", f"{CONFIRM_EMAIL}{{token}}", guarded(self.show_confirmation))
        paths.add("POST", f"{CONFIRM_EMAIL}{{token}}", guarded(self.confirm))
        paths.add("GET", f"{STOP_CHANGE}{{token}}", guarded(self.show_stop))
        paths.add("POST", f"{STOP_CHANGE}{{token}}", guarded(self.stop))

    async def show_confirmation(self, visit: Visit) -> Response:
        """A button that confirms, or what became of the link."""
        token = _token(visit)
        standing = await self._identity.links.standing(Purpose.EMAIL_CHANGE, token, visit.caller())
        say = self._writer.text
        if standing is not LinkStanding.GOOD:
            told = paragraph(say(visit, f"page.link_{standing.value}.detail"))
            title = say(visit, f"page.link_{standing.value}.title")
            content = told + self._writer.sign_in_link(visit)
            return self._writer.page(visit, title=title, content=content, status=_STATUS[standing])
        return self._writer.form(
            visit,
            title=say(visit, f"{_WORDS}.heading"),
            fields=(),
            button=say(visit, f"{_WORDS}.button"),
            outro=paragraph(say(visit, f"{_WORDS}.ignore")),
        )

    async def confirm(self, visit: Visit) -> Response:
        """Consumes the link."""
        command = command_from(ConfirmContactChange, token=_token(visit))
        await self._identity.contact_changes.confirm(ContactKind.EMAIL, command, visit.caller())
        say = self._writer.text
        told = paragraph(say(visit, "page.email_changed.detail")) + self._writer.sign_in_link(visit)
        return self._writer.page(visit, title=say(visit, "message.email_changed"), content=told)

    async def show_stop(self, visit: Visit) -> Response:
        """A button that stops the change."""
        say = self._writer.text
        return self._writer.form(
            visit,
            title=say(visit, "page.stop_change.title"),
            fields=(),
            button=say(visit, _STOP_BUTTON),
            intro=paragraph(say(visit, "page.stop_change.intro")),
        )

    async def stop(self, visit: Visit) -> Response:
        """Stops it, and shows where to set a new password."""
        command = command_from(StopContactChange, token=_token(visit))
        await self._identity.contact_changes.stop_by_token(command, visit.caller())
        say = self._writer.text
        reset = button_link(
            self._writer.reset_address(visit), say(visit, "mail.identity.account_exists.reset_button")
        )
        content = paragraph(say(visit, "page.stop_change.next")) + reset
        return self._writer.page(visit, title=say(visit, "message.change_stopped"), content=content)


def _token(visit: Visit) -> str:
    token: str = visit.request.path_params["token"]
    if len(token) > _LONGEST_TOKEN:
        raise InvalidCode
    return token
