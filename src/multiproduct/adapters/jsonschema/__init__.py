"""JSON Schema, draft 2020-12, by the package jsonschema, which is loaded on first use."""

from multiproduct.adapters.jsonschema.schemas import JsonschemaConfigurationSchemas

__all__ = ["JsonschemaConfigurationSchemas"]
