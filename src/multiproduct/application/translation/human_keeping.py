"""Human translations: written, read and taken back by those who may."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.paging import decode_cursor, encode_cursor, page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.translation.commands import ListTranslations, WriteTranslation
from multiproduct.application.translation.decided import human_cache_key
from multiproduct.application.translation.languages import Languages
from multiproduct.application.translation.ports import TranslationFilter, TranslationUnit
from multiproduct.application.translation.results import TranslationPage, TranslationView, Withdrawn
from multiproduct.application.units import in_unit
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotFound
from multiproduct.domain.translation import (
    TEXTS_MANAGE,
    TEXTS_READ,
    HumanTranslation,
    NotKept,
    TextPlace,
    require_same_marks,
)


class HumanKeeping:
    """There is one translation for a text, its field and two languages: whoever writes last decides it."""

    def __init__(
        self, *, units: Units[TranslationUnit], languages: Languages, clock: Clock, ids: Ids
    ) -> None:
        self._units = units
        self._languages = languages
        self._clock = clock
        self._ids = ids

    async def write(self, command: WriteTranslation, caller: Caller) -> TranslationView:
        """Says how a text is translated; everybody is shown that from then on. Needs
        `translation.text.manage`. Raises Unauthenticated, Forbidden, StepUpRequired, InvalidInput also where
        placeholders or markup are not those of the original."""
        caller.require(TEXTS_MANAGE)
        source, target = self._languages.pair(command.source_language, command.target_language)
        try:
            require_same_marks(command.source_text, command.text)
        except NotKept:
            raise InvalidInput(FieldProblem("text", "different_marks")) from None
        place = TextPlace(
            field=command.field,
            source_language=source,
            target_language=target,
            source_text=command.source_text,
        )
        now = self._clock.now()

        async def body(unit: TranslationUnit) -> TranslationView:
            view = TranslationView.of(await self._put(unit, place, command.text, caller, now))
            unit.forget(human_cache_key(place.fingerprint))
            await unit.commit()
            return view

        return await in_unit(lambda: self._units.open(caller), body)

    async def find(self, command: ListTranslations, caller: Caller) -> TranslationPage:
        """A page of human translations. Needs `translation.text.read`. Raises Unauthenticated, Forbidden,
        StepUpRequired, InvalidInput."""
        caller.require(TEXTS_READ)
        target = command.target_language
        wanted = TranslationFilter(
            target_language=None if target is None else self._languages.known(target, "target_language"),
            field=command.field,
        )
        after = _place(command.cursor)
        async with self._units.view(caller) as view:
            found = await view.human_translations.page(wanted, after=after, limit=command.limit + 1)
        page = page_of(list(found), limit=command.limit, cursor_of=lambda each: encode_cursor(str(each.id)))
        return TranslationPage(
            items=[TranslationView.of(each) for each in page.items], next_cursor=page.next_cursor
        )

    async def remove(self, translation_id: UUID, caller: Caller) -> Withdrawn:
        """It is not shown any more. Needs `translation.text.manage`. Raises Unauthenticated, Forbidden,
        StepUpRequired, NotFound."""
        caller.require(TEXTS_MANAGE)

        async def body(unit: TranslationUnit) -> Withdrawn:
            found = await unit.human_translations.find(translation_id)
            if found is None:
                raise NotFound
            found.removed(now=self._clock.now())
            await unit.human_translations.remove(found)
            unit.forget(human_cache_key(found.place.fingerprint))
            await unit.commit()
            return Withdrawn()

        return await in_unit(lambda: self._units.open(caller), body)

    async def _put(
        self, unit: TranslationUnit, place: TextPlace, text: str, caller: Caller, now: datetime
    ) -> HumanTranslation:
        author = caller.principal.user_id
        found = await unit.human_translations.at([place.fingerprint])
        if found:
            found[0].rewrite(text, by=author, now=now)
            await unit.human_translations.save(found[0])
            return found[0]
        made = HumanTranslation.write(id=self._ids.next(), place=place, text=text, author_id=author, now=now)
        await unit.human_translations.add(made)
        return made


def _place(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(decode_cursor(cursor, length=1)[0]))
    except ValueError:
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None
