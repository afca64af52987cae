"""Tokens with which somebody ends commercial mail without signing in: derived, and never stored."""

from multiproduct.application.otp import DerivedTokens, Peppers


class UnsubscribeTokens(DerivedTokens):
    """Each stands for a user. It is good as long as its secret is: mails are read late, and ending them harms
    nobody."""

    def __init__(self, *, peppers: Peppers) -> None:
        super().__init__(peppers=peppers, label="unsubscribe")
