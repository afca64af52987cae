"""Which of two media types a client would rather have."""


def prefers(accept: str | None, wanted: str, *, over: str) -> bool:
    """Whether Accept (RFC 9110, 12.5.1) gives `wanted` more weight than `over`."""
    if not accept:
        return False
    return _weight(accept, wanted) > _weight(accept, over)


def _weight(accept: str, media_type: str) -> float:
    """The weight of the most specific range that fits."""
    main, _, _ = media_type.partition("/")
    ranks = {media_type: 2, f"{main}/*": 1, "*/*": 0}
    best, weight = -1, 0.0
    for element in accept.lower().split(",")[:20]:
        name, *parameters = (part.strip() for part in element.split(";"))
        rank = ranks.get(name, -1)
        if rank > best:
            best, weight = rank, _quality(parameters)
    return weight


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return min(1.0, max(0.0, float(parameter[2:])))
            except ValueError:
                return 0.0
    return 1.0
