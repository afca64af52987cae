"""The wording that tells what is wrong with a field: by its code, and by what is known of it."""

from multiproduct.domain.shared import FieldProblem

FINER_WORDINGS = {
    ("unknown", "nearest"): "unknown_like",
    ("value_too_small", "min"): "value_min",
    ("value_too_large", "max"): "value_max",
    ("out_of_range", "max"): "out_of_range_between",
    ("out_of_range", "after"): "out_of_range_after",
    ("out_of_range", "most"): "out_of_range_entries",
    ("invalid_date", "example"): "invalid_moment",
    ("invalid", "example"): "invalid_amount",
    ("invalid", "times"): "invalid_times",
    ("bad_schema", "allowed"): "allowed",
    ("breaks_schema", "allowed"): "allowed",
    ("breaks_schema", "missing"): "required",
    ("breaks_schema", "surplus"): "unknown",
}
"""By the code and the name of a parameter: the code stays what programs go by, whatever can be said."""


def field_wording(problem: FieldProblem) -> str:
    """The key of the message in the catalogues."""
    finer = (FINER_WORDINGS.get((problem.code, name)) for name, _ in problem.params)
    return f"field.{next((key for key in finer if key), problem.code)}"
