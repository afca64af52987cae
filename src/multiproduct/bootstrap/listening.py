"""Who listens to which event: every context's reactions, in one table."""

from dataclasses import dataclass
from typing import Any

from multiproduct.application.audit import Audit
from multiproduct.application.billing.printing_ports import Figures
from multiproduct.application.identity import Identity
from multiproduct.application.identity.erasure_reactions import ErasureReactions
from multiproduct.application.identity.invitation_tokens import InvitationTokens
from multiproduct.application.identity.reactions import IdentityReactions
from multiproduct.application.identity.stop_tokens import StopTokens
from multiproduct.application.notifications.account_notices import AccountNotices
from multiproduct.application.notifications.administration_notices import AdministrationNotices
from multiproduct.application.notifications.belongings_notices import BelongingsNotices
from multiproduct.application.notifications.billing_notices import BillingNotices
from multiproduct.application.notifications.digesting import Digesting
from multiproduct.application.notifications.erasing import NotificationsErasing
from multiproduct.application.notifications.factor_notices import FactorNotices
from multiproduct.application.notifications.key_notices import KeyNotices
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.notifying import Notifying
from multiproduct.application.notifications.reactions import IdentityNotices
from multiproduct.application.notifications.security_notices import SecurityNotices
from multiproduct.application.notifications.sending import Sending
from multiproduct.application.notifications.social_notices import SocialNotices
from multiproduct.application.notifications.subscription_notices import SubscriptionNotices
from multiproduct.application.otp import CodeBook, Peppers
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.translator import Translator
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import ReactionTable
from multiproduct.bootstrap.webhooks import EndpointNotices


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    """What the reactions are made from."""

    units: Units[Any]
    clock: Clock
    identity: Identity
    audit: Audit
    sending: Sending
    notifying: Notifying
    digesting: Digesting
    code_book: CodeBook
    links: Links
    translator: Translator
    figures: Figures
    peppers: Peppers
    sealing: Sealing

    def declare(self, table: ReactionTable) -> None:
        """Declares all of them."""
        IdentityReactions(units=self.units, usernames=self.identity.usernames).declare(table)
        ErasureReactions(units=self.units, audit=self.audit.erasing).declare(table)
        notices = SecurityNotices(
            units=self.units,
            sending=self.sending,
            notifying=self.notifying,
            links=self.links,
            translator=self.translator,
        )
        IdentityNotices(
            units=self.units,
            clock=self.clock,
            sending=self.sending,
            notifying=self.notifying,
            code_book=self.code_book,
            links=self.links,
            notices=notices,
        ).declare(table)
        FactorNotices(notices=notices).declare(table)
        KeyNotices(notices=notices).declare(table)
        AdministrationNotices(
            units=self.units,
            clock=self.clock,
            sending=self.sending,
            notices=notices,
            links=self.links,
            tokens=InvitationTokens(peppers=self.peppers),
            sealing=self.sealing,
            translator=self.translator,
        ).declare(table)
        SocialNotices(notices=notices).declare(table)
        AccountNotices(
            units=self.units,
            sending=self.sending,
            notices=notices,
            stop_tokens=StopTokens(peppers=self.peppers),
        ).declare(table)
        BillingNotices(
            units=self.units, notifying=self.notifying, figures=self.figures, links=self.links
        ).declare(table)
        SubscriptionNotices(
            units=self.units,
            clock=self.clock,
            notifying=self.notifying,
            figures=self.figures,
            links=self.links,
        ).declare(table)
        BelongingsNotices(
            units=self.units, notices=notices, notifying=self.notifying, links=self.links
        ).declare(table)
        EndpointNotices(notices=notices).declare(table)
        NotificationsErasing(clock=self.clock).declare(table)
        self.digesting.declare(table)
