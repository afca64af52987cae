"""Endpoints: whose they are, what they may be, and what of them is ever shown."""

from datetime import timedelta

import pytest
from tests.unit.application.webhooks.house import URL, House, a_house

from multiproduct.application.audit import ReadOwnEntries
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller, Principal
from multiproduct.application.idempotency import IdempotencyMismatch
from multiproduct.application.webhooks import AddEndpoint, ChangeEndpoint, ListEndpoints, RotateSecret
from multiproduct.application.webhooks.endpoint_keeping import MAX_OWN_ENDPOINTS
from multiproduct.domain.shared import Forbidden, InvalidInput, NotFound, StepUpRequired, Unauthenticated
from multiproduct.domain.webhooks import ENDPOINTS_MANAGE, ENDPOINTS_READ, TooManyEndpoints
from multiproduct.domain.webhooks.signing import key_of


@pytest.fixture
async def house():
    async with a_house() as made:
        yield made


async def test_a_secret_is_shown_once_and_never_stored_in_the_clear(house: House) -> None:
    _, caller = await house.somebody()
    command = AddEndpoint(url=URL, events=["*"])
    made = await house.webhooks.endpoints.add(command, caller, idempotency_key="k")
    assert made.secret is not None
    assert len(key_of(made.secret)) == 32
    again = await house.webhooks.endpoints.add(command, caller, idempotency_key="k")
    assert (again.endpoint, again.secret) == (made.endpoint, None)
    with pytest.raises(IdempotencyMismatch):
        await house.webhooks.endpoints.add(
            AddEndpoint(url=URL, events=["billing.*"]), caller, idempotency_key="k"
        )
    listed = await house.webhooks.reading.endpoints(ListEndpoints(), caller)
    assert listed.items == [made.endpoint]
    async with house.container.units.view(SYSTEM) as view:
        stored = await view.webhook_endpoints.find(made.endpoint.id)
        kept = await view.idempotency.find(
            f"webhooks.add_endpoint/{caller.principal.user_id}", "k", now=house.container.clock.now()
        )
    assert key_of(made.secret) not in stored.secrets[0].sealed
    assert "whsec_" not in repr(kept)
    assert made.secret not in repr(made)


async def test_another_persons_endpoint_is_none(house: House) -> None:
    _, mine = await house.somebody()
    _, theirs = await house.somebody("admin")
    endpoint = (await house.endpoint(mine)).endpoint
    keeping, reading = house.webhooks.endpoints, house.webhooks.reading
    for attempt in (
        reading.endpoint(endpoint.id, theirs),
        keeping.change(endpoint.id, ChangeEndpoint(description="x"), theirs),
        keeping.rotate(endpoint.id, RotateSecret(), theirs),
        keeping.disable(endpoint.id, theirs),
        keeping.enable(endpoint.id, theirs),
        keeping.remove(endpoint.id, theirs),
        house.webhooks.messages.test(endpoint.id, theirs),
    ):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(Unauthenticated):
        await reading.endpoint(endpoint.id, ANYBODY)
    assert await reading.endpoint(endpoint.id, mine) == endpoint


async def test_the_installations_endpoints_need_a_permission(house: House) -> None:
    _, plain = await house.somebody()
    _, admin = await house.somebody("admin")
    with pytest.raises(Forbidden):
        await house.endpoint(plain, owner="installation")
    with pytest.raises(Forbidden):
        await house.webhooks.reading.endpoints(ListEndpoints(owner="installation"), plain)
    endpoint = (await house.endpoint(admin, owner="installation")).endpoint
    assert endpoint.owner_id is None
    with pytest.raises(NotFound):
        await house.webhooks.reading.endpoint(endpoint.id, plain)
    reader = Caller(
        principal=Principal(user_id=plain.require_user(), permissions=frozenset({ENDPOINTS_READ}))
    )
    assert await house.webhooks.reading.endpoint(endpoint.id, reader) == endpoint
    with pytest.raises(NotFound):
        await house.webhooks.endpoints.remove(endpoint.id, reader)
    weak = Caller(principal=Principal(user_id=plain.require_user(), withheld=frozenset({ENDPOINTS_MANAGE})))
    with pytest.raises(StepUpRequired):
        await house.webhooks.endpoints.remove(endpoint.id, weak)


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example.com/", "https://127.0.0.1/", "https://u:p@hooks.example.com/", "x"],
)
async def test_an_address_that_is_never_called_is_refused(house: House, url: str) -> None:
    _, caller = await house.somebody()
    with pytest.raises(InvalidInput):
        await house.endpoint(caller, url=url)
    endpoint = (await house.endpoint(caller)).endpoint
    with pytest.raises(InvalidInput):
        await house.webhooks.endpoints.change(endpoint.id, ChangeEndpoint(url=url), caller)
    with pytest.raises(InvalidInput):
        await house.endpoint(caller, events=["no.such_event.v1"])


async def test_an_owner_has_so_many_endpoints_and_no_more(house: House) -> None:
    _, caller = await house.somebody()
    made = [(await house.endpoint(caller)).endpoint for _ in range(MAX_OWN_ENDPOINTS)]
    with pytest.raises(TooManyEndpoints):
        await house.endpoint(caller)
    await house.webhooks.endpoints.remove(made[3].id, caller)
    await house.endpoint(caller)
    with pytest.raises(TooManyEndpoints):
        await house.endpoint(caller)


async def test_changing_leaves_out_what_is_left_out(house: House) -> None:
    _, caller = await house.somebody()
    before = (await house.endpoint(caller, description="a")).endpoint
    changed = await house.webhooks.endpoints.change(
        before.id, ChangeEndpoint(events=["identity.*"], ordering="per_key"), caller
    )
    assert (changed.url, changed.description, changed.events) == (before.url, "a", ["identity.*"])
    assert changed.ordering == "per_key"


async def test_both_secrets_sign_while_a_rotation_overlaps(house: House) -> None:
    holder, caller = await house.somebody()
    made = await house.endpoint(caller)
    rotated = await house.webhooks.endpoints.rotate(made.endpoint.id, RotateSecret(overlap_hours=1), caller)
    assert rotated.secret not in (None, made.secret)
    for signatures, later in ((2, timedelta()), (1, timedelta(hours=1))):
        await house.happens(holder.user.id)
        assert await house.send(later) == 1
        assert len(house.receiver.taken[-1].headers["webhook-signature"].split()) == signatures


async def test_staff_without_the_permission_of_an_event_is_not_told_by_choosing_the_address(
    house: House,
) -> None:
    holder, admin = await house.somebody("admin")
    endpoint = (await house.endpoint(admin, owner="installation")).endpoint
    await house.happens(holder.user.id)
    assert await house.send() == 1
    clerk = Caller(
        principal=Principal(user_id=holder.user.id, permissions=frozenset({ENDPOINTS_READ, ENDPOINTS_MANAGE}))
    )
    message = (await house.messages(endpoint.id, clerk))[0]
    with pytest.raises(Forbidden):
        await house.webhooks.reading.message(message.id, clerk)
    await house.webhooks.endpoints.change(endpoint.id, ChangeEndpoint(url=URL + "/mine"), clerk)
    await house.happens(holder.user.id)
    assert await house.send() == 0


async def test_what_happens_to_endpoints_stands_in_the_audit_log_without_addresses(house: House) -> None:
    _, caller = await house.somebody()
    endpoint = (await house.endpoint(caller, url=URL + "?token=t0psecret")).endpoint
    await house.webhooks.endpoints.rotate(endpoint.id, RotateSecret(), caller)
    await house.webhooks.endpoints.disable(endpoint.id, caller)
    await house.webhooks.endpoints.enable(endpoint.id, caller)
    await house.webhooks.endpoints.remove(endpoint.id, caller)
    mine = await house.container.audit.queries.mine(ReadOwnEntries(limit=50), caller)
    told = [each for each in mine.items if each.resource_id == str(endpoint.id)]
    assert {each.event for each in told} == {
        "webhooks.endpoint_added",
        "webhooks.endpoint_secret_rotated",
        "webhooks.endpoint_disabled",
        "webhooks.endpoint_enabled",
        "webhooks.endpoint_removed",
    }
    assert "t0psecret" not in repr(mine)
