"""What the settings name of the world outside: who takes mails and texts, who knows breached passwords."""

from collections.abc import Awaitable, Callable

from multiproduct.adapters.mailbox import DevelopmentMailbox
from multiproduct.application.ports.breaches import BreachedPasswords
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.mailer import Mailer
from multiproduct.application.ports.texter import Texter
from multiproduct.application.ports.web_client import WebClient
from multiproduct.bootstrap.parts import MEMORY_URL
from multiproduct.settings import Settings


def mailbox_of(settings: Settings, real_time: RealTime) -> DevelopmentMailbox | None:
    """The development mailbox, unless mails are really sent."""
    if settings.smtp_url:
        return None
    is_kept = settings.database_url != MEMORY_URL
    return DevelopmentMailbox(real_time=real_time, folder=settings.mailbox_dir if is_kept else None)


def mailer_of(
    settings: Settings, mailbox: DevelopmentMailbox | None, real_time: RealTime
) -> tuple[Mailer, Callable[[], Awaitable[None]]]:
    """Who takes mails, and how that is closed."""
    if mailbox is not None:
        return mailbox.mailer, nothing_to_close
    from multiproduct.adapters.smtp import SmtpMailer  # noqa: PLC0415 - only where it is used

    mailer = SmtpMailer(url=settings.smtp_url or "", sender=settings.mail_from, real_time=real_time)
    return mailer, mailer.close


def texter_of(settings: Settings, mailbox: DevelopmentMailbox | None, web: WebClient) -> Texter | None:
    """The gateway that the settings name, else the mailbox, else none: nothing promises a text then."""
    if settings.sms_gateway is None:
        return mailbox.texter if mailbox else None
    from multiproduct.adapters.sms import texter_of as gateway_of  # noqa: PLC0415 - only where it is used

    return gateway_of(
        settings.sms_gateway,
        web=web,
        url=settings.sms_url,
        account=settings.sms_account,
        key=settings.sms_key.get_secret_value(),
        header=settings.sms_header,
        sender=settings.sms_sender,
        fields=settings.sms_fields,
    )


def breaches_of(settings: Settings, web: WebClient) -> BreachedPasswords | None:
    """The service that knows passwords from breaches, where the settings name one."""
    if settings.breach_url is None:
        return None
    from multiproduct.adapters.breaches import (  # noqa: PLC0415 - only where it is used
        RangeBreachedPasswords,
    )

    return RangeBreachedPasswords(url=settings.breach_url, web=web)


async def nothing_to_close() -> None:
    """For a mailer that holds nothing open."""
