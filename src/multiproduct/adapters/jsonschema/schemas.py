"""Checking schemas, and configurations by them, in bounded time and without fetching anything."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from multiproduct.adapters.jsonschema.pattern_bounds import MAX_MATCHED, is_bounded
from multiproduct.application.catalog.ports import SchemaProblem

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

MAX_SCHEMA_BYTES = 65_536
MAX_CONFIGURATION_BYTES = 65_536
MAX_DEPTH = 32
MAX_PROBLEMS = 20
MAX_TOLD = 300
"""Characters of a keyword's value that are told with a problem."""
MAX_EVALUATIONS = 50_000
"""Of keywords, in checking one configuration: references to references multiply."""
MAX_ITEMS = 1_000
"""Of one list in a configuration: unique ones are compared each with each."""
MAX_NAME = MAX_MATCHED
"""Characters of a name in a configuration, as names are matched too."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCES = ("$ref", "$dynamicRef")
_SURPLUS = ("additionalProperties", "unevaluatedProperties")
_KEPT_VALIDATORS = 256
# What stands under these are names of one's own, not keywords.
_MAPS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_DATA = frozenset({"const", "enum", "default", "examples"})


class _TooComplexError(Exception):
    """More keywords were asked than are allowed."""


_evaluations_left: ContextVar[int] = ContextVar("evaluations_left")


class JsonschemaConfigurationSchemas:
    """The `ConfigurationSchemas` port."""

    def problems_of_schema(self, schema: Mapping[str, Any]) -> Sequence[SchemaProblem]:
        """What is wrong with a schema."""
        size = _size_problem(schema, MAX_SCHEMA_BYTES)
        if size is not None:
            return [size]
        found = list(_own_rules(schema, ()))[:MAX_PROBLEMS]
        if found:
            return found
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - loaded on first use

        checking = Draft202012Validator(Draft202012Validator.META_SCHEMA)
        return _problems(checking.iter_errors(dict(schema))) or _unresolved(schema)

    def problems_of(self, schema: Mapping[str, Any], configuration: Any) -> Sequence[SchemaProblem]:
        """Where a configuration breaks a schema."""
        size = _size_problem(configuration, MAX_CONFIGURATION_BYTES)
        if size is not None:
            return [size]
        too_many = list(_too_many(configuration, ()))[:MAX_PROBLEMS]
        if too_many:
            return too_many
        validator = _validator(json.dumps(schema, sort_keys=True))
        _evaluations_left.set(MAX_EVALUATIONS)
        try:
            return _problems(validator.iter_errors(configuration))
        except (_TooComplexError, RecursionError):
            return [SchemaProblem(path=(), keyword="complexity")]


def _size_problem(document: Any, most: int) -> SchemaProblem | None:
    if _is_deeper(document, MAX_DEPTH):
        return SchemaProblem(path=(), keyword="depth")
    if len(json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")) > most:
        return SchemaProblem(path=(), keyword="size")
    return None


def _is_deeper(document: Any, levels: int) -> bool:
    members: Sequence[Any] = ()
    if isinstance(document, Mapping):
        members = list(document.values())
    elif isinstance(document, list):
        members = document
    return bool(members) and (levels == 0 or any(_is_deeper(member, levels - 1) for member in members))


def _too_many(document: Any, path: tuple[str | int, ...]) -> Iterator[SchemaProblem]:
    if isinstance(document, list):
        if len(document) > MAX_ITEMS:
            yield SchemaProblem(path=path, keyword="maxItems")
        for index, member in enumerate(document):
            yield from _too_many(member, (*path, index))
    elif isinstance(document, Mapping):
        if any(len(name) > MAX_NAME for name in document):
            yield SchemaProblem(path=path, keyword="propertyNames")
        for name, member in document.items():
            yield from _too_many(member, (*path, name[:MAX_NAME]))


def _own_rules(schema: Any, path: tuple[str | int, ...]) -> Iterator[SchemaProblem]:
    """What draft 2020-12 allows and a product's schema may not have."""
    if isinstance(schema, list):
        for index, member in enumerate(schema):
            yield from _own_rules(member, (*path, index))
        return
    if not isinstance(schema, Mapping):
        return
    yield from _forbidden(schema, path)
    for name, member in schema.items():
        if name in _DATA:
            continue
        if name in _MAPS and isinstance(member, Mapping):
            for own_name, own in member.items():
                if name == "patternProperties" and not is_bounded(own_name):
                    yield SchemaProblem(path=(*path, name, own_name), keyword="pattern")
                yield from _own_rules(own, (*path, name, own_name))
        else:
            yield from _own_rules(member, (*path, name))


def _forbidden(schema: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[SchemaProblem]:
    if schema.get("$schema", DIALECT) != DIALECT:
        yield SchemaProblem(path=(*path, "$schema"), keyword="$schema")
    # A base of its own would make a local reference mean something else.
    if path and "$id" in schema:
        yield SchemaProblem(path=(*path, "$id"), keyword="$id")
    for keyword in _REFERENCES:
        if not str(schema.get(keyword, "#")).startswith("#"):
            yield SchemaProblem(path=(*path, keyword), keyword="$ref")
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not is_bounded(pattern):
        yield SchemaProblem(path=(*path, "pattern"), keyword="pattern")


def _unresolved(schema: Mapping[str, Any]) -> list[SchemaProblem]:
    """References to what is not there."""
    from referencing import Registry, Resource  # noqa: PLC0415 - loaded on first use
    from referencing.exceptions import Unresolvable  # noqa: PLC0415
    from referencing.jsonschema import DRAFT202012  # noqa: PLC0415

    resource = Resource.from_contents(dict(schema), default_specification=DRAFT202012)
    resolver = Registry().with_resource("", resource).resolver()
    problems = []
    for path, reference in _references(schema, ()):
        try:
            resolver.lookup(reference)
        except Unresolvable:
            problems.append(SchemaProblem(path=path, keyword="$ref"))
    return problems[:MAX_PROBLEMS]


def _references(schema: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(schema, list):
        for index, member in enumerate(schema):
            yield from _references(member, (*path, index))
    elif isinstance(schema, Mapping):
        for name, member in schema.items():
            if name in _REFERENCES and isinstance(member, str):
                yield (*path, name), member
            elif name in _MAPS and isinstance(member, Mapping):
                for own_name, own in member.items():
                    yield from _references(own, (*path, name, own_name))
            elif name not in _DATA:
                yield from _references(member, (*path, name))


def _problems(errors: Any) -> list[SchemaProblem]:
    found = []
    for error in map(_nearest, errors):
        value = _value(error)
        found += [
            SchemaProblem(path=path, keyword=str(error.validator), value=value) for path in _paths(error)
        ]
        if len(found) >= MAX_PROBLEMS:
            break
    return sorted(found[:MAX_PROBLEMS], key=lambda problem: [str(part) for part in problem.path])


def _nearest(error: Any) -> Any:
    """Of a choice between a value's kinds, what is wrong with the kind that the value has; else the error."""
    fitting = [each for each in error.context or () if not each.path and each.validator != "type"]
    is_of_kinds = len(fitting) < len(error.context or ())
    return (
        fitting[0] if error.validator in ("anyOf", "oneOf") and is_of_kinds and len(fitting) == 1 else error
    )


def _value(error: Any) -> str | None:
    """What the keyword has in the schema, where it is short and plain; names and parts of schemas are not."""
    value = error.validator_value
    if isinstance(value, dict | bool) or error.validator == "required":
        return None
    texts = value if isinstance(value, list) and error.validator != "const" else [value]
    if not all(isinstance(each, str | int | float | None) for each in texts) and error.validator != "const":
        return None
    told = ", ".join(json.dumps(each, ensure_ascii=False) for each in texts)
    return told if len(told) <= MAX_TOLD else f"{told[:MAX_TOLD]} …"


def _paths(error: Any) -> list[tuple[str | int, ...]]:
    """To the value, and further to the name that is missing or too many, where it is about names."""
    path = tuple(error.absolute_path)
    names: list[str] = []
    if error.validator == "required":
        names = [name for name in error.validator_value if name not in error.instance]
        names = [name for name in names if repr(name) in error.message][:1]
    elif error.validator in _SURPLUS:
        names = [name for name in error.instance if repr(name) in error.message]
    return [(*path, name) for name in names] or [path]


@lru_cache(maxsize=_KEPT_VALIDATORS)
def _validator(schema: str) -> "Validator":
    """By the text of the schema: products share few, and each is compiled once."""
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415 - loaded on first use
    from referencing import Registry  # noqa: PLC0415

    keywords = {name: _counted(check) for name, check in Draft202012Validator.VALIDATORS.items()}
    keywords["pattern"] = _counted(_matching(Draft202012Validator.VALIDATORS["pattern"]))
    counting: Any = validators.extend(Draft202012Validator, keywords)
    checking: Validator = counting(json.loads(schema), registry=Registry())
    return checking


def _counted(check: Any) -> Any:
    def counting(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        left = _evaluations_left.get() - 1
        if left < 0:
            raise _TooComplexError
        _evaluations_left.set(left)
        yield from check(validator, value, instance, schema) or ()

    return counting


def _matching(check: Any) -> Any:
    def matching(validator: Any, pattern: Any, instance: Any, schema: Any) -> Any:
        from jsonschema.exceptions import ValidationError  # noqa: PLC0415 - loaded on first use

        if isinstance(instance, str) and len(instance) > MAX_MATCHED:
            yield ValidationError(f"longer than {MAX_MATCHED} characters")
        else:
            yield from check(validator, pattern, instance, schema) or ()

    return matching
