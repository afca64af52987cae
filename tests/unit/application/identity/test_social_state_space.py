"""Generated traces of what is there, what providers say, whose address it is and what attackers do: nobody
gets into an account without having proved every mailbox or factor of it."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.campaigns import proof_scale
from tests.oracles.account_access import Access, Foreign
from tests.servers.provider import TestProvider
from tests.unit.application.identity.people import PASSWORD, a_member
from tests.unit.application.identity.social import caller_of, social_house
from tests.unit.application.identity.test_social_sign_in import a_local_user

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import SignInWithPassword, SocialProof, Tokens, social_sign_in
from multiproduct.domain.identity import ForeignIdentity, Linking, Provider
from multiproduct.domain.shared import MultiproductError
from multiproduct.entrypoints.library import Multiproduct

VICTIM, ATTACKER = "victim", "attacker"
DEPTH = 6


@dataclass
class World:
    """One trace: addresses of its own, in an installation that all traces share."""

    house: Multiproduct
    provider: TestProvider
    number: int
    access: Access = field(init=False)
    sessions: dict[str, list[Tokens]] = field(default_factory=lambda: {VICTIM: [], ATTACKER: []})
    outcomes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.access = Access(
            mailboxes={self.gmail: VICTIM, self.company: VICTIM, self.theirs: ATTACKER, self.stale: VICTIM}
        )

    @property
    def gmail(self) -> str:
        return f"victim{self.number}@gmail.com"

    @property
    def company(self) -> str:
        return f"victim{self.number}@stark.com"

    @property
    def stale(self) -> str:
        """The attacker had this mailbox once, and Google remembers."""
        return f"desk{self.number}@stark.com"

    @property
    def theirs(self) -> str:
        return f"attacker{self.number}@gmail.com"

    def foreigners(self) -> list[Foreign]:
        """Every combination that a provider can honestly state, and every lie it lets pass."""
        honest = [
            Foreign("v-gmail", VICTIM, "google", self.gmail, verified=True),
            Foreign("v-hosted", VICTIM, "google", self.company, verified=True, hosted="stark.com"),
            Foreign("v-apple", VICTIM, "apple", self.company, verified=True),
            Foreign("v-facebook", VICTIM, "facebook", self.gmail, verified=False),
            Foreign("v-unverified", VICTIM, "google", self.gmail, verified=False),
            Foreign("a-gmail", ATTACKER, "google", self.theirs, verified=True),
        ]
        lies = [
            Foreign("a-stale", ATTACKER, "google", self.stale, verified=True),
            Foreign(
                "a-stale-elsewhere", ATTACKER, "google", self.stale, verified=True, hosted="attacker.com"
            ),
            Foreign("a-unverified", ATTACKER, "google", self.gmail, verified=False),
            Foreign(
                "a-unverified-hosted", ATTACKER, "google", self.company, verified=False, hosted="stark.com"
            ),
            Foreign("a-facebook", ATTACKER, "facebook", self.gmail, verified=True),
            Foreign("a-facebook-company", ATTACKER, "facebook", self.company, verified=True),
            Foreign("a-apple-unverified", ATTACKER, "apple", self.gmail, verified=False),
            Foreign("a-no-address", ATTACKER, "apple", None, verified=False),
        ]
        return honest + lies

    def token(self, foreign: Foreign) -> str:
        claims: dict[str, Any] = {
            "email": foreign.email,
            "email_verified": foreign.verified if foreign.email else None,
            "hd": foreign.hosted,
        }
        if foreign.provider == "facebook":
            claims["aud"] = self.provider.settings["facebook_app_id"]
        return self.provider.token(f"{foreign.name}-{self.number}", **claims)

    async def judge(self, tokens: Tokens, person: str, shown: Foreign | None) -> None:
        """Asks the oracle; the database says which mailboxes are on the account."""
        account = str(tokens.user.id)
        async with self.house.container.units.view(SYSTEM) as view:
            user = await view.users.find(tokens.user.id)
        verified = {user.email.display} if user.email is not None and user.email_verified else set()
        if account not in self.access.rightful:
            self.access.made(account, person, mailbox=next(iter(verified), None))
        self.access.verified[account] = verified
        complaint = self.access.complaint(account, person, shown)
        assert complaint is None, (complaint, shown, self.outcomes)
        self.sessions[person].append(tokens)


Move = Callable[[World], Awaitable[None]]


def come(name: str) -> Move:
    async def move(world: World) -> None:
        foreign = next(each for each in world.foreigners() if each.name == name)
        tokens = await world.house.identity.social_sign_in.by_token(
            Provider(foreign.provider), SocialProof(id_token=world.token(foreign))
        )
        assert isinstance(tokens, Tokens)
        await world.judge(tokens, foreign.holder, foreign)

    return move


def link(name: str) -> Move:
    """The holder links it to the account where they were last."""

    async def move(world: World) -> None:
        foreign = next(each for each in world.foreigners() if each.name == name)
        if not world.sessions[foreign.holder]:
            return
        tokens = world.sessions[foreign.holder][-1]
        caller = await caller_of(world.house, tokens)
        await world.house.identity.social_linking.link_by_token(
            Provider(foreign.provider), SocialProof(id_token=world.token(foreign)), caller
        )
        world.access.keys[str(tokens.user.id)].add(foreign)

    return move


def unlink(person: str) -> Move:
    async def move(world: World) -> None:
        if not world.sessions[person]:
            return
        tokens = world.sessions[person][-1]
        caller = await caller_of(world.house, tokens)
        linked = (await world.house.identity.social_linking.accounts(caller)).items
        if linked:
            await world.house.identity.social_linking.unlink(linked[0].id, caller)
            left = (await world.house.identity.social_linking.accounts(caller)).items
            assert len(left) == len(linked) - 1
            assert left or tokens.user.email or tokens.user.phone

    return move


def local(which: str, holder: str, *, verified: bool) -> Move:
    """A local account: proved by its holder, or lying in wait unverified, its password known to `holder`."""

    async def move(world: World) -> None:
        email = str(getattr(world, which))
        if verified:
            account = str((await a_member(world.house, email)).id)
        else:
            account = str((await a_local_user(world.house, email, verified=False)).id)
        world.access.made(account, holder, mailbox=email if verified else None, password=True)

    return move


def by_password(which: str, person: str) -> Move:
    """Somebody signs in with a password, if it is theirs to know."""

    async def move(world: World) -> None:
        email = str(getattr(world, which))
        tokens = await world.house.identity.sign_in.with_password(
            SignInWithPassword(email=email, password=PASSWORD)
        )
        assert isinstance(tokens, Tokens)
        if world.access.passwords.get(str(tokens.user.id)) == person:
            await world.judge(tokens, person, None)

    return move


NAMES = (
    "v-gmail", "v-hosted", "v-apple", "v-facebook", "v-unverified", "a-gmail", "a-stale", "a-stale-elsewhere",
    "a-unverified", "a-unverified-hosted", "a-facebook", "a-facebook-company", "a-apple-unverified",
    "a-no-address",
)  # fmt: skip
MOVES: dict[str, Move] = {
    **{f"come {name}": come(name) for name in NAMES},
    **{f"link {name}": link(name) for name in NAMES},
    "unlink victim": unlink(VICTIM),
    "unlink attacker": unlink(ATTACKER),
    "victim joins with gmail": local("gmail", VICTIM, verified=True),
    "victim joins with company": local("company", VICTIM, verified=True),
    "victim joins with desk": local("stale", VICTIM, verified=True),
    "attacker joins": local("theirs", ATTACKER, verified=True),
    "attacker waits at gmail": local("gmail", ATTACKER, verified=False),
    "attacker waits at company": local("company", ATTACKER, verified=False),
    "attacker waits at desk": local("stale", ATTACKER, verified=False),
    "password of gmail": by_password("gmail", VICTIM),
    "attacker's password of gmail": by_password("gmail", ATTACKER),
    "attacker's own password": by_password("theirs", ATTACKER),
}


async def play(world: World, names: list[str]) -> None:
    for name in names:
        try:
            await MOVES[name](world)
            world.outcomes.append(name)
        except MultiproductError as error:
            world.outcomes.append(f"{name}: {error.code}")
        except AssertionError as failure:
            if "no code" in str(failure):  # the address has an owner, who got a notice instead
                world.outcomes.append(f"{name}: has an owner")
                continue
            raise


async def test_no_trace_lets_anybody_in_without_proof() -> None:
    source = random.Random(20261121)
    count = proof_scale(150, 6_000)
    seen: Counter[str] = Counter()
    async with social_house() as (house, provider):
        for number in range(count):
            world = World(house, provider, number)
            await play(world, source.choices(sorted(MOVES), k=source.randint(2, DEPTH)))
            seen.update(world.outcomes)
    # The traces reach what they are about: sign-ins, links and refusals.
    assert sum(1 for outcome in seen if ":" not in outcome) >= proof_scale(25, 35)
    assert any("link_required" in outcome for outcome in seen)


async def test_every_pair_of_a_local_state_and_an_arrival_is_safe() -> None:
    states = [name for name in MOVES if "joins" in name or "waits" in name]
    arrivals = [name for name in MOVES if name.startswith("come")]
    async with social_house() as (house, provider):
        for number, (state, arrival) in enumerate((s, a) for s in states for a in arrivals):
            world = World(house, provider, number)
            await play(world, [state, arrival, "come a-facebook", "come v-gmail"][: proof_scale(2, 4)])


async def test_the_oracle_complains_where_somebody_links_by_address_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rule of many systems (unverified linking, Better Auth #9578): the oracle must catch it."""

    def by_address_alone(
        proved: ForeignIdentity, *, is_linked: bool, owner_is_verified: bool | None, was_unlinked: bool
    ) -> Linking:
        if is_linked:
            return Linking.SIGN_IN
        return Linking.CREATE if owner_is_verified is None else Linking.LINK

    monkeypatch.setattr(social_sign_in, "decide", by_address_alone)
    async with social_house() as (house, provider):
        for number, names in enumerate(
            (["victim joins with desk", "come a-stale"], ["attacker waits at gmail", "come v-gmail"])
        ):
            with pytest.raises(AssertionError, match=r"not theirs|that others made"):
                await play(World(house, provider, number), names)
