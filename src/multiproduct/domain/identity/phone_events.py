"""What happens where telephones are texted. No event holds a number."""

from dataclasses import dataclass

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRequestRefused(Event):
    """A text to a telephone was asked for and not sent. `subject_key` is the number's pseudonym; `reason` is
    `country`, `costly_number` or `budget`; `country` is where the number is from, if anywhere."""

    NAME = "identity.text_request_refused"
    ACTION = Action.REFUSE
    RESOURCE = "text_request"
    CONCERNS_SECURITY = True

    subject_key: str
    reason: str
    country: str | None

    @property
    def resource_id(self) -> str:
        return self.subject_key


PHONE_EVENTS: tuple[type[Event], ...] = (TextRequestRefused,)
