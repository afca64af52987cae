"""Settings of selling: who the seller is, and how invoices are numbered, taxed, rounded and reminded of."""

from typing import Literal

from pydantic_settings import BaseSettings

from multiproduct.settings.declaring import setting


class SellingSettings(BaseSettings):
    """What stands on invoices, and how they come about."""

    seller_name: str = setting("", "SELLER_NAME", "who sells, as invoices have it; the brand by default")
    seller_address: str = setting(
        "", "SELLER_ADDRESS", "the seller's address, its lines separated by |, without the country"
    )
    seller_country: str = setting(
        "", "SELLER_COUNTRY", "the seller's country (ISO 3166-1 alpha-2), on which tax depends"
    )
    seller_region: str = setting("", "SELLER_REGION", "the seller's region, where tax depends on it")
    seller_tax_id: str = setting("", "SELLER_TAX_ID", "the seller's tax id, as invoices have it")
    seller_email: str = setting("", "SELLER_EMAIL", "where customers ask about invoices")
    invoice_number_format: str = setting(
        "{series}-{year}-{number:06}",
        "INVOICE_NUMBER_FORMAT",
        "how numbers of invoices and credit notes are written: letters, digits, /_.- and {series}, {seller}, "
        "{year}, with {number:06} at the end; series and year have to be in it",
    )
    tax_rounding: Literal["line", "invoice"] = setting(
        "line", "TAX_ROUNDING", "whether tax is rounded on each line, or once for all lines of one tax"
    )
    payment_term_days: int = setting(
        14, "PAYMENT_TERM_DAYS", "days after its issue until an invoice is due, 0 to 365"
    )
    reminder_days: str = setting(
        "-3,3,7,14,30",
        "REMINDER_DAYS",
        "days before (negative) and after the due date on which customers are reminded, besides that day",
    )
    renewal_retry_days: str = setting(
        "1,3,5,7",
        "RENEWAL_RETRY_DAYS",
        "days after a renewal failed on which it is charged again; after the last one it is given up",
    )
    renewal_reminder_days: str = setting(
        "7,3,1",
        "RENEWAL_REMINDER_DAYS",
        "days before the end of a trial, or of a subscription without renewal, on which people are reminded",
    )
    payment_instructions: str = setting(
        "", "PAYMENT_INSTRUCTIONS", "what invoices say about how to pay; nothing by default"
    )
    attach_invoices: bool = setting(
        True,
        "ATTACH_INVOICES",
        "whether mails about an invoice have its PDF with them, where the `pdf` extra is installed",
    )
    default_currency: str = setting("USD", "DEFAULT_CURRENCY", "the currency (ISO 4217) where none is named")
    default_gateway: str = setting("STARK_PAY", "DEFAULT_GATEWAY", "the gateway where none is named")
