"""Settings of text messages: which gateway takes them, and how many there may be."""

from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from multiproduct.application.throttling import TEXTS_A_DAY
from multiproduct.settings.declaring import setting


class TextingSettings(BaseSettings):
    """How telephones are texted."""

    sms_gateway: Literal["json", "twilio"] | None = setting(
        None,
        "SMS_GATEWAY",
        "how telephones are texted: json (any gateway that takes JSON) or twilio; without one, the "
        "development mailbox, or where mails are really sent, not at all",
    )
    sms_url: str | None = setting(
        None, "SMS_URL", "where the gateway takes messages; for twilio its own address by default"
    )
    sms_account: str | None = setting(None, "SMS_ACCOUNT", "the Account SID, for twilio")
    sms_key: SecretStr = setting(
        "", "SMS_KEY", "the auth token, for twilio; for json what the header named by SMS_HEADER holds"
    )
    sms_header: str = setting(
        "Authorization", "SMS_HEADER", "the header that a json gateway reads its key from"
    )
    sms_sender: str | None = setting(
        None, "SMS_SENDER", "the number or name that texts come from; for twilio also a messaging service"
    )
    sms_fields: str = setting(
        "",
        "SMS_FIELDS",
        "what a json gateway calls its fields: to=recipient,text=message.body,from=sender,reference=id; an "
        "empty name leaves the field out",
    )
    sms_countries: str = setting(
        "",
        "SMS_COUNTRIES",
        "ISO countries (two letters), separated by commas, whose numbers are texted; all when empty",
    )
    sms_a_day: int = setting(
        TEXTS_A_DAY, "SMS_A_DAY", "texts to everybody together in a UTC day, 0 to 10000000"
    )
