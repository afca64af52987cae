"""Running a simulation: day by day, deed by deed, and a report at its end."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from random import Random
from typing import Protocol

from multiproduct.bootstrap import Container
from multiproduct.entrypoints.simulation.agenda import Agenda
from multiproduct.entrypoints.simulation.behaviour import Behaviour
from multiproduct.entrypoints.simulation.books_reading import read_books
from multiproduct.entrypoints.simulation.customer import Customer, World
from multiproduct.entrypoints.simulation.market import CURRENCY, open_market
from multiproduct.entrypoints.simulation.measuring import Measuring
from multiproduct.entrypoints.simulation.nights import Nights
from multiproduct.entrypoints.simulation.passing_time import PassingTime
from multiproduct.entrypoints.simulation.report import Report

_DAY = timedelta(days=1)
_DAYS_OF_A_YEAR = 365.25
_MONTHS = 12
_SECOND = timedelta(seconds=1)

Told = Callable[[int, int], None]
"""Told after each day: how many of how many are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is simulated. At most 1,000,000 customers and 50 years."""

    customers: int
    years: float
    seed: int
    behaviour: Behaviour = field(default_factory=Behaviour)

    def __post_init__(self) -> None:
        if not 1 <= self.customers <= 1_000_000:
            raise ValueError("from 1 to 1,000,000 customers")
        if not 0 < self.years <= 50:
            raise ValueError("above 0 and up to 50 years")

    @property
    def days(self) -> int:
        """How many days there are."""
        return max(1, round(self.years * _DAYS_OF_A_YEAR))


class Night(Protocol):
    """What goes on by itself after a day."""

    async def pass_over(self) -> None:
        """One night."""
        ...


class Simulation:
    """Customers come throughout the years, more of them early than late; everything they do is done through
    the use cases. The same plan on an empty store comes out the same, to the hash."""

    def __init__(
        self, *, container: Container, time: PassingTime, plan: Plan, night: Night | None = None
    ) -> None:
        self._container = container
        self._time = time
        self._plan = plan
        self._night = night or Nights(container=container)
        self._measuring = Measuring(units=container.units, begins=time.now())
        self._world: World | None = None
        self.customers: list[Customer] = []

    async def run(self, told: Told = lambda _done, _total: None) -> Report:
        """Lets the years pass. Raises SlugTaken where the store had a simulation already."""
        begins = self._time.now()
        self._world = world = await self._begin(begins)
        self._invite(world, begins)
        plan, months = self._plan, 0
        for day in range(1, plan.days + 1):
            end = begins + day * _DAY
            await self._live(world.agenda, end)
            self._time.reach(end)
            await self._night.pass_over()
            if day < plan.days and day * _MONTHS >= (months + 1) * _DAYS_OF_A_YEAR:
                months += 1
                await self._measure(end)
            told(day, plan.days)
        return await self.report()

    async def _begin(self, begins: datetime) -> World:
        return World(
            container=self._container,
            market=await open_market(self._container.catalog),
            behaviour=self._plan.behaviour,
            agenda=Agenda(),
            ends=begins + self._plan.days * _DAY,
            done=Counter(),
            refused=Counter(),
        )

    def _invite(self, world: World, begins: datetime) -> None:
        """Decides when each comes: the density of those who come falls evenly to nothing."""
        length = world.ends - begins
        random = Random(f"coming {self._plan.seed}")  # noqa: S311 - a simulation is to be predictable
        for number in range(self._plan.customers):
            own = Random(f"customer {self._plan.seed} {number}")  # noqa: S311 - likewise
            customer = Customer(number=number, random=own, world=world)
            self.customers.append(customer)
            share = 1 - sqrt(1 - random.random())
            world.agenda.put(begins + int(length * share / _SECOND) * _SECOND, customer.come)

    async def _live(self, agenda: Agenda, until: datetime) -> None:
        while (due := agenda.due(until)) is not None:
            moment, deed = due
            self._time.reach(moment)
            await deed()

    async def _measure(self, end: datetime) -> None:
        ids = [each.subscription_id for each in self.customers if each.subscription_id is not None]
        await self._measuring.take(end, ids)

    async def report(self) -> Report:
        """How things stand now, the last month's figures included. Raises RuntimeError before `run`."""
        if self._world is None:
            raise RuntimeError("nothing was simulated yet")
        world = self._world
        await self._measure(self._time.now())
        books = await read_books(self._container.ledger, self._container.units)
        months = self._measuring.months
        return Report(
            seed=self._plan.seed,
            customers=self._plan.customers,
            years=self._plan.years,
            currency=CURRENCY,
            subscriptions=months[-1].subscriptions,
            subscription_years=self._measuring.subscription_years,
            mrr=months[-1].mrr,
            customer_churn=self._measuring.customer_churn,
            revenue_churn=self._measuring.revenue_churn,
            revenue=books.revenue,
            refunds=books.refunds,
            credited=books.credited,
            open_receivables=books.open_receivables,
            bad_debts=books.bad_debts,
            customer_funds=books.customer_funds,
            invoices=books.invoices,
            transactions=books.transactions,
            trial_balance=books.trial_balance,
            ledger_root=books.root,
            done=dict(sorted(world.done.items())),
            refused=dict(sorted(world.refused.items())),
            months=months,
        )
