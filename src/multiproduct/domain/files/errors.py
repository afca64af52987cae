"""Why uploads are refused."""

from multiproduct.domain.shared import MultiproductError
from multiproduct.domain.shared.errors import Kind


class FileTooLarge(MultiproductError):
    """The file has more than `max` bytes."""

    code = "file_too_large"
    kind = Kind.TOO_LARGE


class NotADocument(MultiproductError):
    """The bytes are no PDF, PNG or JPEG."""

    code = "not_a_document"
    kind = Kind.INVALID


class FileInfected(MultiproductError):
    """A scanner found malware in the file."""

    code = "file_infected"
    kind = Kind.INVALID


class NotAnImage(MultiproductError):
    """The bytes are no picture in a format that is read here, are damaged, or are of more pixels than
    `max_pixels`."""

    code = "not_an_image"
    kind = Kind.INVALID
