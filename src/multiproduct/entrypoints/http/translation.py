"""The endpoints of those who translate: what people translated, and glossaries."""

from collections.abc import Sequence

from multiproduct.application.translation import (
    ListTerms,
    ListTranslations,
    SetTerm,
    TermList,
    TermView,
    TranslationPage,
    TranslationView,
    Withdrawn,
    WriteTranslation,
)
from multiproduct.domain.shared import Forbidden, NotFound, StepUpRequired
from multiproduct.domain.translation import (
    GLOSSARY_MANAGE,
    GLOSSARY_READ,
    TEXTS_MANAGE,
    TEXTS_READ,
    TooManyTerms,
)
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/translation"
_TAG = "Translation"
_ADMITTED = (Forbidden, StepUpRequired)

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/texts",
        name="translation_text.list",
        tag=_TAG,
        summary="List what people translated",
        handler=lambda container, command, call: container.translation.texts.find(command, call.caller),
        command=ListTranslations,
        result=TranslationPage,
        access=Access.SIGNED_IN,
        permission=TEXTS_READ,
        scope="default",
        errors=_ADMITTED,
    ),
    Endpoint(
        method="PUT",
        path=f"{_BASE}/texts",
        name="translation_text.write",
        tag=_TAG,
        summary="Say how a text is translated",
        description="For exactly this text, wherever it stands in this field: it goes before what machines "
        "say. Whoever writes last decides. Where the original is edited, it is another text.",
        handler=lambda container, command, call: container.translation.texts.write(command, call.caller),
        command=WriteTranslation,
        result=TranslationView,
        access=Access.SIGNED_IN,
        permission=TEXTS_MANAGE,
        scope="default",
        errors=_ADMITTED,
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/texts/{{translation_id}}",
        name="translation_text.remove",
        tag=_TAG,
        summary="Take a translation back",
        handler=lambda container, _command, call: container.translation.texts.remove(
            call.ids["translation_id"], call.caller
        ),
        result=Withdrawn,
        access=Access.SIGNED_IN,
        permission=TEXTS_MANAGE,
        scope="default",
        errors=(*_ADMITTED, NotFound),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/glossary",
        name="glossary_term.list",
        tag=_TAG,
        summary="Read a glossary",
        handler=lambda container, command, call: container.translation.glossary.find(command, call.caller),
        command=ListTerms,
        result=TermList,
        access=Access.SIGNED_IN,
        permission=GLOSSARY_READ,
        scope="default",
        errors=_ADMITTED,
    ),
    Endpoint(
        method="PUT",
        path=f"{_BASE}/glossary",
        name="glossary_term.set",
        tag=_TAG,
        summary="Decide how a term is translated",
        description="Or that it stays as it is. Machines translate anew what holds the term.",
        handler=lambda container, command, call: container.translation.glossary.set(command, call.caller),
        command=SetTerm,
        result=TermView,
        access=Access.SIGNED_IN,
        permission=GLOSSARY_MANAGE,
        scope="default",
        errors=(*_ADMITTED, TooManyTerms),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/glossary/{{term_id}}",
        name="glossary_term.remove",
        tag=_TAG,
        summary="Remove a term from its glossary",
        handler=lambda container, _command, call: container.translation.glossary.remove(
            call.ids["term_id"], call.caller
        ),
        result=Withdrawn,
        access=Access.SIGNED_IN,
        permission=GLOSSARY_MANAGE,
        scope="default",
        errors=(*_ADMITTED, NotFound),
    ),
)
