"""Money as the source systems write it: an amount, with the currency in a field beside it. As data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MONEY = {"amount", "currency"}


@dataclass(frozen=True, slots=True)
class MoneyName:
    """Where a dialect has a canonical field that holds money: the amount in `amount`, its currency in
    `currency`, if it is to be told there."""

    dialect: str
    canonical: str
    amount: str
    currency: str | None = None


MONEY_NAMES: tuple[MoneyName, ...] = (
    MoneyName("fluxus", "price", "price", "currency"),
    MoneyName("fluxus", "final_price", "final_price"),
    *(
        row
        for dialect in ("multiproduct", "fluxus")
        for row in (
            MoneyName(dialect, "amount", "amount", "currency"),
            *(
                MoneyName(dialect, name, name)
                for name in (
                    *("tax_amount", "total_amount", "paid_amount", "credited_amount", "due_amount"),
                    *("unit_price", "discount", "asked", "allocated", "received"),
                )
            ),
        )
    ),
)


def flattened(value: Any, dialect: str) -> Any:
    """A document under canonical names with the dialect's money in it, at every depth."""
    rows = {row.canonical: row for row in MONEY_NAMES if row.dialect == dialect}
    return _flattened(value, rows) if rows else value


def flattened_schema(schema: Mapping[str, Any], dialect: str) -> dict[str, Any]:
    """The schema of such a document, and its examples."""
    rows = {row.canonical: row for row in MONEY_NAMES if row.dialect == dialect}
    if not rows:
        return dict(schema)
    own = schema.get("properties", {})
    properties: dict[str, Any] = {}
    required = list(schema.get("required", ()))
    for name, field in own.items():
        row = rows.get(name)
        if row is None or not _is_money_schema(field):
            properties[name] = field
            continue
        told = {"type": ["string", "null"], "description": field.get("description", "")}
        properties[row.amount] = told
        if row.currency is not None:
            properties[row.currency] = told | {"description": "The currency of that, an ISO 4217 code."}
            required.append(row.currency)
    examples = [_flattened(example, rows) for example in schema.get("examples", ())]
    return {**schema, "properties": properties, "required": required} | (
        {"examples": examples} if examples else {}
    )


def _flattened(value: Any, rows: Mapping[str, MoneyName]) -> Any:
    if isinstance(value, list):
        return [_flattened(member, rows) for member in value]
    if not isinstance(value, dict):
        return value
    flat: dict[str, Any] = {}
    for name, member in value.items():
        row = rows.get(name)
        if row is None or not (member is None or (isinstance(member, dict) and member.keys() == _MONEY)):
            flat[name] = _flattened(member, rows)
            continue
        flat[row.amount] = member and member["amount"]
        if row.currency is not None:
            flat[row.currency] = member and member["currency"]
    return flat


def _is_money_schema(field: Mapping[str, Any]) -> bool:
    choices = [field, *field.get("anyOf", ())]
    return any(str(choice.get("$ref", "")).endswith("/MoneyView") for choice in choices)
