"""What people ask about the password of their own account."""

from pydantic import Field

from multiproduct.application.identity.commands import Command, Secret


class ChangePassword(Command):
    """Puts a new password in the place of the current one."""

    current_password: Secret = Field(repr=False)
    new_password: Secret = Field(repr=False)


class SetPassword(Command):
    """Gives a first password to an account that has none."""

    new_password: Secret = Field(repr=False)
