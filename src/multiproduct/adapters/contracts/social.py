"""What every store of linked accounts, of sign-ins under way at a provider, and of nonces must do."""

from dataclasses import replace
from functools import partial

from multiproduct.adapters.contracts.builders import (
    DAY,
    MINUTE,
    NOW,
    UNUSUAL_TEXT,
    a_user,
    a_uuid,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import (
    EmailAddress,
    ForeignIdentity,
    Provider,
    SocialAccount,
    SocialReturn,
    SocialState,
    UnlinkReason,
    User,
)

_ISSUER = "https://accounts.example"


def _identity(subject: str) -> ForeignIdentity:
    return ForeignIdentity(
        provider=Provider.GOOGLE,
        issuer=_ISSUER,
        subject=subject,
        email=EmailAddress.parse("ada@example.com"),
    )


def _account(user: User, subject: str = "subject-1") -> SocialAccount:
    return SocialAccount.sign_up(_identity(subject), id=a_uuid(), user_id=user.id, now=NOW)


def _state(name: str = "state-1", **changed: object) -> SocialState:
    state = SocialState(
        state_hash=name,
        provider=Provider.APPLE,
        browser_hash="browser-1",
        user_id=None,
        nonce_hash="nonce-1",
        verifier=bytes(range(256)),
        redirect_uri="https://shop.example/back?x=1&y=%20",
        expires_at=NOW + 10 * MINUTE,
    )
    return replace(state, **changed)  # type: ignore[arg-type] # whatever a test names


def _answer(state: SocialState) -> SocialReturn:
    return SocialReturn(
        state_hash=state.state_hash,
        provider=state.provider,
        browser_hash=state.browser_hash,
        user_id=state.user_id,
    )


async def _add(account: SocialAccount, unit: StoreUnit) -> bool:
    return await unit.social_accounts.add(account)


async def _find(account: SocialAccount, unit: StoreUnit) -> SocialAccount | None:
    return await unit.social_accounts.find(account.id)


async def _find_by_subject(account: SocialAccount, unit: StoreUnit) -> SocialAccount | None:
    return await unit.social_accounts.find_by_subject(account.issuer, account.subject)


async def _keep(state: SocialState, unit: StoreUnit) -> None:
    await unit.social_states.add(state)


async def _keep_nonce(name: str, unit: StoreUnit) -> None:
    await unit.social_nonces.add(name, expires_at=NOW - MINUTE)


async def _a_user(units: Units[StoreUnit]) -> User:
    user = a_user()
    await in_one_unit(units, lambda unit: unit.users.add(user))
    return user


async def _take(units: Units[StoreUnit], answer: SocialReturn, *, late: bool = False) -> SocialState | None:
    now = NOW + 10 * MINUTE if late else NOW
    return await in_one_unit(units, lambda unit: unit.social_states.take(answer, now=now))


async def _events(units: Units[StoreUnit], event: str) -> int:
    return await in_view(units, lambda unit: unit.audit_trail.count(AuditFilter(event=event)))


class SocialContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`.
    """

    async def test_every_field_of_an_account_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        user = await _a_user(units)
        plain = _account(user)
        unusual = replace(
            _account(user, UNUSUAL_TEXT),
            provider=Provider.APPLE,
            email=None,
            mail_arrives=False,
            linked_at=NOW + MINUTE,
            last_used_at=NOW + DAY,
        )
        for account in (plain, unusual):
            assert await in_one_unit(units, partial(_add, account))
            assert await in_view(units, partial(_find, account)) == account
            found = await in_view(units, partial(_find_by_subject, account))
            assert found == account
        listed = await in_view(units, lambda unit: unit.social_accounts.of_user(user.id))
        assert list(listed) == [plain, unusual]

    async def test_what_is_not_there_is_not_found(self, units: Units[StoreUnit]) -> None:
        async with units.view(ANYBODY) as view:
            assert await view.social_accounts.find(a_uuid()) is None
            assert await view.social_accounts.find_by_subject(_ISSUER, "nobody") is None
            assert await view.social_accounts.of_user(a_uuid()) == []

    async def test_issuer_and_subject_belong_to_one_user_and_the_unit_goes_on(
        self, units: Units[StoreUnit]
    ) -> None:
        first, second = await _a_user(units), await _a_user(units)

        async def both(unit: StoreUnit) -> list[bool]:
            mine, theirs = _account(first), _account(second)
            elsewhere = replace(_account(second), issuer="https://other.example")
            return [await unit.social_accounts.add(each) for each in (mine, theirs, elsewhere)]

        assert await in_one_unit(units, both) == [True, False, True]
        assert await _events(units, "identity.social_account_linked") == 1

    async def test_of_many_that_link_one_account_at_once_one_does(self, units: Units[StoreUnit]) -> None:
        users = [await _a_user(units) for _ in range(8)]
        waiting = list(users)

        async def link(unit: StoreUnit) -> bool:
            account = _account(waiting.pop() if waiting else users[0])
            is_mine = await unit.social_accounts.add(account)
            await unit.commit()
            return is_mine

        assert sum(await race(units, len(users), link)) == 1

    async def test_use_is_written_and_nothing_else(self, units: Units[StoreUnit]) -> None:
        user = await _a_user(units)
        account = _account(user)
        await in_one_unit(units, lambda unit: unit.social_accounts.add(account))
        account.last_used_at = NOW + DAY
        account.mail_changed(arrives=False, now=NOW)
        await in_one_unit(units, lambda unit: unit.social_accounts.used(replace(account, subject="other")))
        found = await in_view(units, lambda unit: unit.social_accounts.find(account.id))
        assert found is not None
        assert (found.subject, found.last_used_at, found.mail_arrives) == ("subject-1", NOW + DAY, False)

    async def test_an_account_is_removed_once_and_its_removal_logged_once(
        self, units: Units[StoreUnit]
    ) -> None:
        user = await _a_user(units)
        account = _account(user)
        await in_one_unit(units, lambda unit: unit.social_accounts.add(account))
        for expected in (True, False):
            account.unlinked(UnlinkReason.BY_OWNER, now=NOW)
            removed = await in_one_unit(units, lambda unit: unit.social_accounts.remove(account))
            assert removed is expected
            account.collect_events()
        assert await _events(units, "identity.social_account_unlinked") == 1
        assert await in_view(units, lambda unit: unit.social_accounts.find(account.id)) is None

    async def test_a_state_comes_back_once_and_as_it_was(self, units: Units[StoreUnit]) -> None:
        user = await _a_user(units)
        for state in (_state(), _state("state-2", user_id=user.id, provider=Provider.GOOGLE)):
            await in_one_unit(units, partial(_keep, state))
            assert await _take(units, _answer(state)) == state
            assert await _take(units, _answer(state)) is None

    async def test_a_state_is_left_alone_by_any_other_answer(self, units: Units[StoreUnit]) -> None:
        user = await _a_user(units)
        for state in (_state(), _state("state-2", user_id=user.id)):
            await in_one_unit(units, partial(_keep, state))
            right = _answer(state)
            for wrong in (
                replace(right, state_hash="state-3"),
                replace(right, provider=Provider.GOOGLE),
                replace(right, browser_hash="browser-2"),
                replace(right, user_id=a_uuid()),
                replace(right, user_id=None if state.user_id else user.id),
            ):
                assert await _take(units, wrong) is None
            assert await _take(units, right, late=True) is None
            assert await _take(units, right) == state

    async def test_of_many_that_take_one_state_at_once_one_gets_it(self, units: Units[StoreUnit]) -> None:
        state = _state()
        await in_one_unit(units, lambda unit: unit.social_states.add(state))

        async def take(unit: StoreUnit) -> bool:
            taken = await unit.social_states.take(_answer(state), now=NOW)
            await unit.commit()
            return taken is not None

        assert sum(await race(units, 16, take)) == 1

    async def test_a_nonce_is_taken_once_and_in_time(self, units: Units[StoreUnit]) -> None:
        end = NOW + MINUTE
        await in_one_unit(units, lambda unit: unit.social_nonces.add("nonce-1", expires_at=end))

        async def take(unit: StoreUnit) -> list[bool]:
            return [
                await unit.social_nonces.take("nonce-2", now=NOW),
                await unit.social_nonces.take("nonce-1", now=end),
                await unit.social_nonces.take("nonce-1", now=NOW),
                await unit.social_nonces.take("nonce-1", now=NOW),
            ]

        assert await in_one_unit(units, take) == [False, False, True, False]

    async def test_what_is_used_is_used_once_whoever_else_tries(self, units: Units[StoreUnit]) -> None:
        async def spend(unit: StoreUnit) -> bool:
            is_first = await unit.social_nonces.spend("token-1", expires_at=NOW + MINUTE)
            await unit.commit()
            return is_first

        assert sum(await race(units, 16, spend)) == 1
        removed = await in_one_unit(units, lambda unit: unit.social_nonces.purge(before=NOW + DAY, limit=10))
        assert removed == 1

    async def test_what_a_user_took_away_is_remembered_until_it_is_linked_again(
        self, units: Units[StoreUnit]
    ) -> None:
        user, other = a_user(), a_user()
        account = _account(user)

        async def remember(unit: StoreUnit) -> None:
            for each in (user, other):
                await unit.users.add(each)
            await unit.social_accounts.note_unlinked(account, now=NOW)
            await unit.social_accounts.note_unlinked(account, now=NOW + MINUTE)

        async def told(unit: StoreUnit) -> list[bool]:
            return [
                await unit.social_accounts.was_unlinked(_ISSUER, "subject-1", user_id=user.id),
                await unit.social_accounts.was_unlinked(_ISSUER, "subject-2", user_id=user.id),
                await unit.social_accounts.was_unlinked(_ISSUER + "/", "subject-1", user_id=user.id),
                await unit.social_accounts.was_unlinked(_ISSUER, "subject-1", user_id=other.id),
            ]

        await in_one_unit(units, remember)
        assert await in_view(units, told) == [True, False, False, False]
        await in_one_unit(units, lambda unit: unit.social_accounts.forget_unlinked(account))
        assert await in_view(units, told) == [False] * 4

    async def test_what_expired_is_purged_and_no_more_than_the_limit(self, units: Units[StoreUnit]) -> None:
        for number in range(3):
            old = _state(f"old-{number}", expires_at=NOW - MINUTE)
            await in_one_unit(units, partial(_keep, old))
            await in_one_unit(units, partial(_keep_nonce, f"old-{number}"))
        await in_one_unit(units, lambda unit: unit.social_states.add(_state()))
        await in_one_unit(units, lambda unit: unit.social_nonces.add("new", expires_at=NOW + MINUTE))

        async def purge(unit: StoreUnit) -> list[int]:
            counts = [await unit.social_states.purge(before=NOW, limit=2) for _ in range(3)]
            return counts + [await unit.social_nonces.purge(before=NOW, limit=2) for _ in range(3)]

        assert await in_one_unit(units, purge) == [2, 1, 0, 2, 1, 0]
        assert await _take(units, _answer(_state())) is not None
