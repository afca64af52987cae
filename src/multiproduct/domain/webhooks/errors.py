"""What webhooks refuse."""

from multiproduct.domain.shared.errors import Kind, MultiproductError


class TooManyEndpoints(MultiproductError):
    """The owner has as many endpoints as one may have. `max` says how many."""

    code = "too_many_webhook_endpoints"
    kind = Kind.CONFLICT

    def __init__(self, *, max: int) -> None:
        super().__init__(max=max)


class EndpointDisabled(MultiproductError):
    """Nothing is sent to an endpoint that is disabled."""

    code = "webhook_endpoint_disabled"
    kind = Kind.CONFLICT


class MessageUnderWay(MultiproductError):
    """The message is being sent at this moment."""

    code = "webhook_message_under_way"
    kind = Kind.CONFLICT
