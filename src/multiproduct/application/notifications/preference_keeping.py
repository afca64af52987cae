"""One's own preferences: what one wants to hear of, over which channels, and when."""

from datetime import time
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.present_user import own_account
from multiproduct.application.notifications.deliveries import NotificationUnit
from multiproduct.application.notifications.notification_type import NotificationType
from multiproduct.application.notifications.preference_commands import (
    ChangeSettings,
    Choice,
    Choose,
)
from multiproduct.application.notifications.preference_results import (
    ChannelView,
    PreferencesView,
    SettingsView,
    TypeView,
)
from multiproduct.application.notifications.security_notices import ListenerUnit
from multiproduct.application.notifications.types import NOTIFICATION_TYPES
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.notifications.events import PreferencesChanged
from multiproduct.domain.notifications.preference import Category, Channel, Choices, Target
from multiproduct.domain.notifications.quiet_hours import QuietHours
from multiproduct.domain.notifications.resolution import HousePolicy, Standing, resolve
from multiproduct.domain.notifications.settings import NotificationSettings
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotFound


class PreferenceKeeping:
    """Use cases. What they answer is what the pipeline would decide, suppressed addresses aside."""

    def __init__(self, *, units: Units[ListenerUnit], clock: Clock, house: HousePolicy) -> None:
        self._units = units
        self._clock = clock
        self._house = house

    async def read(self, caller: Caller) -> PreferencesView:
        """What one chose, and what comes of it. Raises Unauthenticated."""
        user_id = caller.require_user()
        async with self._units.view(caller) as view:
            return await self._view(view, user_id)

    async def choose(self, command: Choose, caller: Caller) -> PreferencesView:
        """Makes and takes back choices. Raises Unauthenticated, and InvalidInput for what is no target, an
        unknown type, a channel that it does not travel by, or a mandatory one."""
        user_id = caller.require_user()
        wanted = [(_target(number, each), each.enabled) for number, each in enumerate(command.choices)]

        async def body(unit: ListenerUnit) -> PreferencesView:
            now = self._clock.now()
            await own_account(unit, user_id, now=now)
            before = (await unit.notification_preferences.of_user(user_id)).chosen
            fields: dict[str, tuple[str | None, str | None]] = {}
            for target, enabled in wanted:
                await self._put(unit, user_id, target, enabled=enabled)
                if before.get(target) != enabled:
                    fields[_told(target)] = (_WORDS[before.get(target)], _WORDS[enabled])
            if fields:
                unit.record(PreferencesChanged(occurred_at=now, user_id=user_id, fields=fields))
            view = await self._view(unit, user_id)
            await unit.commit()
            return view

        return await in_unit(lambda: self._units.open(caller), body)

    async def settings(self, caller: Caller) -> SettingsView:
        """How one is told. Raises Unauthenticated."""
        user_id = caller.require_user()
        async with self._units.view(caller) as view:
            kept = await view.notification_settings.of_user(user_id)
            return SettingsView.of(kept, time_zone=await _zone(view, user_id))

    async def change_settings(self, command: ChangeSettings, caller: Caller) -> SettingsView:
        """Sets how one is told, whole. What waits already comes as it was to. Raises Unauthenticated, and
        InvalidInput for what is no time of the day."""
        user_id = caller.require_user()
        quiet, digest_at = _quiet_hours(command), _time("digest_at", command.digest_at)

        async def body(unit: ListenerUnit) -> SettingsView:
            now = self._clock.now()
            zone = (await own_account(unit, user_id, now=now)).time_zone
            before = await unit.notification_settings.of_user(user_id)
            after = NotificationSettings(
                user_id=user_id,
                quiet_hours=quiet,
                digest_at=digest_at,
                digest_categories=frozenset(command.digest_categories),
                unsubscribed_at=None if command.commercial_mail else before.unsubscribed_at or now,
            )
            await unit.notification_settings.put(after, now=now)
            old, new = SettingsView.of(before, time_zone=zone), SettingsView.of(after, time_zone=zone)
            if changed := _differences(old, new):
                unit.record(PreferencesChanged(occurred_at=now, user_id=user_id, fields=changed))
            await unit.commit()
            return new

        return await in_unit(lambda: self._units.open(caller), body)

    async def _put(
        self, unit: NotificationUnit, user_id: UUID, target: Target, *, enabled: bool | None
    ) -> None:
        if enabled is None:
            await unit.notification_preferences.remove(user_id, target)
        else:
            await unit.notification_preferences.put(user_id, target, is_on=enabled, now=self._clock.now())

    async def _view(self, view: NotificationUnit, user_id: UUID) -> PreferencesView:
        choices = await view.notification_preferences.of_user(user_id)
        settings = await view.notification_settings.of_user(user_id)
        standing = Standing(is_unsubscribed=settings.is_unsubscribed, choices=choices)
        return PreferencesView(
            choices=PreferencesView.choices_of(choices),
            types=[
                TypeView(
                    type=type_.key,
                    category=type_.category,
                    is_mandatory=type_.is_mandatory,
                    is_commercial=type_.is_commercial,
                    channels=[self._channel(type_, channel, standing) for channel in type_.channels],
                )
                for type_ in NOTIFICATION_TYPES.values()
            ],
        )

    def _channel(self, type_: NotificationType, channel: Channel, standing: Standing) -> ChannelView:
        decision = resolve(type_.asks(channel), standing, self._house)
        return ChannelView(channel=channel, enabled=decision.is_on, layer=decision.layer)


def _target(number: int, choice: Choice) -> Target:
    name = f"choices.{number}"
    try:
        target = Target(type_key=choice.type, category=choice.category, channel=choice.channel)
    except ValueError:
        raise InvalidInput(FieldProblem(name, "one_target")) from None
    if target.type_key is None:
        return target
    type_ = NOTIFICATION_TYPES.get(target.type_key)
    if type_ is None:
        raise InvalidInput(FieldProblem(f"{name}.type", "unknown_notification_type"))
    if type_.is_mandatory:
        raise InvalidInput(FieldProblem(f"{name}.type", "notification_is_mandatory"))
    if target.channel is not None and target.channel not in type_.channels:
        raise InvalidInput(FieldProblem(f"{name}.channel", "channel_not_of_type"))
    return target


def _quiet_hours(command: ChangeSettings) -> QuietHours | None:
    if command.quiet_hours is None:
        return None
    start = _time("quiet_hours.start", command.quiet_hours.start)
    end = _time("quiet_hours.end", command.quiet_hours.end)
    if start is None or end is None or start == end:
        raise InvalidInput(FieldProblem("quiet_hours.end", "same_time"))
    return QuietHours(start=start, end=end)


def _time(field: str, text: str | None) -> time | None:
    if text is None:
        return None
    hours, colon, minutes = text.partition(":")
    is_good = colon and all(each.isascii() and each.isdigit() and len(each) == 2 for each in (hours, minutes))
    if not is_good or int(hours) > 23 or int(minutes) > 59:
        raise InvalidInput(FieldProblem(field, "time_of_day"))
    return time(int(hours), int(minutes))


async def _zone(view: ListenerUnit, user_id: UUID) -> str:
    user = await view.users.find(user_id)
    if user is None:
        raise NotFound
    return user.time_zone


def _told(target: Target) -> str:
    return "/".join(each for each in (target.type_key, target.category, target.channel) if each)


_WORDS = {None: None, True: "on", False: "off"}


def _differences(before: SettingsView, after: SettingsView) -> dict[str, tuple[str | None, str | None]]:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return {name: (str(old[name]), str(new[name])) for name in old if old[name] != new[name]}


def choices_from(text: str) -> Choices:
    """The choices of a house, as a setting writes them: `billing.invoice_issued/email=on,offers=off`. Names
    with a dot are types. Raises ValueError for anything else."""
    chosen: dict[Target, bool] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, value = part.partition("=")
        if value not in ("on", "off"):
            raise ValueError(f"{part}: a choice ends with =on or =off")
        chosen[_house_target(name)] = value == "on"
    return Choices(chosen)


def _house_target(name: str) -> Target:
    type_key, _, channel = name.partition("/")
    if "." in type_key:
        if type_key not in NOTIFICATION_TYPES:
            raise ValueError(f"{type_key} is no type of notification")
        return Target(type_key=type_key, channel=Channel(channel) if channel else None)
    if name in {each.value for each in Channel}:
        return Target(channel=Channel(name))
    return Target(category=Category(name))
