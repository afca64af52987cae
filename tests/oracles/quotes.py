"""What lines cost after discounts and coupons, in decimals: written another way than the domain."""

from decimal import ROUND_HALF_UP, Decimal


def off(minor: int, percent: str) -> int:
    """What is left after a percentage, half up."""
    left = Decimal(minor) - Decimal(minor) * Decimal(percent) / 100
    return int(left.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def totals(
    lines: list[tuple[int, int, str | None]],
    percents: list[tuple[str, str]],
    amounts: list[tuple[str, int]],
) -> list[int]:
    """Of each line (unit price, quantity, discount). Coupons are (code, percentage) and (code, minor units),
    and cover every line."""
    left = [
        off(price * quantity, discount) if discount is not None else price * quantity
        for price, quantity, discount in lines
    ]
    for _code, percent in sorted(percents, key=lambda each: (-Decimal(each[1]), each[0])):
        left = [off(minor, percent) for minor in left]
    for _code, amount in sorted(amounts):
        left = _less(left, min(amount, sum(left)))
    return left


def _less(left: list[int], amount: int) -> list[int]:
    """Hands the amount out by Hamilton's method, one unit at a time."""
    whole = sum(left)
    if whole == 0:
        return left
    shares = [minor * amount // whole for minor in left]
    claims = [Decimal(minor) * amount / whole - share for minor, share in zip(left, shares, strict=True)]
    while sum(shares) < amount:
        index = max(range(len(left)), key=lambda i: (claims[i], -i))
        shares[index] += 1
        claims[index] = Decimal(-1)
    return [minor - share for minor, share in zip(left, shares, strict=True)]
