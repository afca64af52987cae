"""Which paths of the source systems stand for which endpoints of subscriptions, as data."""

from collections.abc import Iterator, Mapping

# As `dialects` has them, which imports this.
MULTIPRODUCT, FLUXUS = "multiproduct", "fluxus"

Row = tuple[str, str, tuple[str, ...], Mapping[str, str]]
"""The path, whose it is, the endpoints, and further names of fields."""

_NAMED = {"product_id": "product", "plan_id": "plan"}


def _stark_paths() -> Iterator[Row]:
    for prefix in ("", "/api/v1", "/api/v1/services"):
        base = f"{prefix}/subscriptions"
        yield f"{base}/purchase/", MULTIPRODUCT, ("subscription.purchase",), _NAMED
        yield f"{base}/trial/start/", MULTIPRODUCT, ("subscription.start_trial",), _NAMED
        if prefix != "/api/v1":  # there the canonical paths are the same
            yield f"{base}/", MULTIPRODUCT, ("subscription.list",), {}
            yield f"{base}/{{subscription_id}}/cancel/", MULTIPRODUCT, ("subscription.cancel",), {}
            yield f"{base}/{{subscription_id}}/renew/", MULTIPRODUCT, ("subscription.renew",), {}


_FLUXUS = "/api/subscriptions"

SUBSCRIPTION_PATHS: tuple[Row, ...] = (
    *_stark_paths(),
    ("/api/services/start-trial/", MULTIPRODUCT, ("subscription.start_trial",), _NAMED),
    ("/api/services/purchase/", MULTIPRODUCT, ("subscription.purchase",), _NAMED),
    ("/api/services/my-subscriptions/", MULTIPRODUCT, ("subscription.list",), {}),
    (f"{_FLUXUS}/", FLUXUS, ("subscription.list", "subscription.create"), _NAMED),
    (f"{_FLUXUS}/{{subscription_id}}/", FLUXUS, ("subscription.read", "subscription.update"), {}),
    (f"{_FLUXUS}/{{subscription_id}}/update_status/", FLUXUS, ("subscription.status",), {}),
)
