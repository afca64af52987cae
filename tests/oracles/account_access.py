"""Who may be in which account, told by who holds what: an oracle that knows nothing of how accounts link.

People hold mailboxes, passwords and accounts at providers. Whoever gets into an account here must hold every
verified mailbox of it, or have been in it rightfully before; and nobody may be put into one that others can
open.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Foreign:
    """An account at a provider: whose it is, and what the provider says about its address."""

    name: str
    holder: str
    provider: str
    email: str | None
    verified: bool
    hosted: str | None = None


@dataclass
class Access:
    """The history of one world. `mailboxes` is who holds each mailbox now."""

    mailboxes: dict[str, str]
    verified: dict[str, set[str]] = field(default_factory=dict)
    """The verified mailboxes of each account here."""
    rightful: dict[str, set[str]] = field(default_factory=dict)
    """Who made an account here, or proved themselves to it."""
    passwords: dict[str, str] = field(default_factory=dict)
    """Who knows the password of each account."""
    keys: dict[str, set[Foreign]] = field(default_factory=dict)
    """The foreign accounts that were seen to open each account."""

    def made(self, account: str, by: str, *, mailbox: str | None, password: bool = False) -> None:
        self.rightful[account] = {by}
        self.verified[account] = {mailbox} if mailbox else set()
        self.keys[account] = set()
        if password:
            self.passwords[account] = by

    def complaint(self, account: str, person: str, shown: Foreign | None) -> str | None:
        """Why this person should not have got into this account; None where they should."""
        for mailbox in self.verified[account]:
            if self.mailboxes[mailbox] != person:
                return f"{person} got into an account with {mailbox}, which is not theirs"
        if not self.verified[account] and person not in self.rightful[account]:
            return f"{person} got into an account that others made"
        intruders = {each.holder for each in self.keys[account]} - {person}
        if intruders:
            return f"{person} was put into an account that {intruders} can open"
        knows = self.passwords.get(account)
        if knows is not None and knows != person:
            return f"{person} was put into an account whose password {knows} knows"
        if shown is not None:
            self.keys[account].add(shown)
        self.rightful[account].add(person)
        return None
