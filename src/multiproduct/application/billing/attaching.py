"""Invoices as files that go with a mail."""

from uuid import UUID

from multiproduct.application.billing.documents import Documents
from multiproduct.application.ports.mailer import MAX_ATTACHED_BYTES, Attachment
from multiproduct.domain.shared import NotConfigured

_PDF = "application/pdf"
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


async def invoice_attachment(documents: Documents, *, customer_id: UUID, number: str) -> Attachment | None:
    """The PDF of a customer's invoice as a file to send. None where there is no such invoice, where nothing
    prints (the `pdf` extra is not installed), and where it is larger than a mail takes: the mail goes out
    without it then. Raises Unavailable where too many others wait for the printer."""
    try:
        content = await documents.numbered_pdf(customer_id, number)
    except NotConfigured:
        return None
    if content is None or len(content) > MAX_ATTACHED_BYTES:
        return None
    name = "".join(each if each in _PLAIN else "-" for each in number)[:80].strip(".-") or "invoice"
    return Attachment(name=f"{name}.pdf", media_type=_PDF, content=content)
