"""Product schemas and the configurations that must satisfy them."""

from collections.abc import Mapping, Sequence
from typing import Any

from multiproduct.application.catalog.ports import ConfigurationSchemas, SchemaProblem
from multiproduct.domain.catalog import Product
from multiproduct.domain.shared import FieldProblem, InvalidInput

_ALLOWING = {"bad_schema": ("enum", "const", "type"), "breaks_schema": ("enum", "const")}
"""Keywords whose value lists what can stand there."""
_NAMING = {
    "required": "missing",
    "additionalProperties": "surplus",
    "unevaluatedProperties": "surplus",
}
"""Keywords that are about one field, whose name ends the path."""


class Configuring:
    """Steps that need no unit."""

    def __init__(self, *, schemas: ConfigurationSchemas) -> None:
        self._schemas = schemas

    def require_schema(self, schema: Mapping[str, Any], *, field: str = "product_schema") -> None:
        """Raises InvalidInput, with the path to each problem, for what is no schema that products can
        have."""
        _refuse(self._schemas.problems_of_schema(schema), field, "bad_schema")

    def require_configuration(
        self, product: Product, configuration: Any, *, field: str = "configuration"
    ) -> None:
        """Raises InvalidInput, with the path to each problem, for a configuration that breaks the product's
        schema."""
        if product.schema:
            _refuse(self._schemas.problems_of(product.schema, configuration), field, "breaks_schema")


def _refuse(problems: Sequence[SchemaProblem], field: str, code: str) -> None:
    if problems:
        raise InvalidInput(
            *(
                FieldProblem(".".join((field, *map(str, problem.path))), code, _told_of(problem, code))
                for problem in problems
            )
        )


def _told_of(problem: SchemaProblem, code: str) -> tuple[tuple[str, str | int], ...]:
    """The rule, and what would satisfy it where that can be said."""
    name = str(problem.path[-1]) if problem.path else ""
    if problem.value is not None and problem.keyword in _ALLOWING[code]:
        return ("keyword", problem.keyword), ("allowed", problem.value)
    if code == "breaks_schema" and problem.keyword in _NAMING:
        return ("keyword", problem.keyword), (_NAMING[problem.keyword], name)
    if code == "breaks_schema" and problem.value is not None:
        return (("keyword", f"{problem.keyword} {problem.value}"),)
    return (("keyword", problem.keyword),)
