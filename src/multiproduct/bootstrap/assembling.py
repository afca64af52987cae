"""Putting an installation together: each part once, then the use cases on them."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.adapters.babel.figures import BabelFigures
from multiproduct.adapters.cryptography import AesGcmSealing
from multiproduct.adapters.httpx2 import GuardedReceivers, Httpx2WebClient
from multiproduct.adapters.jwt import JwtAccessTokens
from multiproduct.adapters.memory import MemoryRateLimiter
from multiproduct.adapters.passlib import PasslibPasswordHasher
from multiproduct.adapters.stdlib import (
    DerivedSecrets,
    OffsetClock,
    SystemClock,
    SystemHostNames,
    SystemIds,
    SystemRandomness,
    SystemRealTime,
)
from multiproduct.application.billing.erasing import BillingErasing
from multiproduct.application.billing.personal_data import BillingSource
from multiproduct.application.caching import Forgetting
from multiproduct.application.committing import Surroundings
from multiproduct.application.dispatching import Dispatching
from multiproduct.application.events import EventCatalogue
from multiproduct.application.identity.personal_data import PersonalDataRegistry
from multiproduct.application.identity.personal_sources import identity_sources
from multiproduct.application.identity.social_proving import SocialProviders
from multiproduct.application.notifications.inbox_personal_data import InboxSource
from multiproduct.application.notifications.inbox_watching import InboxWatch
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.personal_data import DeliveriesSource, PreferencesSource
from multiproduct.application.notifications.push_personal_data import PushDevicesSource
from multiproduct.application.notifications.sending import Sending
from multiproduct.application.otp import CodeBook
from multiproduct.application.payments.personal_data import PaymentsSource
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import ReactionTable
from multiproduct.application.relaying import Relaying, any_number
from multiproduct.application.scheduling import Scheduling
from multiproduct.application.subscriptions.personal_data import SubscriptionsSource
from multiproduct.application.throttling import Profile, Throttle, scopes_of
from multiproduct.application.webhooks.personal_data import EndpointsSource
from multiproduct.domain.otp import OtpPolicy
from multiproduct.settings import Settings

if TYPE_CHECKING:
    from multiproduct.adapters.dramatiq import TodoBroker

from multiproduct.bootstrap.branding import brand_of
from multiproduct.bootstrap.catalogues import every_event
from multiproduct.bootstrap.container import Container
from multiproduct.bootstrap.contexts import Contexts, by_name, contexts_of
from multiproduct.bootstrap.hashing import hasher_of
from multiproduct.bootstrap.jobs import jobs_of
from multiproduct.bootstrap.listening import Listeners
from multiproduct.bootstrap.media import images_of, storage_of
from multiproduct.bootstrap.notifying import (
    digesting_of,
    notifying_of,
)
from multiproduct.bootstrap.outside import mailbox_of, mailer_of, nothing_to_close, texter_of
from multiproduct.bootstrap.parts import (
    LateRenderer,
    Overrides,
    Role,
    shared_of,
    store_of,
)
from multiproduct.bootstrap.previewing import previewing_of
from multiproduct.bootstrap.pushing import push_parts_of
from multiproduct.bootstrap.security_log import tell_security
from multiproduct.bootstrap.social import ConfiguredProviders, own_redirects
from multiproduct.bootstrap.translation import TranslationReading, provider_of
from multiproduct.bootstrap.username_caches import UsernameCaches
from multiproduct.bootstrap.webhooks import destination_policy_of

_AUDIENCE = "multiproduct"


def build(settings: Settings, *, overrides: Overrides | None = None, role: Role = Role.SERVER) -> Container:
    """Puts an installation together. Raises ValueError for URLs that no adapter is for."""
    return Assembly(settings, overrides or Overrides()).container(role)


class Assembly:
    """The parts that are made once, and how the rest is made from them."""

    def __init__(self, settings: Settings, overrides: Overrides) -> None:
        self.settings = settings
        self.overrides = overrides
        self.real_time: RealTime = overrides.real_time or SystemRealTime()
        self.ids: Ids = overrides.ids or SystemIds()
        self.randomness: Randomness = overrides.randomness or SystemRandomness()
        self.translator = BabelTranslator()
        self.secrets = DerivedSecrets(masters=settings.secrets)
        self.sealing = AesGcmSealing(peppers=self.secrets)
        self.store = overrides.store or store_of(settings, self.real_time)
        self.clock = overrides.clock or self._clock()
        self.scopes = scopes_of(Profile(settings.limits), texts_a_day=settings.sms_a_day)
        self.local_limiter = MemoryRateLimiter(real_time=self.real_time)
        self.shared = shared_of(settings, self.real_time, self.local_limiter, self.scopes)
        self.throttle = Throttle(limiter=overrides.limiter or self.shared.limiter, scopes=self.scopes)
        self.otp_policy = OtpPolicy(
            digits=settings.otp_digits, lifetime=timedelta(minutes=settings.otp_minutes)
        )
        self.code_book = CodeBook(peppers=self.secrets, policy=self.otp_policy)
        self.access_tokens = JwtAccessTokens(
            seeds={
                key_id: seed
                for key_id in self.secrets.ids
                if (seed := self.secrets.secret(key_id, "access")) is not None
            },
            current=self.secrets.current_id,
            issuer=settings.base_url,
            audience=_AUDIENCE,
            lifetime=timedelta(minutes=settings.access_token_minutes),
            ids=self.ids,
        )
        self.hasher = overrides.hasher or hasher_of(settings)
        self.images = overrides.images or images_of()
        self.storage = overrides.storage or storage_of(settings)
        self.brand = brand_of(settings)
        self.links = Links(
            base_url=settings.base_url,
            sign_in_url=settings.sign_in_url,
            reset_url=settings.reset_url,
        )
        self.web = overrides.web or Httpx2WebClient()
        self.translation_provider = overrides.translation_provider or provider_of(settings, self.web)
        self.translation_reading = TranslationReading()
        self.host_names = SystemHostNames()
        self.receivers = overrides.receivers or GuardedReceivers(
            policy=destination_policy_of(settings), names=self.host_names
        )
        self.push = push_parts_of(
            settings,
            names=self.host_names,
            real_time=self.real_time,
            web=overrides.push_web,
            receivers=overrides.push_receivers,
        )
        self.social_providers = SocialProviders(
            providers=ConfiguredProviders(settings, web=self.web, real_time=self.real_time),
            redirects=own_redirects(settings),
        )
        self.mailbox = mailbox_of(settings, self.real_time)
        self.mailer, self.close_mailer = (
            (overrides.mailer, nothing_to_close)
            if overrides.mailer is not None
            else mailer_of(settings, self.mailbox, self.real_time)
        )
        self.texter = overrides.texter or texter_of(settings, self.mailbox, self.web)
        self.renderer = overrides.renderer or LateRenderer(translator=self.translator, brand=self.brand)
        self.personal_data = PersonalDataRegistry()
        for source in (
            *identity_sources(clock=self.clock, sealing=self.sealing),
            DeliveriesSource(),
            PreferencesSource(),
            PushDevicesSource(),
            InboxSource(),
            EndpointsSource(),
            PaymentsSource(),
            BillingSource(),
            SubscriptionsSource(),
        ):
            self.personal_data.add_source(source)
        self.relay: Relaying | None = None
        self.broker: TodoBroker | None = None
        self.forgetting = Forgetting(caches=())
        self.username_caches = UsernameCaches(shared=self.shared, real_time=self.real_time)
        self.inbox_watch = InboxWatch(invalidations=self.shared.invalidations)

    def container(self, role: Role) -> Container:
        """The whole, for a process of that role."""
        reactions, events = ReactionTable(unheard=self.overrides.unheard), every_event()
        units = self._units(reactions, events)
        contexts = contexts_of(self, units)
        self.forgetting = Forgetting(
            caches=(*self.username_caches.all(), *self.translation_reading.caches, self.inbox_watch)
        )
        self._declare(reactions, units, contexts)
        self.personal_data.add_last_account(contexts.subscriptions.last_usage)
        dispatching = Dispatching(
            todos=self.store.todo_queue,
            reactions=reactions,
            events=events,
            real_time=self.real_time,
            before_run=self._refresh_clock,
        )
        broker = self.broker = self._broker(role)
        self.relay = Relaying(
            todos=self.store.todo_queue,
            real_time=self.real_time,
            hand_over=self.overrides.hand_over or (broker.hand_over if broker else dispatching.run),
            room=broker.room if broker else any_number,
            lease=timedelta(seconds=self.settings.todo_lease_seconds),
        )
        scheduling = Scheduling(
            ledger=self.store.job_ledger,
            clock=self.clock,
            jobs=jobs_of(self, units, contexts),
            before_beat=self._refresh_clock,
        )
        return Container(
            **by_name(contexts),
            settings=self.settings,
            role=role,
            store=self.store,
            shared=self.shared,
            clock=self.clock,
            real_time=self.real_time,
            ids=self.ids,
            randomness=self.randomness,
            translator=self.translator,
            access_tokens=self.access_tokens,
            throttle=self.throttle,
            local_limiter=self.local_limiter,
            forgetting=self.forgetting,
            units=units,
            previewing=previewing_of(self),
            dispatching=dispatching,
            relay=self.relay,
            broker=broker,
            scheduling=scheduling,
            mailbox=self.mailbox,
            brand=self.brand,
            links=self.links,
            joined_container=self._joined,
            close_parts=self._close,
        )

    def _units(self, reactions: ReactionTable, events: EventCatalogue) -> Units[Any]:
        units = self.store.units(
            Surroundings(
                reactions=reactions,
                events=events,
                ids=self.ids,
                committed=self._committed,
                witnessed=tell_security,
                now=self.clock.now,
            )
        )
        return units if self.overrides.wrap_units is None else self.overrides.wrap_units(units)

    def _declare(self, reactions: ReactionTable, units: Units[Any], contexts: Contexts) -> None:
        notifying = notifying_of(self, units)
        Listeners(
            units=units,
            clock=self.clock,
            identity=contexts.identity,
            audit=contexts.audit,
            sending=self._sending(units),
            notifying=notifying,
            digesting=digesting_of(self, units, notifying),
            code_book=self.code_book,
            links=self.links,
            translator=self.translator,
            figures=BabelFigures(translator=self.translator),
            peppers=self.secrets,
            sealing=self.sealing,
        ).declare(reactions)
        contexts.payments.reactions.declare(reactions)
        contexts.billing.outcomes.declare(reactions)
        BillingErasing().declare(reactions)
        contexts.subscriptions.reactions.declare(reactions)
        contexts.subscriptions.erasing.declare(reactions)
        contexts.webhooks.reactions.declare(reactions)
        for listener in self.overrides.listeners:
            listener.declare(reactions, units)

    def _sending(self, units: Units[Any]) -> Sending:
        return Sending(
            units=units,
            clock=self.clock,
            ids=self.ids,
            mailer=self.mailer,
            texter=self.texter,
            renderer=self.renderer,
        )

    def _committed(self, has_todos: bool, stale: frozenset[str]) -> None:  # noqa: FBT001 - the kernel's call
        if stale:
            self.forgetting.forget_soon(stale)
        if has_todos and self.relay is not None:
            self.relay.wake()

    def _joined(self, whole: Container, connection: Any) -> Container:
        join = getattr(whole.units, "join", None)
        if join is None:
            raise TypeError("only units in an SQL database can join a host's transaction")
        units = join(connection)
        return replace(whole, units=units, **by_name(contexts_of(self, units)))

    def _clock(self) -> Clock:
        if not self.settings.test_clock:
            return SystemClock()
        return OffsetClock(real_time=self.real_time, offset=self.store.clock_offset)

    async def _refresh_clock(self) -> None:
        if isinstance(self.clock, OffsetClock):
            await self.clock.refresh()

    def _broker(self, role: Role) -> "TodoBroker | None":
        """Only workers send todos to the broker and take them from it; everybody else writes rows."""
        if role is not Role.WORKER or self.settings.broker is None or self.overrides.hand_over is not None:
            return None
        from multiproduct.adapters.dramatiq import TodoBroker  # noqa: PLC0415 - only where it is used

        return TodoBroker(url=self.settings.broker, lease=timedelta(seconds=self.settings.todo_lease_seconds))

    async def _close(self) -> None:
        if isinstance(self.hasher, PasslibPasswordHasher):
            self.hasher.close()
        close_images = getattr(self.images, "close", None)
        if close_images is not None:
            close_images()
        if self.broker is not None:
            await self.broker.close()
        await self.close_mailer()
        if isinstance(self.receivers, GuardedReceivers):
            await self.receivers.close()
        await self.push.close()
        self.host_names.close()
        if isinstance(self.web, Httpx2WebClient):
            await self.web.close()
