"""The renderer: words and sets one mail of a given type."""

import unicodedata
from collections.abc import Callable, Mapping

from jinja2 import DictLoader, Environment, StrictUndefined, select_autoescape

from multiproduct.adapters.jinja2.directions import isolated, kept_apart, without_marks
from multiproduct.adapters.jinja2.style import styled_templates
from multiproduct.application.notifications.ports import Brand, RenderedMail, RenderedNotice
from multiproduct.application.notifications.types import NOTIFICATION_TYPES, NotificationType
from multiproduct.application.ports.translator import Translator

_MAX_CHARACTERS = 200
_MAX_LINE = 500
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
# The types that a telephone is told more of than the subject says.
_SHORT_WORDINGS = {"identity.code": "text.identity.code"}

# Which parameter picks among the wordings of a type, and stands last in their keys.
_VARIANTS = {
    "identity.code": "purpose",
    "identity.link": "purpose",
    "identity.security": "event",
    "identity.document": "outcome",
    "webhooks.disabled": "event",
}

# What is said beside the words where there is little room.
_FACTS = ("product", "number", "amount", "due", "until", "ends", "starts", "resumes", "host", "when")

# A mail with the link alone is worded as the one with the code that it stands for, but for its first words.
_WORDED_AS = {"identity.link": "identity.code"}
_INTROS = {"identity.link": "mail.identity.link.intro"}

# Stands between facts in any language.
_SEPARATOR = " \N{MIDDLE DOT} "

# The contexts whose mails are all set alike.
_SET_ALIKE = {"billing": "billing/notice", "subscriptions": "subscriptions/notice"}


class JinjaMailRenderer:
    """Compiles all templates when it is made, which takes tens of milliseconds; after that a mail takes well
    under one. Every text comes from the translator.
    """

    def __init__(self, *, translator: Translator, brand: Brand) -> None:
        self._translator = translator
        self._brand = brand
        environment = Environment(
            loader=DictLoader(dict(styled_templates(brand))),
            autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates = {name: environment.get_template(name) for name in environment.list_templates()}

    def render(
        self,
        type_key: str,
        *,
        locale: str,
        params: Mapping[str, str | int],
        unsubscribe_url: str | None = None,
    ) -> RenderedMail:
        """See the port. Texts are cut at 200 characters, but for links."""
        type_, language, given = self._read(type_key, locale, params)
        say = self._speaker(language, given)
        wording = _wording(type_, given)
        subject = say(f"{wording}.subject")
        context = {
            "lang": language,
            "dir": "rtl" if _is_right_to_left(language) else "ltr",
            "brand": self._brand,
            "given": given,
            "wording": wording,
            "subject": subject,
            "heading": say(f"{wording}.heading_named" if given.get("name") else f"{wording}.heading"),
            "unsubscribe_url": unsubscribe_url,
            "preheader": say(_INTROS.get(type_key, f"{wording}.intro")),
            "t": say,
        }
        name = _SET_ALIKE.get(type_key.partition(".")[0], type_key.replace(".", "/", 1))
        return RenderedMail(
            subject=_one_line(subject),
            short=_one_line(say(_SHORT_WORDINGS.get(type_key, f"{wording}.subject"))),
            text=self._templates[f"{name}.txt"].render(context).strip() + "\n",
            html=self._templates[f"{name}.html"].render(context),
            locale=language,
        )

    def notice(self, type_key: str, *, locale: str, params: Mapping[str, str | int]) -> RenderedNotice:
        """See the port: the heading, and what matters."""
        type_, language, given = self._read(type_key, locale, params)
        say = self._speaker(language, given)
        wording = _wording(type_, given)
        heading = say(f"{wording}.heading_named" if given.get("name") else f"{wording}.heading")
        intro = _one_line(say(f"{wording}.intro"))
        facts = [str(given[name]) for name in _FACTS if name in given and str(given[name]) not in intro]
        listed = _SEPARATOR.join(isolated(facts, is_right_to_left=_is_right_to_left(language)))
        return RenderedNotice(
            title=_one_line(heading), body=f"{intro} {listed}" if listed else intro, locale=language
        )

    def _read(
        self, type_key: str, locale: str, params: Mapping[str, str | int]
    ) -> tuple[NotificationType, str, dict[str, str | int]]:
        type_ = NOTIFICATION_TYPES.get(type_key)
        if type_ is None:
            raise ValueError(f"there is no notification type {type_key!r}")
        type_.check(params)
        return type_, self._translator.negotiate(None, preferred=locale), _cleaned(type_, params)

    def _speaker(self, language: str, given: Mapping[str, str | int]) -> Callable[[str], str]:
        params = {**given, "brand": self._brand.name}
        return lambda key: self._translator.text(key, locale=language, params=params)


def _is_right_to_left(language: str) -> bool:
    return language.partition("-")[0] in _RIGHT_TO_LEFT


def _wording(type_: NotificationType, given: Mapping[str, str | int]) -> str:
    variant = _VARIANTS.get(type_.key)
    words = f"mail.{_WORDED_AS.get(type_.key, type_.key)}"
    return f"{words}.{given[variant]}" if variant else words


def _cleaned(type_: NotificationType, params: Mapping[str, str | int]) -> dict[str, str | int]:
    return {name: _clean(type_, name, value) for name, value in params.items()}


def _clean(type_: NotificationType, name: str, value: str | int) -> str | int:
    if isinstance(value, int) or name in type_.links:
        return value
    if name in type_.lines:
        return "\n".join(_line(line) for line in value.split("\n"))
    return _one_line(value)[:_MAX_CHARACTERS]


def _line(text: str) -> str:
    """Of a list that was worded here before: with the isolates that it was worded with."""
    return kept_apart(_plain(text)[:_MAX_LINE])


def _one_line(text: str) -> str:
    return _plain(without_marks(text))


def _plain(text: str) -> str:
    kept = (" " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each for each in text)
    return " ".join("".join(kept).split())
