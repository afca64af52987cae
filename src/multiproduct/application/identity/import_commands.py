"""People as another system hands them over."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from multiproduct.application.identity.commands import Command, Phone, Text150, Text254
from multiproduct.application.identity.results import Result

MAX_ROWS = 500
_Short = Annotated[str, StringConstraints(max_length=64)]


class ImportedUser(Command):
    """One person. At least one of `email` and `phone` is needed; without `username` one is generated.

    `external_id` is what the other system knows the person by. `password_hash` is of a scheme that the
    password hasher takes. A moment without a time zone is UTC.
    """

    external_id: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    username: Text150 | None = None
    email: Text254 | None = None
    phone: Phone | None = None
    first_name: Text150 = ""
    last_name: Text150 = ""
    password_hash: Annotated[str, StringConstraints(max_length=512)] | None = Field(default=None, repr=False)
    email_verified: bool = False
    phone_verified: bool = False
    is_active: bool = True
    locale: _Short | None = None
    time_zone: _Short | None = None
    created_at: datetime | None = None


class ImportUsers(Command):
    """A batch of people. `source` names the system they come from; external ids are its own."""

    source: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    rows: Annotated[list[dict[str, Any]], Field(max_length=MAX_ROWS)] = Field(repr=False)


class RefusedRow(Result):
    """A row that was not imported. `row` counts from 0 within the batch; `problems` are `field: code`."""

    row: int
    problems: list[str]


class ImportReport(Result):
    """What became of a batch. `present` counts people who were here already."""

    imported: int
    present: int
    refused: list[RefusedRow]
