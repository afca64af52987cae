"""What people are told of their accounts at Google, Apple and Facebook."""

from multiproduct.application.notifications.security_notices import SecurityNotices
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.identity import SocialAccountLinked, SocialAccountUnlinked


class SocialNotices:
    """Reactions to links. Each completes its todo whatever it decides."""

    def __init__(self, *, notices: SecurityNotices) -> None:
        self._notices = notices

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(SocialAccountLinked, "notifications.tell_of_social_link", self.tell_of_link)
        table.defer(SocialAccountUnlinked, "notifications.tell_of_social_unlink", self.tell_of_unlink)

    async def tell_of_link(self, event: SocialAccountLinked, heard: Heard) -> None:
        """So that an owner who did not do it can act. Whoever signed up with it knows."""
        if event.is_new_user:
            await self._notices.nothing_to_tell(heard)
        else:
            await self._notices.tell(heard, event.user_id, "social_linked", event)

    async def tell_of_unlink(self, event: SocialAccountUnlinked, heard: Heard) -> None:
        """Likewise."""
        await self._notices.tell(heard, event.user_id, "social_unlinked", event)
