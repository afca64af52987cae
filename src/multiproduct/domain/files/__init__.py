"""Files: what people upload, and what is wrong with some of it."""

from multiproduct.domain.files.errors import FileInfected, FileTooLarge, NotADocument, NotAnImage

__all__ = ["FileInfected", "FileTooLarge", "NotADocument", "NotAnImage"]
