"""What proving an address is worth to the account that has it: it admits its owner, or makes one, or nothing.

An account can have an address that nobody proved: it was brought over from another system, or the staff wrote
it down. Whoever proves such an address may find in the account what somebody else left there on purpose: a
password, a key, an authenticator app, a session.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from multiproduct.application.identity.contact_changing import close_open_changes
from multiproduct.application.identity.contacts import Contact, Contacts
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import Admission, Consent, ConsentSource, ContactKind, EndReason, User
from multiproduct.domain.identity.consent import MAX_KINDS
from multiproduct.domain.otp import Challenge, Channel, Purpose

_KINDS = {Channel.EMAIL: ContactKind.EMAIL, Channel.SMS: ContactKind.PHONE}
_CODES_THAT_LET_IN = (
    Purpose.PASSWORD_RESET,
    Purpose.LOGIN,
    Purpose.PHONE_SIGN_IN,
    Purpose.SECOND_FACTOR,
)


def kind_of(channel: Channel) -> ContactKind:
    """Which address a code by the channel proves."""
    return _KINDS[channel]


def may_be_admitted(user: User | None, channel: Channel) -> bool:
    """Whether proving the address would let somebody in. The code is sent by the same rule, so that nobody
    gets one that cannot be used."""
    if user is None or not user.may_sign_in:
        return False
    return user.admission(kind_of(channel)) is not Admission.STRANGER


async def admitted_by(unit: IdentityUnit, challenge: Challenge | None, *, now: datetime) -> User | None:
    """Whom a challenge that was answered right lets in, after the account has become theirs if need be; None
    where that is nobody. In the caller's unit, which the caller commits."""
    if challenge is None:
        return None
    user = await Contacts.owner(unit, channel=challenge.channel, key=challenge.subject)
    if user is None or not may_be_admitted(user, challenge.channel):
        return None
    await make_theirs(unit, user, kind_of(challenge.channel), now=now)
    return user


async def make_theirs(unit: IdentityUnit, user: User, kind: ContactKind, *, now: datetime) -> None:
    """The account goes to whoever proved its address just now, with no way in that was there before and no
    session. Changes nothing where the address had been proved already."""
    if user.has_proved(kind):
        return
    user.take_possession(kind, now=now)
    # Saved first: whoever adds a way in at this moment saves the user as well, and has to decide again.
    await unit.users.save(user)
    await unit.personal_rows.dispossess(user.id)
    await unit.documents.drop_all(user.id, now=now)
    await _withdraw_consents(unit, user.id, now=now)
    await unit.sessions.end_all(user.id, reason=EndReason.REVOKED, now=now)
    await void_codes(unit, user, now=now)


async def _withdraw_consents(unit: IdentityUnit, user_id: UUID, *, now: datetime) -> None:
    """What others agreed to in an account is not what its owner agrees to. The log says so."""
    for agreed in await unit.consents.standing(user_id, limit=MAX_KINDS):
        if agreed.is_given:
            # Each line has at most one that takes it back in this way, and is named after it.
            taken_back = uuid5(agreed.id, ConsentSource.TAKEN_OVER.value)
            await unit.consents.add(
                Consent(
                    id=taken_back,
                    user_id=user_id,
                    kind=agreed.kind,
                    version=agreed.version,
                    is_given=False,
                    at=max(now, agreed.at + timedelta(microseconds=1)),
                    source=ConsentSource.TAKEN_OVER,
                )
            )


async def end_what_a_password_let_in(
    unit: IdentityUnit, user: User, *, now: datetime, besides: UUID | None = None
) -> None:
    """For a password that was set, in whatever way: ends the sessions but one, voids the codes and links that
    sign in or set another password, at either address, and closes the changes of address under way. Whoever
    began any of these may be why there is a new password."""
    await unit.sessions.end_all(user.id, reason=EndReason.PASSWORD_CHANGED, now=now, besides=besides)
    await void_codes(unit, user, now=now)
    await close_open_changes(unit, user.id, now)


async def void_codes(unit: IdentityUnit, user: User, *, now: datetime) -> None:
    """Nobody who reads an older mail or text gets in by it."""
    keys = [user.email.key] if user.email else []
    keys += [str(user.phone)] if user.phone else []
    for key in keys:
        for purpose in _CODES_THAT_LET_IN:
            await unit.challenges.revoke(purpose, key, now=now)


async def release(unit: IdentityUnit, contact: Contact, *, to: UUID | None, now: datetime) -> None:
    """Takes an address that was proved just now away from an account that never proved it and has another,
    proved one. Elsewhere the unique index decides. `to` is who is about to have it, if they are kept already.
    """
    owner = await Contacts.owner(unit, channel=contact.channel, key=contact.key)
    if owner is None or owner.id == to:
        return
    kind = kind_of(contact.channel)
    if owner.admission(kind) is Admission.STRANGER:
        owner.lose_unproved(kind, now=now)
        await unit.users.save(owner)
