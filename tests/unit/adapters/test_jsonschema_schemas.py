"""JSON Schemas of products: read by the draft, fetched from nowhere, and never busy for long."""

import sys

import pytest

from multiproduct.adapters.jsonschema import JsonschemaConfigurationSchemas
from multiproduct.adapters.jsonschema.pattern_bounds import is_bounded

SCHEMAS = JsonschemaConfigurationSchemas()
CRM = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "seats": {"type": "integer", "minimum": 1},
        "modules": {"type": "array", "items": {"$ref": "#/$defs/module"}, "uniqueItems": True},
    },
    "required": ["seats"],
    "unevaluatedProperties": False,
    "$defs": {
        "module": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "pattern": "^[a-z]+$"},
                "parts": {"type": "array", "items": {"$ref": "#/$defs/module"}},
            },
            "required": ["name"],
        }
    },
}


def _broken(schema, configuration):
    return [(problem.path, problem.keyword) for problem in SCHEMAS.problems_of(schema, configuration)]


def _wrong(schema):
    return [(problem.path, problem.keyword) for problem in SCHEMAS.problems_of_schema(schema)]


def test_a_schema_of_any_shape_is_taken_and_what_satisfies_it_passes():
    assert _wrong(CRM) == []
    assert _wrong({}) == []
    deep = {"name": "a", "parts": [{"name": "b", "parts": [{"name": "c"}]}]}
    assert _broken(CRM, {"seats": 3, "modules": [deep]}) == []


def test_each_problem_of_a_configuration_has_its_path():
    configuration = {
        "seats": 0,
        "modules": [{"name": "crm"}, {"name": "crm", "parts": [{"name": "A1"}, {}]}],
        "colour": "red",
    }
    assert sorted(_broken(CRM, configuration), key=str) == sorted(
        [
            (("seats",), "minimum"),
            (("modules", 1, "parts", 0, "name"), "pattern"),
            (("modules", 1, "parts", 1, "name"), "required"),
            (("colour",), "unevaluatedProperties"),
        ],
        key=str,
    )
    assert _broken(CRM, {}) == [(("seats",), "required")]
    assert _broken(CRM, []) == [((), "type")]


def test_two_missing_names_are_two_problems():
    schema = {"required": ["a", "b"]}
    assert _broken(schema, {}) == [(("a",), "required"), (("b",), "required")]


@pytest.mark.parametrize(
    ("schema", "path", "keyword"),
    [
        ({"type": "objekt"}, ("type",), "enum"),
        ({"properties": {"a": {"minimum": "1"}}}, ("properties", "a", "minimum"), "type"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, ("$schema",), "$schema"),
        ({"$ref": "https://example.com/schema"}, ("$ref",), "$ref"),
        ({"items": {"$ref": "file:///etc/passwd"}}, ("items", "$ref"), "$ref"),
        ({"items": {"$dynamicRef": "other#x"}}, ("items", "$dynamicRef"), "$ref"),
        ({"items": {"$ref": "#/$defs/nothing"}}, ("items", "$ref"), "$ref"),
        ({"items": {"$id": "https://example.com/"}}, ("items", "$id"), "$id"),
        ({"properties": {"a": {"pattern": "(a+)+$"}}}, ("properties", "a", "pattern"), "pattern"),
        ({"patternProperties": {"(": {}}}, ("patternProperties", "("), "pattern"),
        ({"allOf": [{"pattern": "("}]}, ("allOf", 0, "pattern"), "pattern"),
    ],
)
def test_what_is_no_schema_for_a_product_is_refused_with_its_path(schema, path, keyword):
    assert (path, keyword) in _wrong(schema)


def test_names_and_values_are_not_taken_for_keywords():
    schema = {
        "properties": {"$ref": {"type": "string"}, "pattern": {"const": {"$ref": "https://example.com"}}},
        "enum": [{"pattern": "("}],
    }
    assert _wrong(schema) == []


def _nested(levels):
    schema = {}
    for _ in range(levels):
        schema = {"items": schema}
    return schema


def test_a_schema_is_bounded_in_depth_and_size():
    assert _wrong(_nested(32)) == []
    assert _wrong(_nested(33)) == [((), "depth")]
    assert _wrong({"description": "x" * 65_536}) == [((), "size")]


def test_a_configuration_is_bounded_in_depth_size_and_length():
    assert _broken({}, _nested(33)) == [((), "depth")]
    assert _broken({}, {"a": "x" * 65_536}) == [((), "size")]
    assert _broken({"uniqueItems": True}, {"a": [1] * 1001}) == [(("a",), "maxItems")]
    assert _broken({}, {"x" * 257: 1}) == [((), "propertyNames")]


def test_references_that_multiply_end():
    doubling = {"$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(25)}}
    doubling["$defs"]["d25"] = {"type": "integer"}
    doubling["$ref"] = "#/$defs/d0"
    assert _wrong(doubling) == []
    assert _broken(doubling, 1) == [((), "complexity")]


def test_references_in_a_circle_end():
    circle = {"$ref": "#"}
    assert _wrong(circle) == []
    assert _broken(circle, 1) == [((), "complexity")]


def test_many_problems_are_cut_off():
    assert len(_broken({"items": {"type": "string"}}, list(range(1000)))) == 20


def test_a_text_that_is_too_long_to_be_matched_does_not_match():
    assert _broken({"pattern": "^a*$"}, "a" * 256) == []
    assert _broken({"pattern": "^a*$"}, "a" * 257) == [((), "pattern")]


@pytest.mark.parametrize(
    "pattern", ["^[a-z]+$", r"^\d{4}-\d{2}$", "^(a|b)?$", r"^[^@]+@[^@]+$", r"\(a\)*x", "[)+*]+", "^a{2,5}$"]
)
def test_plain_patterns_are_bounded(pattern):
    assert is_bounded(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+", "(a|a)*$", "(a|b){2,}", r"(a)\1", "(?P<x>a)(?P=x)", "a*b*c*", "(", "a{1000}", "x" * 257],
)
def test_patterns_that_could_take_for_ever_are_not(pattern):
    assert not is_bounded(pattern)


def test_the_package_is_loaded_on_first_use():
    # A process of its own, as this one has loaded it by now.
    import subprocess  # noqa: PLC0415 - only here; the interpreter that runs the tests

    program = "import multiproduct.bootstrap, sys; sys.exit('jsonschema' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
