"""What is wrong with a request before any use case sees it."""

from multiproduct.domain.shared import MultiproductError
from multiproduct.domain.shared.errors import Kind
from multiproduct.entrypoints.http.json_syntax import Expected


class Malformed(MultiproductError):
    """The body or the query cannot be read at all."""

    code = "malformed"
    kind = Kind.MALFORMED


class MalformedJson(Malformed):
    """The body is not JSON. The place is counted from 1, in characters; `expected` says what should stand
    there, where that is known."""

    def __init__(self, *, line: int, column: int, expected: Expected | None = None) -> None:
        self.line, self.column, self.expected = line, column, expected
        super().__init__(line=line, column=column, expected=expected)


class MethodNotAllowed(MultiproductError):
    """The path is known, the method is not one of its own. `allowed` is the value of the Allow header."""

    code = "method_not_allowed"
    kind = Kind.METHOD_NOT_ALLOWED

    def __init__(self, *, allowed: str) -> None:
        self.allowed = allowed
        super().__init__(allowed=allowed)


class BodyTooLarge(MultiproductError):
    """The body is longer than `max` bytes."""

    code = "too_large"
    kind = Kind.TOO_LARGE


class UnsupportedType(MultiproductError):
    """The body is of a content type that the endpoint does not read. `expected` is the value of the Accept
    header: the types that it does."""

    code = "unsupported_type"
    kind = Kind.UNSUPPORTED_TYPE

    def __init__(self, *, expected: str) -> None:
        self.expected = expected
        super().__init__(expected=expected)
