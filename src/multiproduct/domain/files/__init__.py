"""Files: what people upload, and what is wrong with some of it."""

from multiproduct.domain.files.errors import FileTooLarge, NotAnImage

__all__ = ["FileTooLarge", "NotAnImage"]
