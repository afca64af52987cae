"""The endpoints of statements of account, of what stands on one's invoices, and of tax rules."""

from collections.abc import Sequence

from multiproduct.application.billing.account_results import (
    AccountStatementView,
    BillingCustomerView,
    TaxRuleList,
    TaxRuleView,
)
from multiproduct.application.billing.commands import (
    CreateTaxRule,
    ReadAccountStatement,
    SaveBillingCustomer,
)
from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.bootstrap import Container
from multiproduct.domain.billing import UnknownCustomer, UnknownTaxRule
from multiproduct.domain.billing.permissions import TAX_RULES_MANAGE, TAX_RULES_READ
from multiproduct.domain.shared import NotConfigured, StaleAggregate
from multiproduct.entrypoints.http.endpoints import Access, Call, Endpoint
from multiproduct.entrypoints.http.files import FileView

_BASE = "/api/v1/billing"
_ACCOUNT, _TAX = "Billing account", "Tax rules"

_PDF = "application/pdf"


async def _statement_pdf(container: Container, command: ReadAccountStatement, call: Call) -> FileView:
    content = await container.billing.statements.pdf(command, call.caller)
    return FileView(content=content, content_type=_PDF)


ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/statements",
        name="account_statement.read",
        tag=_ACCOUNT,
        summary="Read a statement of account",
        description="What was owed before, what changed it, and what is owed after, in one currency. One's "
        "own; with `billing.statement.read` somebody's. It agrees with the ledger.",
        handler=lambda container, command, call: container.billing.accounts.statement(command, call.caller),
        command=ReadAccountStatement,
        result=AccountStatementView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownCustomer,),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/statements/pdf",
        name="account_statement.pdf",
        tag=_ACCOUNT,
        summary="Print a statement of account",
        description="In the customer's language. One's own; with `billing.statement.read` somebody's.",
        handler=_statement_pdf,
        command=ReadAccountStatement,
        result=FileView,
        file_types=(_PDF,),
        cache_control="private, no-store",
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownCustomer, NotConfigured),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/customer",
        name="billing_customer.read",
        tag=_ACCOUNT,
        summary="Read what stands on one's invoices",
        handler=lambda container, _command, call: container.billing.accounts.customer(call.caller),
        result=BillingCustomerView,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="PUT",
        path=f"{_BASE}/customer",
        name="billing_customer.save",
        tag=_ACCOUNT,
        summary="Say what stands on one's invoices",
        description="From now on. What is empty is taken from the profile. A tax id is checked for its form "
        "and its check digits.",
        handler=lambda container, command, call: container.billing.accounts.save_customer(
            command, call.caller
        ),
        command=SaveBillingCustomer,
        result=BillingCustomerView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(StaleAggregate,),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/tax-rules",
        name="tax_rule.list",
        tag=_TAX,
        summary="List the tax rules",
        handler=lambda container, _command, call: container.billing.accounts.tax_rules(call.caller),
        result=TaxRuleList,
        access=Access.SIGNED_IN,
        permission=TAX_RULES_READ,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/tax-rules",
        name="tax_rule.create",
        tag=_TAX,
        summary="Make a tax rule",
        description="The rule of a region holds before that of its country, that of a class before the "
        "standard one, the latest before an earlier one.",
        handler=lambda container, command, call: container.billing.accounts.create_tax_rule(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=CreateTaxRule,
        result=TaxRuleView,
        status=201,
        access=Access.SIGNED_IN,
        permission=TAX_RULES_MANAGE,
        scope="default",
        errors=(IdempotencyMismatch, IdempotencyUnfinished),
        idempotent=True,
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/tax-rules/{{tax_rule_id}}",
        name="tax_rule.end",
        tag=_TAX,
        summary="End a tax rule",
        description="Now. What was invoiced by it stays as it is.",
        handler=lambda container, _command, call: container.billing.accounts.end_tax_rule(
            call.ids["tax_rule_id"], call.caller
        ),
        result=TaxRuleView,
        access=Access.SIGNED_IN,
        permission=TAX_RULES_MANAGE,
        scope="default",
        errors=(UnknownTaxRule, StaleAggregate),
    ),
)
