"""Showing what people would be told, with examples, where nothing happened and nothing is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from multiproduct.application.billing.printing_ports import Figures
from multiproduct.application.notifications.examples import ExampleValue, Listed, example_of, variants_of
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.notification_type import NotificationType
from multiproduct.application.notifications.ports import MailRenderer, RenderedMail, RenderedNotice
from multiproduct.application.notifications.text_segments import in_fewer_segments, segments
from multiproduct.application.notifications.types import NOTIFICATION_TYPES
from multiproduct.application.ports.translator import Translator
from multiproduct.domain.notifications.preference import Channel
from multiproduct.domain.shared.errors import NotFound
from multiproduct.domain.shared.money import Money

_NO_ONES_TOKEN = "Zk3vQ8sT1r0aXw9uPqLmN2bYcVdEfGhIjKlMnOpQrStU"  # noqa: S105 - opens nothing
_TIME_ZONE = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortMessage:
    """What a telephone is told, and how many segments a provider would charge for."""

    body: str
    segments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One type in one language. What no channel of the type carries is None: `mail` for e-mail, `sms`, and
    `notice` for the inbox and pushes."""

    type_: NotificationType
    variant: str | None
    locale: str
    mail: RenderedMail | None
    sms: ShortMessage | None
    notice: RenderedNotice | None


class Previewing:
    """Words the examples as the pipeline words what happened, by the same renderer."""

    def __init__(
        self, *, renderer: MailRenderer, translator: Translator, figures: Figures, links: Links
    ) -> None:
        self._renderer = renderer
        self._translator = translator
        self._figures = figures
        self._links = links

    @property
    def locales(self) -> Sequence[str]:
        """The languages there are words in, the default first."""
        return self._translator.locales

    @property
    def types(self) -> Sequence[NotificationType]:
        """Every type, in the order of their declaration."""
        return tuple(NOTIFICATION_TYPES.values())

    def preview(self, type_key: str, *, locale: str, variant: str | None = None) -> Preview:
        """The example of a type, in the language nearest to `locale`. Raises NotFound where there is no such
        type, or no wording of it for `variant`."""
        type_ = NOTIFICATION_TYPES.get(type_key)
        if type_ is None or (variant is not None and variant not in variants_of(type_key)):
            raise NotFound
        params = self._params(type_key, variant, locale)
        unsubscribe_url = self._links.unsubscribe(_NO_ONES_TOKEN) if type_.is_commercial else None
        mail = self._renderer.render(type_key, locale=locale, params=params, unsubscribe_url=unsubscribe_url)
        body, has = in_fewer_segments(mail.short), frozenset(type_.channels)
        return Preview(
            type_=type_,
            variant=variant or next(iter(variants_of(type_key)), None),
            locale=mail.locale,
            mail=mail if Channel.EMAIL in has else None,
            sms=ShortMessage(body=body, segments=segments(body)) if Channel.SMS in has else None,
            notice=(
                self._renderer.notice(type_key, locale=locale, params=params)
                if has & {Channel.IN_APP, Channel.PUSH}
                else None
            ),
        )

    def _params(self, type_key: str, variant: str | None, locale: str) -> dict[str, str | int]:
        example = example_of(type_key, variant=variant)
        return {name: self._written(value, locale) for name, value in example.items()}

    def _written(self, value: ExampleValue, locale: str) -> str | int:
        match value:
            case str() | int():
                return value
            case Money():
                return self._figures.money(value, locale=locale)
            case datetime():
                return self._translator.moment(value, locale=locale, time_zone=_TIME_ZONE)
            case date():
                return self._figures.date(value, locale=locale)
            case Listed():
                return "\n".join(self._line(key, locale) for key in value.type_keys)
        return value(self._links)

    def _line(self, type_key: str, locale: str) -> str:
        said = self._renderer.notice(type_key, locale=locale, params=self._params(type_key, None, locale))
        return f"{said.title}: {said.body}"
