"""Tokens with which whoever holds the old address calls a change off: derived, and never stored."""

from multiproduct.application.otp import DerivedTokens, Peppers


class StopTokens(DerivedTokens):
    """Each stands for a change."""

    def __init__(self, *, peppers: Peppers) -> None:
        super().__init__(peppers=peppers, label="contact-change-stop")
