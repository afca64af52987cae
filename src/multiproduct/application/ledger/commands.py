"""What may be asked of the ledger, checked for shape."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from multiproduct.application.moments import Moment
from multiproduct.application.money import CurrencyCode, MoneyInput
from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT
from multiproduct.domain.ledger import AccountKind, Limit, Side

MAX_ITEMS = 1_000
"""Of a batch that comes over HTTP."""
MAX_COMMAND_ENTRIES = 100

_ENTRIES = [
    {"account": "cash:till-1", "side": "debit", "amount": {"amount": "19.99", "currency": "USD"}},
    {"account": "equity", "side": "credit", "amount": {"amount": "19.99", "currency": "USD"}},
]
Code = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Text = Annotated[str, StringConstraints(max_length=500)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Cursor = Annotated[str, StringConstraints(max_length=512)]
PageLimit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]

_CODE = "Names the account for good: letters, digits and `_.:@/+-`, such as `receivable:acme`."


class Command(BaseModel):
    """Commands are frozen, and refuse fields that nobody knows."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class OpenAccount(Command):
    """Opens an account."""

    code: Code = Field(description=_CODE, examples=["cash:till-1"])
    kind: AccountKind = Field(description="Which side it grows on.", examples=["asset"])
    currency: CurrencyCode = Field(description="Of all its entries.", examples=["USD"])
    owner_id: UUID | None = Field(default=None, description="Whose account it is.", examples=[None])
    limit: Limit = Field(default=Limit.NONE, description="How far it may go.", examples=["none"])


class ListAccounts(Command):
    """Accounts by code. What is left out does not narrow."""

    owner_id: UUID | None = Field(
        default=None,
        description="Only accounts of this person.",
        examples=["7d9f0a52-4c1b-4e0e-8a65-0f1b2c3d4e5f"],
    )
    kind: Literal["asset", "liability", "equity", "revenue", "expense"] | None = Field(
        default=None, description="Only accounts of this kind.", examples=["asset"]
    )
    cursor: Cursor | None = Field(
        default=None, description="The `next_cursor` of the page before.", examples=["WyJhIl0"]
    )
    limit: PageLimit = Field(default=DEFAULT_LIMIT, description="How many at most.", examples=[50])


class ReadBalance(Command):
    """What stood on it: of what was effective before `effective_before` and posted before
    `posted_before`."""

    effective_before: Moment | None = Field(
        default=None,
        description="Only what took effect before this moment.",
        examples=["2026-11-21T06:31:00Z"],
    )
    posted_before: Moment | None = Field(
        default=None,
        description="Only what was posted before this moment.",
        examples=["2026-11-21T06:31:00Z"],
    )


class ReadTrialBalance(ReadBalance):
    """What stood on all accounts."""


class ReadStatement(Command):
    """The entries that were effective from `since` on and before `until`."""

    since: Moment | None = Field(
        default=None, description="What took effect from this moment on.", examples=["2026-11-20T00:00:00Z"]
    )
    until: Moment | None = Field(
        default=None, description="What took effect before this moment.", examples=["2026-11-22T00:00:00Z"]
    )
    cursor: Cursor | None = Field(
        default=None, description="The `next_cursor` of the page before.", examples=["WyJhIl0"]
    )
    limit: PageLimit = Field(default=DEFAULT_LIMIT, description="How many at most.", examples=[50])


class EntryInput(Command):
    """An amount above zero for one side of an account."""

    account: Code = Field(description="The account's code.", examples=["cash:till-1"])
    side: Side = Field(description="Debit or credit.", examples=["debit"])
    amount: MoneyInput = Field(description="The amount.", examples=[{"amount": "19.99", "currency": "USD"}])


class PostTransaction(Command):
    """Entries that sum to zero in each currency."""

    type: Literal["posting"] = Field(default="posting", description="What the item is.", examples=["posting"])
    entries: list[EntryInput] = Field(
        description="Two or more.", min_length=2, max_length=MAX_COMMAND_ENTRIES, examples=[_ENTRIES]
    )
    description: Text = Field(default="", description="What happened.", examples=["Till opened"])
    reference: Name | None = Field(default=None, description="Only what is about this.", examples=["till-1"])
    effective_at: Moment | None = Field(default=None, description="When it counts; now, if left out.")
    key: Name | None = Field(default=None, description="The same key is written once.", examples=["k-1"])
    linked: bool = Field(default=False, description="Stands or falls with the next item.", examples=[False])


class ReserveHold(Command):
    """Reserves an amount on two accounts."""

    type: Literal["hold"] = Field(default="hold", description="What the item is.", examples=["hold"])
    debit_account: Code = Field(description="The code of the account to debit.", examples=["wallet:ada"])
    credit_account: Code = Field(description="The code of the one to credit.", examples=["cash:till-1"])
    amount: MoneyInput = Field(description="The amount.", examples=[{"amount": "19.99", "currency": "USD"}])
    expires_at: Moment | None = Field(default=None, description="When it is released by itself.")
    description: Text = Field(default="", description="What it is for.", examples=["Deposit"])
    reference: Name | None = Field(default=None, description="Only what is about this.", examples=["till-1"])
    key: Name | None = Field(default=None, description="The same key is written once.", examples=["k-1"])
    linked: bool = Field(default=False, description="Stands or falls with the next item.", examples=[False])


class PostHold(Command):
    """Posts a hold, or part of it."""

    amount: MoneyInput | None = Field(default=None, description="The amount.")


class PostHoldItem(PostHold):
    """Posts a hold, as an item of a batch."""

    type: Literal["post_hold"] = Field(
        default="post_hold", description="What the item is.", examples=["post_hold"]
    )
    hold_id: UUID = Field(description="The hold.", examples=["0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"])
    key: Name | None = Field(default=None, description="The same key is written once.", examples=["k-1"])
    linked: bool = Field(default=False, description="Stands or falls with the next item.", examples=[False])


class VoidHoldItem(Command):
    """Releases a hold, as an item of a batch."""

    type: Literal["void_hold"] = Field(
        default="void_hold", description="What the item is.", examples=["void_hold"]
    )
    hold_id: UUID = Field(description="The hold.", examples=["0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"])
    key: Name | None = Field(default=None, description="The same key is written once.", examples=["k-1"])
    linked: bool = Field(default=False, description="Stands or falls with the next item.", examples=[False])


class ReverseTransaction(Command):
    """Undoes a transaction by another one."""

    description: Text = Field(default="", description="Why.", examples=["Entered twice"])


class ReversalItem(ReverseTransaction):
    """Undoes a transaction, as an item of a batch."""

    type: Literal["reversal"] = Field(
        default="reversal", description="What the item is.", examples=["reversal"]
    )
    transaction_id: UUID = Field(
        description="The transaction.", examples=["0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"]
    )
    key: Name | None = Field(default=None, description="The same key is written once.", examples=["k-1"])
    linked: bool = Field(default=False, description="Stands or falls with the next item.", examples=[False])


def _type_of(item: Any) -> str:
    """What an item says that it is; a posting, where it says nothing."""
    given = item.get("type", "posting") if isinstance(item, dict) else getattr(item, "type", "posting")
    return str(given)


BatchItem = Annotated[
    Annotated[PostTransaction, Tag("posting")]
    | Annotated[ReserveHold, Tag("hold")]
    | Annotated[PostHoldItem, Tag("post_hold")]
    | Annotated[VoidHoldItem, Tag("void_hold")]
    | Annotated[ReversalItem, Tag("reversal")],
    Discriminator(_type_of),
]


class PostBatch(Command):
    """Items that are judged one after the other."""

    items: list[BatchItem] = Field(
        description="The items, in their order.",
        min_length=1,
        max_length=MAX_ITEMS,
        examples=[[{"type": "posting", "entries": _ENTRIES}]],
    )


class ListTransactions(Command):
    """Transactions, the newest first."""

    reference: Name | None = Field(default=None, description="Only what is about this.", examples=["till-1"])
    cursor: Cursor | None = Field(
        default=None, description="The `next_cursor` of the page before.", examples=["WyJhIl0"]
    )
    limit: PageLimit = Field(default=DEFAULT_LIMIT, description="How many at most.", examples=[50])


class ListHolds(Command):
    """Open holds, the oldest first."""

    cursor: Cursor | None = Field(
        default=None, description="The `next_cursor` of the page before.", examples=["WyJhIl0"]
    )
    limit: PageLimit = Field(default=DEFAULT_LIMIT, description="How many at most.", examples=[50])


class ClosePeriod(Command):
    """Closes the books up to a moment."""

    until: Moment = Field(description="Nothing may become effective before.")
    reason: Text = Field(default="", description="For those who read of it later.", examples=["Year end"])


class ReopenPeriod(Command):
    """Opens the books again."""

    until: Moment | None = Field(
        default=None, description="What took effect before this moment.", examples=["2026-11-22T00:00:00Z"]
    )
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)] = Field(
        description="For those who read of it later.", examples=["A late invoice"]
    )


class ListPeriods(Command):
    """Changes of the close, the newest first."""

    cursor: Cursor | None = Field(
        default=None, description="The `next_cursor` of the page before.", examples=["WyJhIl0"]
    )
    limit: PageLimit = Field(default=DEFAULT_LIMIT, description="How many at most.", examples=[50])
