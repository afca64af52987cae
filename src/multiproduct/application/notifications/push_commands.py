"""What may be asked about devices that notifications are pushed to, checked for shape."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from multiproduct.domain.notifications.push_device import PushKind

_TOKEN = "bk3RNwTe3H0:CI2k_HHwgIpoDKCIZvvDMExUdFQ3P1"  # noqa: S105 - made up
_P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
_AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
_WHICH = "Who brings pushes to it: `fcm`, `apns`, or `web` for a browser."
_WHAT = (
    "The registration token of FCM, the device token of APNs in hexadecimal digits, or the `endpoint` of a "
    "browser's subscription."
)
_KEYS = "The keys of a browser's subscription; of nothing else."
_NAME = "What its owner calls it."
_LOCALE = "The language of the app on it."

Token = Annotated[str, StringConstraints(min_length=1, max_length=4_096)]
KeyText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
DeviceName = Annotated[str, StringConstraints(max_length=100, strip_whitespace=True)]
LocaleText = Annotated[str, StringConstraints(min_length=2, max_length=35)]


class Command(BaseModel):
    """Commands are frozen, and refuse fields that nobody knows."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class WebPushKeys(Command):
    """The `keys` of a browser's subscription, as its `toJSON()` writes them."""

    p256dh: KeyText = Field(
        description="The browser's public key, in URL-safe base64.", examples=[_P256DH], repr=False
    )
    auth: KeyText = Field(
        description="The browser's secret of 16 bytes, in URL-safe base64.", examples=[_AUTH], repr=False
    )


class RegisterPushDevice(Command):
    """Has notifications pushed to a device. Again with the same token, it refreshes it."""

    kind: PushKind = Field(description=_WHICH, examples=["fcm"])
    token: Token = Field(description=_WHAT, examples=[_TOKEN], repr=False)
    keys: WebPushKeys | None = Field(default=None, description=_KEYS, examples=[None])
    name: DeviceName = Field(default="", description=_NAME, examples=["My telephone"])
    locale: LocaleText | None = Field(default=None, description=_LOCALE, examples=["en"])


class RefreshPushDevice(Command):
    """Says that a device is still there. What is left out stays as it is."""

    token: Token | None = Field(default=None, description=_WHAT, examples=[_TOKEN], repr=False)
    keys: WebPushKeys | None = Field(default=None, description=_KEYS, examples=[None])
    name: DeviceName | None = Field(default=None, description=_NAME, examples=["My telephone"])
    locale: LocaleText | None = Field(default=None, description=_LOCALE, examples=["en"])
