"""What translation refuses."""

from multiproduct.domain.shared.errors import Kind, MultiproductError


class TooManyTerms(MultiproductError):
    """The glossary of these languages has as many terms as one may have. `max` says how many."""

    code = "too_many_glossary_terms"
    kind = Kind.CONFLICT

    def __init__(self, *, max: int) -> None:
        super().__init__(max=max)
