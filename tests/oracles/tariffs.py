"""What usage costs, worked out unit by unit in decimals: slow, and written another way."""

from decimal import ROUND_HALF_UP, Context, Decimal

_EXACT = Context(prec=200, rounding=ROUND_HALF_UP)


def amount(
    *, model: str, tiers: list[tuple[int | None, str, int]], size: int, quantity: int, digits: int
) -> int:
    """Minor units for a whole quantity. A tier is (its end, the price of a unit, flat minor units)."""
    scale = Decimal(10) ** digits
    if quantity == 0:
        return 0
    exact = Decimal(0)
    if model == "package":
        left = quantity
        while left > 0:
            exact = _EXACT.add(exact, _EXACT.multiply(Decimal(tiers[0][1]), scale))
            left -= size
        return _rounded(_EXACT.add(exact, Decimal(tiers[0][2])))
    reached: set[int] = set()
    for number in range(1, quantity + 1):
        place = _tier(tiers, number if model == "graduated" else quantity)
        reached.add(place)
        exact = _EXACT.add(exact, _EXACT.multiply(Decimal(tiers[place][1]), scale))
    for place in reached:
        exact = _EXACT.add(exact, Decimal(tiers[place][2]))
    return _rounded(exact)


def _tier(tiers: list[tuple[int | None, str, int]], number: int) -> int:
    place = 0
    while tiers[place][0] is not None and number > (tiers[place][0] or 0):
        place += 1
    return place


def _rounded(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), context=_EXACT))
