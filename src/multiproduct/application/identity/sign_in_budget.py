"""How many wrong passwords in a row may be tried for one name, from however many network addresses."""

from datetime import timedelta
from uuid import UUID

from multiproduct.application.identity.new_devices import LATELY
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.otp import CodeBook
from multiproduct.application.ports.clock import Clock
from multiproduct.application.throttling import network_of
from multiproduct.domain.identity import SignInFailures, User
from multiproduct.domain.shared import TooManyRequests

SCOPE = "sign_in_failures"
_NOBODY = UUID(int=0)
_MOST_CIRCUMSTANCES = 1_000


class SignInBudget:
    """Beyond 100 failures in a row a name's next try by password has to wait, unless it comes from a network
    that its account was used from lately. The same queries are made for names that nobody has.

    What counts is decided when a password was compared and before anybody is told the outcome, so that a
    hundred tries at once are told no more than a hundred after one another.
    """

    def __init__(self, *, clock: Clock, code_book: CodeBook) -> None:
        self._clock = clock
        self._code_book = code_book

    async def admit(self, unit: IdentityUnit, subject_key: str, user: User | None) -> None:
        """Before the work of a try is done. Raises TooManyRequests."""
        failures = await unit.sign_in_failures.find(subject_key)
        if failures is not None:
            await self._judge(unit, failures, user)

    async def failed(self, unit: IdentityUnit, subject_key: str, user: User | None) -> None:
        """Counts a wrong password. Raises TooManyRequests where the try came too late to be told that."""
        failures = await unit.sign_in_failures.hold(subject_key)
        await self._judge(unit, failures, user)
        failures.failed(now=self._clock.now())
        await unit.sign_in_failures.save(failures)

    async def succeeded(self, unit: IdentityUnit, subject_key: str, user: User) -> None:
        """Begins to count anew after the right password. Raises TooManyRequests where it came too late to be
        told that."""
        failures = await unit.sign_in_failures.find(subject_key)
        if failures is not None:
            await self._judge(unit, failures, user)
            await self.forgive(unit, user)

    async def admit_within(self, unit: IdentityUnit, user_id: UUID) -> None:
        """Like `admit`, for a password that is asked for in a session. Whoever is in may be a thief, so no
        network is trusted; nobody else can use this count up. Raises TooManyRequests."""
        failures = await unit.sign_in_failures.find(self._within(user_id))
        if failures is not None:
            self._have_wait(failures)

    async def failed_within(self, unit: IdentityUnit, user_id: UUID) -> None:
        """Like `failed`, in a session."""
        failures = await unit.sign_in_failures.hold(self._within(user_id))
        self._have_wait(failures)
        failures.failed(now=self._clock.now())
        await unit.sign_in_failures.save(failures)

    async def succeeded_within(self, unit: IdentityUnit, user_id: UUID) -> None:
        """Like `succeeded`, in a session, of whose wrong passwords alone it makes an end."""
        await self.admit_within(unit, user_id)
        await unit.sign_in_failures.forget([self._within(user_id)])

    async def forgive(self, unit: IdentityUnit, user: User) -> None:
        """Begins to count anew for every name of a user, who proved to have the mailbox or the number that a
        new password is set by. A passkey, a device key or a linked account says nothing about the password
        (NIST SP 800-63B-4, 3.2.2: what is forgotten are the failures of the authenticator that was used)."""
        names = [user.username.key]
        names += [user.email.key] if user.email else []
        names += [str(user.phone)] if user.phone else []
        keys = [self._code_book.subject_key(name) for name in names]
        await unit.sign_in_failures.forget([*keys, self._within(user.id)])

    def _within(self, user_id: UUID) -> str:
        # What is not printed has no part in any name: nobody counts here who signs in by such a text.
        return self._code_book.subject_key(f"\0session of {user_id}")

    def _have_wait(self, failures: SignInFailures) -> None:
        wait = failures.wait(now=self._clock.now())
        if wait:
            raise _told_to_wait(wait)

    async def _judge(self, unit: IdentityUnit, failures: SignInFailures, user: User | None) -> None:
        now = self._clock.now()
        wait = failures.wait(now=now)
        if not wait:
            return
        used = await unit.sessions.used_before(
            user.id if user is not None else _NOBODY,
            since=now - LATELY,
            besides=_NOBODY,
            limit=_MOST_CIRCUMSTANCES,
        )
        here = unit.caller.ip
        if here is None or network_of(here) not in {network_of(ip) for _, ip in used if ip is not None}:
            raise _told_to_wait(wait)


def _told_to_wait(wait: timedelta) -> TooManyRequests:
    return TooManyRequests(scope=SCOPE, retry_after=max(1, -int(-wait.total_seconds() // 1)))
