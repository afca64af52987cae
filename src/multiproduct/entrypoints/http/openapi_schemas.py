"""The schemas of the OpenAPI document: the models' own, and each dialect's renaming of them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from multiproduct.entrypoints.http.dialect_money import flattened_schema
from multiproduct.entrypoints.http.dialects import ALIASES, BLANK_IS_ABSENT, Alias, to_theirs
from multiproduct.entrypoints.http.endpoints import Endpoint
from multiproduct.entrypoints.http.json_syntax import Expected
from multiproduct.entrypoints.http.openapi_words import EXAMPLE_FIELDS, FIELDS, Word

Json = dict[str, Any]

_PREFIX = "#/components/schemas/"
_REFERENCE = re.compile(rf'"{_PREFIX}([A-Za-z0-9_]+)"')

_FIELD_PROBLEM: Json = {
    "type": "object",
    "description": "One thing wrong with one field.",
    "properties": {
        "field": {"type": "string"},
        "code": {"type": "string"},
        "message": {"type": "string"},
    },
    "required": ["field", "code", "message"],
}
_PROBLEM: Json = {
    "type": "object",
    "description": "What went wrong (RFC 9457). `code` is stable, the words are translated.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": f"{_PREFIX}FieldProblem"}},
        "suggestions": {"type": "array", "items": {"type": "string"}},
        "methods": {"type": "array", "items": {"type": "string"}},
        "retry_after": {"type": "integer", "minimum": 1},
        "reason": {"type": "string"},
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
        "expected": {"type": "string", "enum": [each.value for each in Expected]},
    },
    "required": ["type", "title", "status", "detail", "code"],
}


def reference(name: str, alias: Alias | None) -> Json:
    """A reference to a model's schema, as the canonical names or a dialect have it."""
    return {"$ref": _PREFIX + _name_in(name, alias.dialect if alias else None)}


def answer_names(endpoint: Endpoint) -> Sequence[str]:
    """The names of the schemas of an endpoint's answers: the results', with `message` where there is one."""
    names = [each.__name__ for each in (endpoint.result, *endpoint.other_results)]
    return [f"{name}Answer" for name in names] if endpoint.message is not None else names


def canonical_schemas(endpoints: Sequence[Endpoint]) -> dict[str, Json]:
    """Every schema under canonical names."""
    commands = {command for endpoint in endpoints for command in endpoint.commands}
    results = {each for endpoint in endpoints for each in (endpoint.result, *endpoint.other_results)}
    _, found = models_json_schema(
        [
            *((model, "validation") for model in sorted(commands, key=_class_name)),
            *((model, "serialization") for model in sorted(results, key=_class_name)),
        ],
        ref_template=_PREFIX + "{model}",
    )
    schemas: dict[str, Json] = dict(found.get("$defs", {}))
    for endpoint in endpoints:
        if endpoint.message is not None:
            for each in (endpoint.result, *endpoint.other_results):
                schemas[f"{each.__name__}Answer"] = _with_message(schemas[each.__name__])
    schemas |= {"FieldProblem": _FIELD_PROBLEM, "Problem": _PROBLEM}
    return {name: _worded(name, schema, schemas) for name, schema in schemas.items()}


def dialect_schemas(canonical: Mapping[str, Json], dialect: str) -> dict[str, Json]:
    """The same schemas in a dialect, which knows other names and takes unknown fields."""
    alias = next(alias for alias in ALIASES if alias.dialect == dialect)
    renamed = {_name_in(name, dialect): _renamed(schema, alias) for name, schema in canonical.items()}
    written = _REFERENCE.sub(lambda match: f'"{_PREFIX}{_name_in(match[1], dialect)}"', json.dumps(renamed))
    schemas: dict[str, Json] = json.loads(written)
    return schemas


def referenced(schemas: Mapping[str, Json], *texts: str) -> dict[str, Json]:
    """Those schemas that the texts refer to, and those that these refer to."""
    wanted: set[str] = set()
    remaining = [name for text in texts for name in _REFERENCE.findall(text)]
    while remaining:
        name = remaining.pop()
        if name not in wanted:
            wanted.add(name)
            remaining += _REFERENCE.findall(json.dumps(schemas[name]))
    return {name: schemas[name] for name in sorted(wanted)}


def query_parameters(command: type[BaseModel], alias: Alias | None) -> list[Json]:
    """A command's fields as parameters of a query."""
    schema = command.model_json_schema()
    names = alias.answers if alias else {}
    required = schema.get("required", ())
    return [
        {
            "name": names.get(name, (name,))[0],
            "in": "query",
            "required": name in required,
            **_of_parameter(word_of(command.__name__, name, field)),
            "schema": _without_null(field),
        }
        for name, field in schema["properties"].items()
    ]


def id_parameter(name: str, *, place: str) -> Json:
    """An id of an endpoint's path; in the query (`place`) where an alias has no room for it."""
    word = FIELDS.get(name, Word("Which one is meant, by its id.", "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"))
    schema = {"type": "string", "format": "uuid"}
    return {"name": name, "in": place, "required": True, **_of_parameter(word), "schema": schema}


def word_of(schema: str, name: str, field: Json) -> Word:
    """What a field means. What its own model says of it goes before the table."""
    known = FIELDS.get(f"{schema}.{name}") or FIELDS.get(name) or Word("")
    examples = field.get("examples") or ([known.example] if known.has_example else [])
    return Word(field.get("description", known.description), *examples[:1])


def _of_parameter(word: Word) -> Json:
    return {"description": word.description} | ({"example": word.example} if word.has_example else {})


def _worded(name: str, schema: Json, schemas: Mapping[str, Json]) -> Json:
    """The schema with what its fields mean, and an example of the whole."""
    if schema.get("type") != "object":
        return schema
    properties = {
        field: {**own, "description": word_of(name, field, own).description}
        for field, own in schema.get("properties", {}).items()
    }
    worded = {**schema, "properties": properties}
    # A problem is shown where it is answered.
    return worded if name == "Problem" else {**worded, "examples": [_example(name, schemas)]}


def _example(name: str, schemas: Mapping[str, Json]) -> Json:
    properties = schemas[name].get("properties", {})
    examples = {
        field: _field_example(word_of(name, field, properties[field]), properties[field], schemas)
        for field in EXAMPLE_FIELDS.get(name, properties)
    }
    return {field: found[0] for field, found in examples.items() if found}


def _field_example(word: Word, schema: Json, schemas: Mapping[str, Json]) -> list[Any]:
    """The example, or none where neither the field nor what it refers to has any."""
    if word.has_example:
        return [word.example]
    referred = _REFERENCE.findall(json.dumps(schema))
    if len(referred) != 1:
        return []
    example = _example(referred[0], schemas)
    return [[example] if schema.get("type") == "array" else example]


def _class_name(model: type[BaseModel]) -> str:
    return model.__name__


def _name_in(name: str, dialect: str | None) -> str:
    return name if dialect is None or name in ("Problem", "FieldProblem") else f"{name}_{dialect}"


def _with_message(schema: Json) -> Json:
    message = {"type": "string"}
    return {
        **schema,
        "properties": {**schema.get("properties", {}), "message": message},
        "required": [*schema.get("required", ()), "message"],
    }


def _renamed(schema: Json, alias: Alias) -> Json:
    if "properties" not in schema:
        return schema
    schema = flattened_schema(schema, alias.dialect)
    names = alias.answers
    needed = schema.get("required", ())
    properties = {
        theirs: _or_blank(field) if name in BLANK_IS_ABSENT and name not in needed else field
        for name, field in schema["properties"].items()
        for theirs in names.get(name, (name,))
    }
    required = [theirs for name in needed for theirs in names.get(name, (name,))]
    kept = {key: value for key, value in schema.items() if key not in ("additionalProperties", "required")}
    if "examples" in kept:
        kept["examples"] = [to_theirs(example, names) for example in kept["examples"]]
    return {**kept, "properties": properties} | ({"required": required} if required else {})


def _or_blank(field: Json) -> Json:
    """Forms send fields empty that were left out, and dialects take that as absent."""
    if "anyOf" not in field:
        return field
    return {**field, "anyOf": [*field["anyOf"], {"type": "string", "maxLength": 0}]}


def _without_null(field: Json) -> Json:
    choices = [choice for choice in field.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) != 1:
        return field
    kept = {key: value for key, value in field.items() if key not in ("anyOf", "default")}
    return {**kept, **choices[0]}
