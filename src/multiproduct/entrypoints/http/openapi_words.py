"""What every field of the OpenAPI document means, and an example of each, by its name.

A name means the same wherever it stands; where it does not, `Schema.name` goes before `name`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
_SESSION_ID = "0199a4d5-0b52-7f3e-8c41-6d2e9b7a1f04"
_USER_ID = "7d9f0a52-4c1b-4e0e-8a65-0f1b2c3d4e5f"
_LINK_TOKEN = "AZmk0nwee5qfDjsfaiyNEJ3q0m1v5bq4a7W2k9XbQpY"  # noqa: S105 - made up
_REFRESH = "AWNhZmViYWJlAZmk1QtSfz6MQW0um3ofBAAAAAAr0m1v5bq4a7W2k9Xb"
_ACCESS = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI3ZDlmMGE1MiJ9.c2lnbmF0dXJl"
_FROM_OBJECT = object()


class Word(NamedTuple):
    """A field's meaning and example. Without one, the example is that of the schema it refers to."""

    description: str
    example: Any = _FROM_OBJECT

    @property
    def has_example(self) -> bool:
        return self.example is not _FROM_OBJECT


FIELDS: Mapping[str, Word] = {
    "access": Word("The access token, a signed JWT, for `Authorization: Bearer`.", _ACCESS),
    "active": Word("Always true: a token that is not good is refused.", example=True),
    "address": Word("The postal address; null for none."),
    "advance": Word("How far to move business time forward, as an ISO 8601 duration.", "P1D"),
    "available": Word("Whether the user name can be had.", example=False),
    "avatar": Word("Where the picture of the person is, or null.", None),
    "challenge_id": Word("Which code is meant: the id that asking for it was answered with.", _ID),
    "channel": Word("How it travelled: `email` or `sms`.", "email"),
    "city": Word("Town or city.", "Malibu"),
    "code": Word("What went wrong. Stable: decide by it.", "required"),
    "column": Word("The place in the line, counted from 1 in characters.", 19),
    "country": Word("ISO 3166-1 alpha-2 code, or empty.", "US"),
    "created_at": Word("When it came to be (RFC 3339, UTC).", "2026-11-21T06:30:00Z"),
    "date_of_birth": Word("`YYYY-MM-DD`, or null.", "1970-05-29"),
    "detail": Word("What a person can be told about it, in the language of the answer."),
    "email": Word("E-mail address.", "tony@stark.com"),
    "errors": Word("Everything that is wrong with the input, field by field."),
    "expected": Word("What should stand at that place of the JSON."),
    "expires_at": Word("Until when it is good (RFC 3339, UTC).", "2026-11-21T06:40:00Z"),
    "expires_in": Word("Lifetime of the access token in seconds.", 600),
    "field": Word("A dotted path, in the names of the request.", "password"),
    "first_name": Word("Given name.", "Tony"),
    "gender": Word("`female`, `male`, `other` or `undisclosed`; null where nothing was said.", None),
    "html": Word("The mail as HTML; empty for a short message.", "<p>Your code is 305182.</p>"),
    "id": Word("The user's id.", _USER_ID),
    "identifier": Word("E-mail address, user name or telephone number.", "tony@stark.com"),
    "is_active": Word("Whether the account may be used.", example=True),
    "is_email_verified": Word("Whether the e-mail address was proved.", example=True),
    "is_phone_verified": Word("Whether the telephone number was proved.", example=False),
    "is_staff": Word("A read-only view of the roles: administrators.", example=False),
    "is_superuser": Word("A read-only view of the roles: administrators.", example=False),
    "items": Word("The messages, the newest first."),
    "keys": Word(
        "JSON Web Keys (RFC 7517).",
        [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "1f0c", "x": "11qYAYKxCrfVS"}],
    ),
    "last_login": Word("When the person signed in last, or null.", "2026-11-21T06:31:00Z"),
    "last_name": Word("Family name.", "Stark"),
    "limit": Word("How many at most.", 50),
    "line": Word("The line, counted from 1.", 1),
    "line1": Word("Street and number.", "10880 Malibu Point"),
    "line2": Word("Further part of the address.", ""),
    "locale": Word("Language of messages, a BCP 47 tag that there is a catalogue for.", "en"),
    "message": Word("What a person can be told.", "Your password has been changed."),
    "new_password": Word(
        "8 characters to 1,024 bytes, neither common nor made of the account's own words.",
        "correct horse battery staple",
    ),
    "next_cursor": Word("Where the next page begins; null at the end.", None),
    "now": Word("Business time.", "2026-11-22T06:30:00Z"),
    "offset": Word("How far it is ahead of real time, as an ISO 8601 duration.", "P1D"),
    "otp": Word("The code of the message. Spaces and hyphens are passed over.", "305182"),
    "password": Word("The password.", "correct horse battery staple"),
    "phone": Word("Telephone number, best with `+` and country code.", "+886912345678"),
    "postal_code": Word("Postal code.", "90265"),
    "reason": Word(
        "Why it cannot be had: `username_taken`, or the rule it breaks; else null.", "username_taken"
    ),
    "refresh": Word("The refresh token. Each is good once.", _REFRESH),
    "region": Word("State, province or county.", "CA"),
    "resend_after": Word("Seconds after which a newer code may be asked for.", 30),
    "retry_after": Word("Seconds to wait, the same as in `Retry-After`."),
    "roles": Word("Names of the roles.", ["standard_user"]),
    "session_id": Word("The session's id.", _SESSION_ID),
    "status": Word("The status of the answer."),
    "subject": Word("Subject of the mail; empty for a short message.", "Your code"),
    "suggestions": Word(
        "User names that are free.", ["tony.official", "official_tony", "tony_42", "tony.s1"]
    ),
    "text": Word("The message as plain text.", "Your code is 305182."),
    "time_zone": Word("A name of the IANA time zone database.", "America/Los_Angeles"),
    "title": Word("A short name of what went wrong, in the language of the answer."),
    "to": Word("Whom it went to.", "tony@stark.com"),
    "token": Word("The link token of the mail, in place of a code.", _LINK_TOKEN),
    "token_type": Word("How the access token is shown.", "Bearer"),
    "type": Word("The foremost role.", "standard_user"),
    "updated_at": Word("When it changed last (RFC 3339, UTC).", "2026-11-21T06:31:00Z"),
    "user": Word("The person."),
    "user_id": Word("Whose it is.", _USER_ID),
    "username": Word("User name: 3 to 30 letters and digits, with single `.`, `_` or `-` inside.", "tony.s"),
    "username_changeable": Word("Whether the name was generated and can be changed once.", example=False),
    # Where a name means something else.
    "CodeSentAnswer.message": Word(
        "What a person can be told.", "Check your messages: if the address is right, a code is on its way."
    ),
    "RegisteredAnswer.message": Word("What a person can be told.", "You are verified."),
    "Availability.username": Word("The name that was asked about.", "tony"),
    "AvailabilityAnswer.username": Word("The name that was asked about.", "tony"),
    "AvailabilityAnswer.message": Word("What a person can be told.", "This username is already taken."),
    "CheckUsername.username": Word("The name to ask about.", "tony"),
    "FieldProblem.message": Word("What a person can be told.", "This is required."),
    "Problem.code": Word("What went wrong. Stable: decide by it."),
    "Problem.suggestions": Word("With `username_taken`: user names that are free."),
    "Problem.type": Word("A URN that ends in `code`."),
    "Problem.line": Word("With `malformed` JSON: the line at which it breaks off, counted from 1."),
    "Problem.column": Word("With `malformed` JSON: the place in the line, counted from 1 in characters."),
    "ReadMailbox.to": Word("Only what was sent to this address or number.", "tony@stark.com"),
    "SignInWithPassword.username": Word("User name.", "tony.s"),
    "SignOut.refresh": Word(
        "The refresh token of the session to end; without it, that of the bearer.", _REFRESH
    ),
    "StartRegistration.locale": Word("Language of messages; without it, that of the request.", "en"),
    "StartRegistration.password": Word(
        "Needed with an e-mail address. 8 characters to 1,024 bytes, neither common nor made of the "
        "account's own words.",
        "correct horse battery staple",
    ),
    "StartRegistration.username": Word(
        "Without it a free one is generated, which can be changed once.", "tony.s"
    ),
    "VerifyRegistration.username": Word(
        "Takes the place of a wished name that was taken meanwhile.", "tony.s"
    ),
    "VerifyToken.token": Word("An access token.", _ACCESS),
}

EXAMPLE_FIELDS: Mapping[str, Sequence[str]] = {
    "ConfirmPasswordReset": ("challenge_id", "otp", "new_password"),
    "RequestPasswordReset": ("email",),
    "RequestSignInCode": ("email",),
    "ResendCode": ("challenge_id",),
    "SignInWithCode": ("challenge_id", "otp"),
    "SignInWithPassword": ("identifier", "password"),
    "StartRegistration": ("email", "password", "username", "first_name", "last_name", "time_zone"),
    "UpdateProfile": ("first_name", "last_name", "date_of_birth", "address", "time_zone"),
    "VerifyRegistration": ("challenge_id", "otp"),
}
"""The fields that an example shows, where it does not show all."""
