"""Product schemas and the configurations that must satisfy them."""

from collections.abc import Mapping, Sequence
from typing import Any

from multiproduct.application.catalog.ports import ConfigurationSchemas, SchemaProblem
from multiproduct.domain.catalog import Product
from multiproduct.domain.shared import FieldProblem, InvalidInput


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
                FieldProblem(
                    ".".join((field, *map(str, problem.path))), code, (("keyword", problem.keyword),)
                )
                for problem in problems
            )
        )
