"""Endpoints: added, changed, given new secrets, stopped, started and removed by whoever they belong to."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency, KeyedRequest
from multiproduct.application.identity.present_user import own_account
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.application.webhooks.commands import AddEndpoint, ChangeEndpoint, RotateSecret
from multiproduct.application.webhooks.event_types import PublicEvents
from multiproduct.application.webhooks.ports import WebhooksUnit
from multiproduct.application.webhooks.reach import reached
from multiproduct.application.webhooks.results import EndpointView, EndpointWithSecret, Removed
from multiproduct.application.webhooks.sealed_purposes import of_secret
from multiproduct.domain.webhooks import (
    ENDPOINTS_MANAGE,
    INSTALLATION,
    DestinationPolicy,
    DisabledFor,
    Endpoint,
    Options,
    Secret,
    TooManyEndpoints,
)
from multiproduct.domain.webhooks.filters import checked
from multiproduct.domain.webhooks.signing import SECRET_BYTES, written

MAX_OWN_ENDPOINTS = 20
MAX_INSTALLATION_ENDPOINTS = 50


class EndpointKeeping:
    """A secret is made in here, answered once, and kept sealed; no stored answer holds it. An endpoint of the
    installation is told of what whoever chose its address and events may read, and of nothing else."""

    def __init__(
        self,
        *,
        units: Units[WebhooksUnit],
        policy: DestinationPolicy,
        events: PublicEvents,
        sealing: Sealing,
        randomness: Randomness,
        idempotency: Idempotency,
        clock: Clock,
        real_time: RealTime,
        ids: Ids,
    ) -> None:
        self._units = units
        self._policy = policy
        self._events = events
        self._sealing = sealing
        self._randomness = randomness
        self._idempotency = idempotency
        self._clock = clock
        self._real_time = real_time
        self._ids = ids

    async def add(
        self, command: AddEndpoint, caller: Caller, *, idempotency_key: str | None = None
    ) -> EndpointWithSecret:
        """Adds one and shows its secret. Raises Unauthenticated, Forbidden, StepUpRequired, InvalidInput,
        TooManyEndpoints, IdempotencyMismatch, IdempotencyUnfinished."""
        owner_id = self._owner(command.owner, caller)
        options = self._options(command, caller)

        async def make(unit: WebhooksUnit, secret: Secret, owner: UUID) -> Endpoint:
            if owner != INSTALLATION:
                await own_account(unit, owner, now=self._clock.now())
            endpoint = Endpoint.add(
                id=self._ids.next(),
                owner_id=owner,
                slot=await _free_slot(unit, owner),
                options=options,
                secret=secret,
                made_by=caller.principal.user_id,
                now=self._clock.now(),
            )
            await unit.webhook_endpoints.add(endpoint)
            return endpoint

        async def owner(_unit: WebhooksUnit) -> UUID:
            return owner_id

        request = self._keyed("webhooks.add_endpoint", command, caller, idempotency_key)
        return await self._with_secret(request, caller, owner, make)

    async def rotate(
        self, endpoint_id: UUID, command: RotateSecret, caller: Caller, *, idempotency_key: str | None = None
    ) -> EndpointWithSecret:
        """Makes a new secret and shows it. Raises Unauthenticated, StepUpRequired, NotFound,
        IdempotencyMismatch, IdempotencyUnfinished."""

        async def owner(unit: WebhooksUnit) -> UUID:
            return (await reached(unit, endpoint_id, caller, permission=ENDPOINTS_MANAGE)).owner_id

        async def make(unit: WebhooksUnit, secret: Secret, _owner: UUID) -> Endpoint:
            endpoint = await reached(unit, endpoint_id, caller, permission=ENDPOINTS_MANAGE)
            endpoint.rotate(
                secret,
                overlap=timedelta(hours=command.overlap_hours),
                now=self._clock.now(),
                real_now=self._real_time.now(),
            )
            await unit.webhook_endpoints.save(endpoint)
            return endpoint

        request = self._keyed(f"webhooks.rotate_secret/{endpoint_id}", command, caller, idempotency_key)
        return await self._with_secret(request, caller, owner, make)

    async def change(self, endpoint_id: UUID, command: ChangeEndpoint, caller: Caller) -> EndpointView:
        """Changes what is given. Raises Unauthenticated, StepUpRequired, NotFound, InvalidInput."""

        async def body(unit: WebhooksUnit) -> EndpointView:
            endpoint = await reached(unit, endpoint_id, caller, permission=ENDPOINTS_MANAGE)
            options = self._changed(endpoint, command, caller)
            endpoint.change(options, by=caller.principal.user_id, now=self._clock.now())
            await unit.webhook_endpoints.save(endpoint)
            await unit.commit()
            return EndpointView.of(endpoint)

        return await in_unit(lambda: self._units.open(caller), body)

    async def disable(self, endpoint_id: UUID, caller: Caller) -> EndpointView:
        """Nothing is sent to it any more. Raises Unauthenticated, StepUpRequired, NotFound."""
        return await self._see_to(
            endpoint_id, caller, lambda each: each.disable(DisabledFor.OWNER, now=self._clock.now())
        )

    async def enable(self, endpoint_id: UUID, caller: Caller) -> EndpointView:
        """It is sent to again, what was left waiting first. Raises Unauthenticated, StepUpRequired,
        NotFound."""
        return await self._see_to(endpoint_id, caller, lambda each: each.enable(now=self._clock.now()))

    async def remove(self, endpoint_id: UUID, caller: Caller) -> Removed:
        """It is gone, with what was kept of its messages. Raises Unauthenticated, StepUpRequired,
        NotFound."""

        async def body(unit: WebhooksUnit) -> Removed:
            endpoint = await reached(unit, endpoint_id, caller, permission=ENDPOINTS_MANAGE)
            endpoint.removed(now=self._clock.now())
            await unit.webhook_endpoints.remove(endpoint)
            await unit.commit()
            return Removed()

        return await in_unit(lambda: self._units.open(caller), body)

    async def _see_to(
        self, endpoint_id: UUID, caller: Caller, act: Callable[[Endpoint], None]
    ) -> EndpointView:
        async def body(unit: WebhooksUnit) -> EndpointView:
            endpoint = await reached(unit, endpoint_id, caller, permission=ENDPOINTS_MANAGE)
            act(endpoint)
            await unit.webhook_endpoints.save(endpoint)
            await unit.commit()
            return EndpointView.of(endpoint)

        return await in_unit(lambda: self._units.open(caller), body)

    def _keyed(
        self, activity: str, command: AddEndpoint | RotateSecret, caller: Caller, key: str | None
    ) -> KeyedRequest[EndpointView]:
        return self._idempotency.keyed(
            key=key, activity=activity, caller=caller, command=command, answer_type=EndpointView
        )

    async def _with_secret(
        self,
        request: KeyedRequest[EndpointView],
        caller: Caller,
        owner_of: Callable[[WebhooksUnit], Awaitable[UUID]],
        make: Callable[[WebhooksUnit, Secret, UUID], Awaitable[Endpoint]],
    ) -> EndpointWithSecret:
        async def body(unit: WebhooksUnit) -> EndpointWithSecret:
            shown: list[str] = []

            async def first_time() -> EndpointView:
                owner = await owner_of(unit)
                text, secret = self._new_secret(owner)
                shown.append(text)
                return EndpointView.of(await make(unit, secret, owner))

            view = await request.once(unit, first_time, now=self._clock.now())
            await unit.commit()
            return EndpointWithSecret(endpoint=view, secret=shown[0] if shown else None)

        return await in_unit(lambda: self._units.open(caller), body)

    def _new_secret(self, owner_id: UUID) -> tuple[str, Secret]:
        key, id_ = self._randomness.bytes(SECRET_BYTES), self._ids.next()
        sealed = self._sealing.seal(key, purpose=of_secret(owner_id, id_))
        return written(key), Secret(id=id_, sealed=sealed, created_at=self._clock.now())

    def _owner(self, owner: str, caller: Caller) -> UUID:
        if owner == "installation":
            caller.require(ENDPOINTS_MANAGE)
            return INSTALLATION
        return caller.require_user()

    def _options(self, command: AddEndpoint, caller: Caller) -> Options:
        return Options(
            url=self._policy.read(command.url).url,
            events=checked(command.events, self._events.by_name),
            description=command.description,
            ordering=command.ordering,
            permissions=self._granted(caller) if command.owner == "installation" else frozenset(),
        )

    def _changed(self, endpoint: Endpoint, command: ChangeEndpoint, caller: Caller) -> Options:
        options = endpoint.options
        if command.url is not None:
            options = replace(options, url=self._policy.read(command.url).url)
        if command.events is not None:
            options = replace(options, events=checked(command.events, self._events.by_name))
        chooses_anew = (options.url, options.events) != (endpoint.options.url, endpoint.options.events)
        if chooses_anew and endpoint.owner_id == INSTALLATION:
            # Otherwise somebody could have sent to themselves what only somebody else may read.
            options = replace(options, permissions=self._granted(caller))
        if command.description is not None:
            options = replace(options, description=command.description)
        return replace(options, ordering=command.ordering or options.ordering)

    def _granted(self, caller: Caller) -> frozenset[str]:
        return frozenset(each for each in self._events.permissions if caller.principal.may(each))


async def _free_slot(unit: WebhooksUnit, owner_id: UUID) -> int:
    most = MAX_INSTALLATION_ENDPOINTS if owner_id == INSTALLATION else MAX_OWN_ENDPOINTS
    taken = {each.slot for each in await unit.webhook_endpoints.of_owners([owner_id])}
    free = next((slot for slot in range(most) if slot not in taken), None)
    if free is None:
        raise TooManyEndpoints(max=most)
    return free
