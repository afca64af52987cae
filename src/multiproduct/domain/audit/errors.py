"""What keeps the chain from being extended."""

from multiproduct.domain.shared import Kind, MultiproductError


class HeadNotGenuine(MultiproductError):
    """The head of the audit chain is missing or was not signed by this installation. Nothing is sealed until
    somebody has looked: `multiproduct audit verify`."""

    code = "audit_head_not_genuine"
    kind = Kind.CONFLICT
