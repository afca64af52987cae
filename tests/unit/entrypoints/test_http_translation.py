"""Translation over HTTP: what is marked changes its language, and nothing else ever does."""

import json
import random
import re
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from tests.campaigns import proof_scale
from tests.servers.libretranslate import Service as Translator
from tests.servers.libretranslate import in_capitals, libretranslate, told
from tests.servers.web import Answered
from tests.unit.application.identity.role_holders import Holder, a_holder
from tests.unit.entrypoints.http_service import Service, running_service

from multiproduct.application.caller import SYSTEM
from multiproduct.application.catalog import ChangeProduct, CreatePlan, CreateProduct
from multiproduct.application.translation import SetTerm, WriteTranslation, marks_of
from multiproduct.domain.catalog import ProductStatus
from multiproduct.domain.translation import EVENTS, LOCALES
from multiproduct.entrypoints.http.endpoint_tables import ENDPOINTS

PRODUCTS = "/api/v1/catalog/products"
PLANS = "/api/v1/catalog/plans"
MARKED = {"name", "description", "features"}
"""Of products and plans; `product` within a plan has a name, too."""


@pytest.fixture
def translator() -> Iterator[Translator]:
    with libretranslate() as running:
        running.rule = in_capitals
        yield running


@pytest.fixture
async def service(translator: Translator) -> AsyncIterator[Service]:
    changed = {
        "translation_provider": "libretranslate",
        "translation_url": translator.url,
        "rate_limit_profile": "unlimited",
    }
    async with running_service(**changed) as running:
        await stocked(running)
        yield running


async def stocked(service: Service) -> None:
    catalog = service.container.catalog
    product = {
        "name": "STARK CRM",
        "code": "CRM-1",
        "description": "Hello {name}, <b>deals</b> from $9.99 & more at https://stark.example/a?b=c",
        "product_schema": {"type": "object", "title": "Gold", "description": "Not translated"},
    }
    made = await catalog.products.create(CreateProduct.model_validate(product), SYSTEM)
    await catalog.products.move(made.id, ProductStatus.PUBLISHED, SYSTEM)
    for name in ("Gold", "Silver"):
        plan = {
            "product": "CRM-1",
            "name": name,
            "description": "For growing teams.",
            "features": ["Contacts", "Deals", name],
            "cycle": "monthly",
            "prices": [{"amount": "600", "currency": "TWD"}],
        }
        await catalog.plans.create(CreatePlan.model_validate(plan), SYSTEM)


async def settled(service: Service) -> None:
    filling = service.container.translation.translating.filling
    assert filling is not None
    await filling.settle()


def without_marked(document: Any) -> Any:
    """The document with everything that is marked taken out."""
    if isinstance(document, list):
        return [without_marked(each) for each in document]
    if not isinstance(document, dict):
        return document
    is_for_people = "slug" in document and "code" in document
    return {
        key: ""
        if is_for_people and key in MARKED
        else value
        if key == "product_schema"
        else without_marked(value)
        for key, value in document.items()
    }


def texts_of(document: Any) -> list[str]:
    """What is marked, in its order."""
    if isinstance(document, list):
        return [text for each in document for text in texts_of(each)]
    if not isinstance(document, dict):
        return []
    found: list[str] = []
    for key, value in document.items():
        if key in MARKED and "slug" in document:
            found += value if isinstance(value, list) else [value]
        elif key != "product_schema":
            found += texts_of(value)
    return found


async def paths_of(service: Service) -> list[str]:
    products = (await service.client.get(PRODUCTS)).json()["items"]
    plans = (await service.client.get(PLANS)).json()["items"]
    return [PRODUCTS, PLANS, f"{PRODUCTS}/{products[0]['id']}", f"{PLANS}/{plans[0]['id']}"]


async def test_the_first_who_asks_sees_the_original_and_the_next_one_the_translation(
    service: Service, translator: Translator
) -> None:
    def slow(asked: Any) -> Answered:
        time.sleep(0.2)  # far longer than a request waits
        return in_capitals(asked)

    translator.rule = slow
    first = await service.client.get(PRODUCTS, headers={"accept-language": "kn"})
    assert first.json()["items"][0]["name"] == "STARK CRM"
    assert first.headers["x-translation"] == "partial"
    assert first.headers["content-language"] == "kn"
    assert first.headers["cache-control"] == "no-store"
    assert "etag" not in first.headers
    await settled(service)
    second = await service.client.get(PRODUCTS, headers={"accept-language": "kn"})
    product = second.json()["items"][0]
    assert product["name"] == "kn: STARK CRM"
    assert product["description"] == (
        "kn: HELLO {name}, <b>DEALS</b> FROM $9.99 & MORE AT https://stark.example/a?b=c"
    )
    assert "x-translation" not in second.headers
    assert second.headers["content-language"] == "kn"
    assert second.headers["vary"] == "Accept-Language"
    assert second.headers["cache-control"] == "public, max-age=60"


async def test_the_tag_is_of_one_language(service: Service) -> None:
    path = "/api/v1/catalog/products?q=nothing-is-found"
    spanish = await service.client.get(path, headers={"accept-language": "es"})
    persian = await service.client.get(path, headers={"accept-language": "fa"})
    assert spanish.content == persian.content
    assert spanish.headers["etag"] != persian.headers["etag"]
    known = {"accept-language": "fa", "if-none-match": persian.headers["etag"]}
    assert (await service.client.get(path, headers=known)).status_code == 304
    other = {"accept-language": "es", "if-none-match": persian.headers["etag"]}
    assert (await service.client.get(path, headers=other)).status_code == 200


async def test_a_wish_goes_before_a_setting_and_that_before_the_browser(service: Service) -> None:
    await service.signed_up()
    token = (await service.signed_in())["access"]
    me = "/api/v1/identity/me"
    browser = {"authorization": f"Bearer {token}", "accept-language": "fa"}
    set_to = await service.client.patch(me, json={"locale": "ta"}, headers=browser)
    assert set_to.status_code == 200, set_to.text

    async def language(query: str = "", headers: dict[str, str] = browser) -> str:
        return (await service.client.get(f"{me}{query}", headers=headers)).headers["content-language"]

    assert await language() == "ta"
    assert await language("?lang=kn") == "kn"
    assert await language("?lang=xx") == "ta"
    refused = await service.client.get("/api/v1/translation/texts", headers=browser)
    assert (refused.status_code, refused.headers["content-language"]) == (403, "ta")
    nobody = await service.client.get(PRODUCTS, headers={"accept-language": "fa"})
    assert nobody.headers["content-language"] == "fa"


def hostile(dice: random.Random) -> Any:
    """Rules of a service that does everything wrong, one after the other."""

    def rule(asked: Any) -> Answered:
        texts = list(asked["q"])
        match dice.randrange(12):
            case 0:
                return Answered(500, b"secret")
            case 1:
                return Answered(200, b"garbage")
            case 2:
                return told(texts[:-1])
            case 3:
                return told([*texts, "x"])
            case 4:
                return told([re.sub(r"<[^>]*>", "", text) for text in texts])
            case 5:
                return told([f"{text}<script>alert(1)</script>" for text in texts])
            case 6:
                return told([f"{text}&lt;script&gt;alert(1)&lt;/script&gt;" for text in texts])
            case 7:
                return told([f"\u202e{text}" for text in texts])
            case 8:
                return told([None for _ in texts])
            case 9:
                return told([text.replace("<x", "<y") for text in texts])
            case 10:
                return told([{"text": text} for text in texts])
            case _:
                return in_capitals(asked)

    return rule


async def test_in_every_language_and_with_a_hostile_service_nothing_else_changes(
    service: Service, translator: Translator
) -> None:
    dice = random.Random(88)
    paths = await paths_of(service)
    originals = {path: (await service.client.get(path, params={"lang": "en"})) for path in paths}
    translator.rule = hostile(dice)
    filling = service.container.translation.translating.filling
    assert filling is not None
    translated = 0
    for _ in range(proof_scale(150, 3_000)):
        # Whoever lies is left alone: here it is asked again and again.
        filling._breakers.clear()
        filling._refused.clear()
        path, locale = dice.choice(paths), dice.choice(LOCALES)
        answer = await service.client.get(path, params={"lang": locale})
        original = originals[path]
        document = answer.json()
        assert without_marked(document) == without_marked(original.json())
        assert [*document] == [*original.json()]
        assert answer.headers["content-language"] == locale
        before, after = texts_of(original.json()), texts_of(document)
        assert len(before) == len(after)
        restored = answer.content.decode()
        for old, new in zip(before, after, strict=True):
            assert new == old or new == f"{locale}: {loud(old)}"
            translated += new != old
            restored = restored.replace(
                json.dumps(new, ensure_ascii=False), json.dumps(old, ensure_ascii=False)
            )
        assert restored.encode() == original.content
        await settled(service)
    assert translated > 50


def loud(text: str) -> str:
    """What the honest answer makes of a text."""
    kept = re.compile(r"(\{name\}|<[^>]*>|\$9\.99|https://\S+|STARK)")
    return "".join(each if n % 2 else each.upper() for n, each in enumerate(kept.split(text)))


async def test_answers_without_marked_fields_ask_nobody(service: Service, translator: Translator) -> None:
    await service.signed_up()
    token = (await service.signed_in())["access"]
    for path in ("/api/v1/identity/me", "/api/v1/identity/sessions", "/api/v1/payments", "/health/"):
        await service.client.get(path, headers={"authorization": f"Bearer {token}", "accept-language": "kn"})
    await service.client.get("/api/v1/identity/username/check", params={"username": "Gold", "lang": "kn"})
    await settled(service)
    assert translator.asked == []


def test_what_is_marked_is_what_people_read_of_the_catalog_and_of_nothing_that_staff_edits() -> None:
    marked = {
        endpoint.name
        for endpoint in ENDPOINTS
        if any(marks_of(each) for each in (endpoint.result, *endpoint.other_results))
    }
    catalog = {"product.list", "product.read", "plan.list", "plan.read"}
    assert marked == catalog, "each of them is asked above with a hostile service: add new ones there"
    never = ("invoice", "order", "payment", "ledger", "user", "session", "audit", "webhook", "translation",
             "glossary", "managed", "coupon", "consent", "document", "profile", "role")  # fmt: skip
    assert not [name for name in marked if name.startswith(never)], marked


async def test_those_who_edit_see_what_was_written(service: Service) -> None:
    managed = await service.container.catalog.products.create(
        CreateProduct.model_validate({"name": "Gold", "description": "Deals"}), SYSTEM
    )
    shown = await service.container.translation.translating.result(managed, locale="kn", patience=5)
    assert shown.result is managed
    changed = await service.container.catalog.products.change(
        managed.id, ChangeProduct(description=shown.result.description), SYSTEM
    )
    assert changed.description == "Deals"


async def test_a_person_goes_before_the_service_and_the_glossary_into_what_it_says(service: Service) -> None:
    texts, glossary = service.container.translation.texts, service.container.translation.glossary
    await texts.write(
        WriteTranslation(field="catalog.plan.name", source_text="Gold", text="Oro", target_language="es"),
        SYSTEM,
    )
    await glossary.set(SetTerm(term="teams", wording="equipos", target_language="es"), SYSTEM)
    await service.client.get(PLANS, params={"lang": "es"})
    await settled(service)
    gold, silver = (await service.client.get(PLANS, params={"lang": "es"})).json()["items"]
    assert (gold["name"], silver["name"]) == ("Oro", "es: SILVER")
    # Of a feature nobody said anything.
    assert gold["features"] == ["es: CONTACTS", "es: DEALS", "es: GOLD"]
    assert gold["description"] == "es: FOR GROWING equipos."


BASE = "/api/v1/translation"
TEXT = {
    "field": "catalog.product.description",
    "source_text": "Hello {name}",
    "text": "Hola {name}",
    "target_language": "es",
}


@pytest.fixture
async def staff(service: Service) -> Holder:
    holder = await a_holder(service.container, "admin")
    service.client.headers["authorization"] = f"Bearer {holder.token}"
    return holder


async def test_a_translation_is_written_read_and_taken_back(service: Service, staff: Holder) -> None:
    client = service.client
    written = await client.put(f"{BASE}/texts", json=TEXT)
    assert written.status_code == 200, written.text
    kept = written.json()
    assert (kept["text"], kept["source_language"]) == ("Hola {name}", "en")
    assert kept["author_id"] == str(staff.user.id)
    again = (await client.put(f"{BASE}/texts", json={**TEXT, "text": "Saludos, {name}"})).json()
    assert (again["id"], again["text"]) == (kept["id"], "Saludos, {name}")
    await client.put(f"{BASE}/texts", json={**TEXT, "target_language": "zh_hant"})
    listed = (await client.get(f"{BASE}/texts", params={"limit": 1})).json()
    assert [each["text"] for each in listed["items"]] == ["Saludos, {name}"]
    rest = (await client.get(f"{BASE}/texts", params={"cursor": listed["next_cursor"]})).json()
    assert [each["target_language"] for each in rest["items"]] == ["zh-Hant"]
    narrowed = (await client.get(f"{BASE}/texts", params={"target_language": "es"})).json()
    assert len(narrowed["items"]) == 1
    assert (await client.delete(f"{BASE}/texts/{kept['id']}")).status_code == 200
    assert (await client.delete(f"{BASE}/texts/{kept['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"text": "Hola"}, "text", "different_marks"),
        ({"text": "Hola {name} <script>"}, "text", "different_marks"),
        ({"target_language": "xx"}, "target_language", "invalid_locale"),
        ({"source_language": "xx"}, "source_language", "invalid_locale"),
        ({"target_language": "en"}, "target_language", "invalid"),
        ({"field": "description"}, "field", "invalid"),
        ({"text": ""}, "text", "required"),
    ],
)
async def test_what_cannot_be_shown_is_refused(
    service: Service, staff: Holder, changed: dict[str, str], field: str, code: str
) -> None:
    refused = await service.client.put(f"{BASE}/texts", json={**TEXT, **changed})
    assert refused.status_code == 422, refused.text
    assert [(each["field"], each["code"]) for each in refused.json()["errors"]] == [(field, code)]


async def test_a_glossary_is_kept(service: Service, staff: Holder) -> None:
    client = service.client
    term = {"term": "Deal Room", "wording": "sala", "target_language": "es"}
    kept = (await client.put(f"{BASE}/glossary", json=term)).json()
    again = await client.put(f"{BASE}/glossary", json={"term": "deal room", "target_language": "es"})
    assert (again.json()["id"], again.json()["wording"]) == (kept["id"], None)
    listed = (await client.get(f"{BASE}/glossary", params={"target_language": "es"})).json()
    assert [each["term"] for each in listed["items"]] == ["Deal Room"]
    for wrong in ("<b>", "{name}", "   ", "a\u202eb", "https://stark.example"):
        refused = await client.put(f"{BASE}/glossary", json={**term, "wording": wrong})
        assert [each["field"] for each in refused.json()["errors"]] == ["wording"], wrong
    assert (await client.delete(f"{BASE}/glossary/{kept['id']}")).status_code == 200
    assert (await client.delete(f"{BASE}/glossary/{kept['id']}")).status_code == 404


async def test_a_glossary_has_an_end(
    service: Service, staff: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("multiproduct.application.translation.glossary_keeping.MAX_TERMS", 2)
    for term in ("one", "two", "one"):
        await service.client.put(f"{BASE}/glossary", json={"term": term, "target_language": "es"})
    refused = await service.client.put(f"{BASE}/glossary", json={"term": "three", "target_language": "es"})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_glossary_terms")


async def test_every_change_stands_in_the_audit_log(service: Service, staff: Holder) -> None:
    client = service.client
    kept = (await client.put(f"{BASE}/texts", json=TEXT)).json()
    await client.delete(f"{BASE}/texts/{kept['id']}")
    term = (await client.put(f"{BASE}/glossary", json={"term": "deal", "target_language": "es"})).json()
    await client.delete(f"{BASE}/glossary/{term['id']}")
    entries = (await client.get("/api/v1/audit/entries", params={"limit": 200})).json()["items"]
    told = [(each["resource_type"], each["action"]) for each in entries]
    for resource in ("human_translation", "glossary_term"):
        assert {action for kind, action in told if kind == resource} == {"update", "delete"}
    assert len(EVENTS) == 4
