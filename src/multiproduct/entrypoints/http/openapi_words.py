"""What every field of the OpenAPI document means, and an example of each, by its name.

A name means the same wherever it stands; where it does not, `Schema.name` goes before `name`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from multiproduct.entrypoints.http import openapi_catalog
from multiproduct.entrypoints.http.openapi_words_billing import BILLING_EXAMPLES, BILLING_FIELDS
from multiproduct.entrypoints.http.openapi_words_payments import PAYMENT_EXAMPLES, PAYMENT_FIELDS
from multiproduct.entrypoints.http.openapi_words_subscriptions import (
    SUBSCRIPTION_EXAMPLES,
    SUBSCRIPTION_FIELDS,
)

_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
_SESSION_ID = "0199a4d5-0b52-7f3e-8c41-6d2e9b7a1f04"
_USER_ID = "7d9f0a52-4c1b-4e0e-8a65-0f1b2c3d4e5f"
_LINK_TOKEN = "AZmk0nwee5qfDjsfaiyNEJ3q0m1v5bq4a7W2k9XbQpY"  # noqa: S105 - made up
_REFRESH = "AWNhZmViYWJlAZmk1QtSfz6MQW0um3ofBAAAAAAr0m1v5bq4a7W2k9Xb"
_ACCESS = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI3ZDlmMGE1MiJ9.c2lnbmF0dXJl"
_MFA_TOKEN = "AWNhZmViYWJlAZmk1QtSfz6MQW0um3ofBK9tb-Wm6uGu1tpPV20K"  # noqa: S105 - made up
_FROM_OBJECT = object()


class Word(NamedTuple):
    """A field's meaning and example. Without one, the example is that of the schema it refers to."""

    description: str
    example: Any = _FROM_OBJECT

    @property
    def has_example(self) -> bool:
        return self.example is not _FROM_OBJECT


FIELDS: Mapping[str, Word] = {
    "confirm_until": Word("Until when it can be confirmed (RFC 3339, UTC).", "2026-11-21T06:45:00Z"),
    "confirmed_at": Word("When it was confirmed (RFC 3339, UTC).", "2026-11-21T06:31:00Z"),
    "factor": Word("The authenticator app."),
    "factor_id": Word("The id of the authenticator app.", _ID),
    "method": Word("The kind of second factor: `totp`, `passkey`, `sms` or `recovery_code`.", "totp"),
    "methods": Word("The kinds of proof that would do.", ["totp", "recovery_code"]),
    "mfa_required": Word("Always true: nobody is signed in yet.", example=True),
    "mfa_token": Word("Continues the sign-in, once and for 5 minutes.", _MFA_TOKEN),
    "qr_png": Word("The address as a QR code: a PNG image in base64.", "iVBORw0KGgo="),
    "qr_svg": Word("The address as a QR code: an SVG document.", '<svg xmlns="http://www.w3.org/2000/svg"/>'),
    "recent_until": Word("Until when the session counts as recently proved.", "2026-11-21T06:36:00Z"),
    "recovery_codes": Word(
        "Recovery codes, each good once; shown this once.", ["7KQ2-M4XB-9ZTR-0C5H-WJ8D-3VNF"]
    ),
    "recovery_codes_left": Word("How many recovery codes are unused.", 10),
    "secret": Word("The secret in base32, to be typed into an app.", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
    "totp": Word("Authenticator apps, confirmed ones."),
    "uri": Word(
        "What an app reads from the QR code.",
        "otpauth://totp/STARK:tony%40stark.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=STARK",
    ),
    "CompleteSignIn.code": Word("A code of the app, or a recovery code.", "492817"),
    "ConfirmTotp.code": Word("The code that the app shows.", "492817"),
    "FactorView.id": Word("The id of the authenticator app.", _ID),
    "RemoveTotp.code": Word("A code of an app, or a recovery code.", "492817"),
    "SecondFactorRequired.expires_in": Word("Seconds for which the sign-in waits.", 300),
    "StepUp.code": Word("A code of the app, or a recovery code.", "492817"),
    "SteppedUpAnswer.methods": Word(
        "How the person proved who they are in this session (RFC 8176).", ["pwd", "otp", "mfa"]
    ),
    "StepUpMethods.methods": Word(
        "`password`, kinds of second factors, or `otp` for a code of `step-up/code`.", ["password", "totp"]
    ),
    "Problem.methods": Word("With `step_up_required`: the kinds of proof that would do."),
    "access": Word("The access token, a signed JWT, for `Authorization: Bearer`.", _ACCESS),
    "active": Word("Always true: a token that is not good is refused.", example=True),
    "address": Word("The postal address; null for none."),
    "advance": Word("How far to move business time forward, as an ISO 8601 duration.", "P1D"),
    "available": Word("Whether the user name can be had.", example=False),
    "avatar": Word("Where the picture of the person is, or null.", None),
    "challenge": Word(
        "32 random bytes, URL-safe base64 without padding.", "K1ZKpvFZ2dYVZ5lqkq0XyEJ0Zk6mQJm3xTn0u8mVYb4"
    ),
    "challenge_id": Word("Which code is meant: the id that asking for it was answered with.", _ID),
    "channel": Word("How it travelled: `email` or `sms`.", "email"),
    "city": Word("Town or city.", "Malibu"),
    "code": Word("What went wrong. Stable: decide by it.", "required"),
    "column": Word("The place in the line, counted from 1 in characters.", 19),
    "country": Word("ISO 3166-1 alpha-2 code, or empty.", "US"),
    "created_at": Word("When it came to be (RFC 3339, UTC).", "2026-11-21T06:30:00Z"),
    "credential": Word(
        "What `PublicKeyCredential.toJSON()` gives.",
        {"id": "o2FkZ", "rawId": "o2FkZ", "type": "public-key", "response": {}},
    ),
    "current_password": Word("The password that the account has.", "correct horse battery staple"),
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
    "is_locked": Word("Whether five wrong signatures in a row locked it.", example=False),
    "is_phone_verified": Word("Whether the telephone number was proved.", example=False),
    "is_staff": Word("A read-only view of the roles: administrators.", example=False),
    "is_superuser": Word("A read-only view of the roles: administrators.", example=False),
    "is_suspended": Word("Whether it was copied, so that it lets nobody in.", example=False),
    "is_synced": Word("Whether it is synchronised between devices.", example=True),
    "items": Word("The messages, the newest first."),
    "key_id": Word("SHA-256 of the public key in hexadecimal digits.", "9f" * 32),
    "keys": Word(
        "JSON Web Keys (RFC 7517).",
        [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "1f0c", "x": "11qYAYKxCrfVS"}],
    ),
    "last_login": Word("When the person signed in last, or null.", "2026-11-21T06:31:00Z"),
    "last_name": Word("Family name.", "Stark"),
    "last_used_at": Word("When it was used last, or null.", "2026-11-21T06:31:00Z"),
    "limit": Word("How many at most.", 50),
    "line": Word("The line, counted from 1.", 1),
    "line1": Word("Street and number.", "10880 Malibu Point"),
    "line2": Word("Further part of the address.", ""),
    "locale": Word("Language of messages, a BCP 47 tag that there is a catalogue for.", "en"),
    "message": Word("What a person can be told.", "Your password has been changed."),
    "name": Word("What its owner calls it.", "Telephone"),
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
    "public_key": Word(
        "The options for `navigator.credentials`, as JSON.",
        {"challenge": "K1ZKpvFZ2dYVZ5lqkq0XyEJ0Zk6mQJm3xTn0u8mVYb4", "rpId": "shop.example"},
    ),
    "purpose": Word("What the signature is good for; a part of what is signed.", "device-key.sign-in"),
    "reason": Word(
        "Why it cannot be had: `username_taken`, or the rule it breaks; else null.", "username_taken"
    ),
    "refresh": Word("The refresh token. Each is good once.", _REFRESH),
    "region": Word("State, province or county.", "CA"),
    "resend_after": Word("Seconds after which a newer code may be asked for.", 30),
    "retry_after": Word("Seconds to wait, the same as in `Retry-After`."),
    "roles": Word("Names of the roles.", ["standard_user"]),
    "rp": Word("As whom the service speaks to devices; a part of what is signed.", "shop.example"),
    "session_id": Word("The session's id.", _SESSION_ID),
    "signature": Word("ECDSA on P-256 with SHA-256, ASN.1 DER, URL-safe base64.", "MEUCIQDx"),
    "signs_in_alone": Word("Whether it lets its owner in with nothing else.", example=True),
    "status": Word("The status of the answer."),
    "storage": Word("Where the device says that it keeps the key.", "hardware"),
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
    "user_verification": Word("What the device says it asks of the person before it signs.", "platform"),
    "username": Word("User name: 3 to 30 letters and digits, with single `.`, `_` or `-` inside.", "tony.s"),
    "username_changeable": Word("Whether the name was generated and can be changed once.", example=False),
    # Social sign-in.
    "access_token": Word("An access token of the provider; Facebook's alone are taken.", None),
    "id_token": Word("An ID token of the provider (OpenID Connect), meant for this installation.", _ACCESS),
    "iss": Word("Who sends the browser back (RFC 9207).", "https://accounts.google.com"),
    "linked_at": Word("When it was linked (RFC 3339, UTC).", "2026-11-21T06:30:00Z"),
    "mail_arrives": Word("False where Apple says that mail to its relay address is off.", example=True),
    "nonce": Word("What the ID token was asked for with.", _LINK_TOKEN),
    "payload": Word("A token signed by Apple, whose claim `events` says what happened.", _ACCESS),
    "provider": Word("`google`, `apple` or `facebook`.", "google"),
    "redirect_uri": Word(
        "A page of one's own that is permitted by the settings; without it the service's own address.", None
    ),
    "url": Word("Where to send the browser.", "https://accounts.google.com/o/oauth2/v2/auth?state=Yq3"),
    "account_id": Word("Which linked account.", _ID),
    "SessionList.items": Word("The live sessions, those seen last first."),
    "SessionView.created_at": Word(
        "When the person signed in there (RFC 3339, UTC).", "2026-11-20T18:02:11Z"
    ),
    "SessionView.device": Word("Program and system, as far as the program tells.", "Chrome on Windows"),
    "SessionView.expires_at": Word("When it ends by itself (RFC 3339, UTC).", "2026-12-21T06:31:00Z"),
    "SessionView.id": Word("The session's id.", _SESSION_ID),
    "SessionView.ip": Word("The address that the sign-in came from, or null.", "192.0.2.7"),
    "SessionView.is_current": Word("Whether it is the one that asks.", example=True),
    "SessionView.last_seen_at": Word(
        "When it was refreshed last, or begun (RFC 3339, UTC).", "2026-11-21T06:31:00Z"
    ),
    "SessionView.methods": Word("How the person proved who they are (RFC 8176).", ["pwd"]),
    "SessionView.name": Word("One's own name for the device, else that of the device.", "Workshop"),
    "SessionsEndedAnswer.ended": Word("How many sessions were ended.", 2),
    "SessionsEndedAnswer.message": Word("What a person can be told.", "These devices are signed out."),
    "RenameSession.name": Word(
        "One's own name for the device, at most 60 characters; null for none.", "Workshop"
    ),
    "ReadAvatar.size": Word("`large` (512 pixels wide and high) or `small` (128).", "small"),
    "StopContactChange.token": Word("The token of the notice to the old address.", _LINK_TOKEN),
    "SocialAccountList.items": Word("Every linked account, the oldest link first."),
    "SocialAccountView.id": Word("The link's id.", _ID),
    "SocialAccountView.email": Word("The address that the provider told, or null.", "tony@stark.com"),
    "SocialAccountView.last_used_at": Word("When it was used last.", "2026-11-21T06:31:00Z"),
    "SocialCallback.code": Word("The authorisation code.", "4_0AeanS0"),
    "SocialCallback.error": Word("Why the provider sent the browser back without a code.", None),
    "SocialCallback.state": Word("What the browser was sent away with.", _LINK_TOKEN),
    "SocialCallback.user": Word("Apple's JSON with the names, the first time.", None),
    "SocialProof.first_name": Word("Given name, for a new account.", "Tony"),
    "SocialProof.last_name": Word("Family name, for a new account.", "Stark"),
    "SocialProof.nonce": Word("The nonce from here that the ID token bears.", None),
    "SocialToken.nonce": Word("The nonce from here that the ID token bears.", None),
    # Where a name means something else.
    "EnrolDeviceKey.public_key": Word(
        "SubjectPublicKeyInfo of P-256 with its point uncompressed, URL-safe base64.",
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
    ),
    "PasskeyList.items": Word("The passkeys, the oldest first."),
    "DeviceKeyList.items": Word("The device keys, the oldest first."),
    "PasskeyView.id": Word("The passkey's id.", _ID),
    "NewPasskey.id": Word("The passkey's id.", _ID),
    "DeviceKeyView.id": Word("The device key's id.", _ID),
    "DeviceKeyChallenge.challenge_id": Word("Which challenge is answered.", _ID),
    "PasskeyOptions.challenge_id": Word("Which challenge is answered.", _ID),
    "ChangePassword.new_password": Word(
        "8 characters to 1,024 bytes, neither common nor made of the account's own words.",
        "a paper boat under the bridge",
    ),
    "CodeSentAnswer.message": Word(
        "What a person can be told.", "Check your messages: if the address is right, a code is on its way."
    ),
    "RegisteredAnswer.message": Word("What a person can be told.", "You are verified."),
    "Availability.username": Word("The name that was asked about.", "tony"),
    "AvailabilityAnswer.username": Word("The name that was asked about.", "tony"),
    "AvailabilityAnswer.message": Word("What a person can be told.", "This username is already taken."),
    "CheckUsername.username": Word("The name to ask about.", "tony"),
    "AcceptInvitation.token": Word("The link token of the invitation's mail.", _LINK_TOKEN),
    "FieldProblem.message": Word("What a person can be told.", "This is required."),
    "Problem.code": Word("What went wrong. Stable: decide by it."),
    "Problem.reason": Word("Of a conflict, where there are several: which. Stable, as `code` is."),
    "Problem.suggestions": Word("With `username_taken`: user names that are free."),
    "Problem.type": Word("A URN that ends in `code`."),
    "Problem.line": Word("With `malformed` JSON: the line at which it breaks off, counted from 1."),
    "Problem.column": Word("With `malformed` JSON: the place in the line, counted from 1 in characters."),
    "ReadMailbox.to": Word("Only what was sent to this address or number.", "tony@stark.com"),
    "RequestPhoneCode.phone": Word("Whose number is meant, best with `+` and country code.", "+886912345678"),
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
    "VerifyRegistration.new_password": Word(
        "A password in place of the one that was chosen at sign-up, for whoever does not know that one.",
        "a paper boat under the bridge",
    ),
    "VerifyRegistration.password": Word(
        "The password that was chosen at sign-up. Needed with `token`, or with an address in place of "
        "`challenge_id`, where others signed up with the same address; the registration with this password "
        "is the one that is proved.",
        "correct horse battery staple",
    ),
    "VerifyRegistration.username": Word(
        "Takes the place of a wished name that was taken meanwhile.", "tony.s"
    ),
    "VerifyToken.token": Word("An access token.", _ACCESS),
    "AuditEntryView.id": Word("The id of the entry.", _ID),
    "AuditEntryView.created_at": Word("When it happened (RFC 3339, UTC).", "2026-11-21T06:31:00Z"),
    "AuditEntryView.description": Word("What happened, in the language of the answer.", "A session began."),
    "AuditEntryView.user_id": Word("Whom it is about, or null.", _USER_ID),
    "AuditEntryView.actor_id": Word("Who did it; null for the system and for strangers.", _USER_ID),
    "AuditEntryView.changes": Word("Fields that changed; secrets never stand here."),
    "AuditEntryView.metadata": Word("Anything else that was noted.", {}),
    "AuditEntryView.user_agent": Word("What the client called itself, or null.", "Mozilla/5.0"),
    "AuditPage.items": Word("The entries, the newest first."),
    "ChangedField.field": Word("The name of the field.", "first_name"),
    "ReadAuditLog.user_id": Word("Only entries about this person.", _USER_ID),
    "ReadAuditLog.actor_id": Word("Only what this person did.", _USER_ID),
    "actor_type": Word("Who did it: `user`, `anonymous` or `system`.", "user"),
    "after": Word("The value since, or null.", "Tony"),
    "before": Word("The value until then, or null.", "Anthony"),
    "action": Word(
        "`create`, `read`, `update`, `delete`, `login`, `logout`, `payment`, `subscription` or `refuse`.",
        "login",
    ),
    "event": Word("The name of what happened. Stable: decide by it.", "identity.signed_in"),
    "ip_address": Word("The address it came from, or null.", "203.0.113.7"),
    "request_id": Word("The request it was done in, or null.", "0199a4d5-0b52-7f3e"),
    "resource_id": Word("The id of what it is about.", _SESSION_ID),
    "resource_type": Word("What sort of thing it is about.", "session"),
    "since": Word("Only from this moment on (RFC 3339).", "2026-11-20T00:00:00Z"),
    "until": Word("Only before this moment (RFC 3339).", "2026-11-22T00:00:00Z"),
    "sms": Word("Codes by text message, the weakest second factor; null where they are none."),
    "is_weak": Word("Always true: whoever takes the number over gets the codes.", example=True),
    "added_at": Word("When it was set up (RFC 3339, UTC).", "2026-11-21T06:31:00Z"),
    "SmsFactorView.phone": Word("The number, masked.", "+8869*****678"),
    "SmsFactorAddedAnswer.factor": Word("Where codes go."),
    "RemoveSmsFactor.code": Word("A texted code, a code of an app, or a recovery code.", "492817"),
    "kind": Word("A word of the installation's own.", "trade_licence"),
    "GiveConsent.kind": Word("Which text, in a word of the installation's own.", "terms"),
    "WithdrawConsent.kind": Word("Which text.", "terms"),
    "ConsentView.id": Word("The id of the line.", _ID),
    "ConsentView.kind": Word("Which text.", "terms"),
    "version": Word("The version of the text.", "2026-11"),
    "is_given": Word("Whether it was agreed to; false for a withdrawal.", example=True),
    "at": Word("When (RFC 3339, UTC).", "2026-11-21T06:31:00Z"),
    "source": Word("How: `sign_up`, `own_account` or `taken_over`.", "own_account"),
    "ip": Word("The address it came from, or null.", "203.0.113.7"),
    "standing": Word("What is agreed to now."),
    "log": Word("What was agreed to and withdrawn, the newest line first."),
    "consents": Word("What the person agrees to; at most 20.", [{"kind": "terms", "version": "2026-11"}]),
    "DocumentView.id": Word("The document's id.", _ID),
    "DocumentView.name": Word("What its owner calls it.", "Licence 2026"),
    "AnnounceDocument.name": Word("What its owner calls it.", "Licence 2026"),
    "DocumentList.items": Word("The documents, the newest first."),
    "DocumentView.state": Word(
        "`awaited` (its file has not come), `uploading`, `submitted`, `approved`, `rejected` or `expired`.",
        "approved",
    ),
    "content_type": Word("What its file is, or null.", "application/pdf"),
    "size": Word("Bytes of its file, or null.", 48_213),
    "scan": Word("What is known of malware: `clean`, or `not_scanned` without a scanner.", "not_scanned"),
    "submitted_at": Word("When its file came, or null.", "2026-11-21T06:31:00Z"),
    "reviewed_at": Word("When it was reviewed, or null.", "2026-11-21T08:00:00Z"),
    "valid_until": Word("When the approval ends, or null for never.", "2027-11-21T00:00:00Z"),
    "approve": Word("Whether the document is taken.", example=True),
    "ReviewDocument.reason": Word("Why it is rejected; its owner reads it.", "The second page is missing."),
    "DocumentView.reason": Word("Why it was rejected, or null.", None),
    "cursor": Word("`next_cursor` of the page before.", "WyIwMTk5YTRkMi03YzFlLTdiOWEiXQ"),
    **{name: Word(meaning, *example) for name, (meaning, example) in BILLING_FIELDS.items()},
    **{name: Word(meaning, *example) for name, (meaning, example) in SUBSCRIPTION_FIELDS.items()},
    **{name: Word(meaning, *example) for name, (meaning, example) in PAYMENT_FIELDS.items()},
}

EXAMPLE_FIELDS: Mapping[str, Sequence[str]] = {
    **openapi_catalog.EXAMPLE_FIELDS,
    "CompleteSignIn": ("mfa_token", "method", "code"),
    "ConfirmContactChange": ("challenge_id", "otp"),
    "RemoveSmsFactor": ("method", "code", "challenge_id"),
    "ReviewDocument": ("approve", "valid_until"),
    "RemoveTotp": ("factor_id", "method", "code"),
    "StepUp": ("password",),
    "AcceptInvitation": ("token", "password", "username"),
    "ChangeUser": ("first_name", "last_name", "locale"),
    "CreateUser": ("email", "first_name", "last_name"),
    "InviteUser": ("email", "first_name", "last_name"),
    "ReplaceBankDetails": ("holder", "iban", "bank_name"),
    "ConfirmPasswordReset": ("challenge_id", "otp", "new_password"),
    "RequestPasswordReset": ("email",),
    "RequestSignInCode": ("email",),
    "ResendCode": ("challenge_id",),
    "SignInWithCode": ("challenge_id", "otp"),
    "SocialCallback": ("state", "code", "iss"),
    "SocialProof": ("id_token",),
    "SocialToken": ("provider", "id_token"),
    "StartSocial": (),
    "SignInByPhone": ("challenge_id", "otp"),
    "SignInWithPassword": ("identifier", "password"),
    "StartRegistration": ("email", "password", "username", "first_name", "last_name", "time_zone"),
    "UpdateProfile": ("first_name", "last_name", "date_of_birth", "address", "time_zone"),
    "VerifyRegistration": ("challenge_id", "otp"),
    **BILLING_EXAMPLES,
    **SUBSCRIPTION_EXAMPLES,
    **PAYMENT_EXAMPLES,
}
"""The fields that an example shows, where it does not show all."""
