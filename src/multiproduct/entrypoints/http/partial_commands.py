"""What is left of a command whose document has values of a wrong type, so that the rest can be judged too."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from multiproduct.entrypoints.http.documents import Sent


def partial_command(wanted: type[BaseModel], sent: Sent, *, without: Iterable[str]) -> BaseModel:
    """The command from the fields that nothing was found wrong with; None stands for a required one that is
    missing. `without`: the dotted paths of those that are wrong."""
    left_out = {path.partition(".")[0] for path in without}
    document = {
        name: value
        for name, value in sent.document.items()
        if name not in left_out and not (sent.is_text and isinstance(value, list))
    }
    lenient = _lenient(wanted)
    try:
        if sent.is_text:
            return lenient.model_validate_strings(document, extra="ignore")
        return lenient.model_validate_json(json.dumps(document), strict=True, extra="ignore")
    except ValidationError:  # a rule over several fields; each alone was good
        return lenient()


@lru_cache(maxsize=256)
def _lenient(wanted: type[BaseModel]) -> type[BaseModel]:
    """The same command with no field required."""
    optional: dict[str, Any] = {
        name: (field.annotation, None) for name, field in wanted.model_fields.items() if field.is_required()
    }
    model: type[BaseModel] = create_model(wanted.__name__, __base__=wanted, **optional)
    return model
