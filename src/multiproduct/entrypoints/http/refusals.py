"""What is wrong with a request before any use case sees it."""

from multiproduct.domain.shared import MultiproductError
from multiproduct.domain.shared.errors import Kind


class Malformed(MultiproductError):
    """The body or the query cannot be read at all."""

    code = "malformed"
    kind = Kind.MALFORMED


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
    """The body is of a content type that the endpoint does not read."""

    code = "unsupported_type"
    kind = Kind.UNSUPPORTED_TYPE
