"""Where one's money goes: kept sealed, shown masked."""

import json
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity import sealed_purposes
from multiproduct.application.identity.administration_commands import ReplaceBankDetails
from multiproduct.application.identity.administration_ports import SealedRecord
from multiproduct.application.identity.administration_results import BankDetailsView
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import own_account, present_user
from multiproduct.application.identity.results import Done
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import BankDetails, BankDetailsChanged, BankDetailsRemoved
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.shared import NotFound, Unavailable

_SECRET_IS_BACK_SECONDS = 3_600


class BankDetailKeeping:
    """One's own only. Changes need a recent sign-in and are told by mail: whoever redirects a payout has a
    motive."""

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock, ids: Ids, sealing: Sealing) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._sealing = sealing

    async def read(self, caller: Caller) -> BankDetailsView:
        """The caller's own, masked. Raises Unauthenticated, NotFound where there are none, Unavailable where
        they cannot be opened."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_READ)
        async with self._units.view(caller) as view:
            record = await view.bank_details.find(user_id)
        if record is None:
            raise NotFound
        return BankDetailsView.of(opened(self._sealing, record), updated_at=record.updated_at)

    async def replace(self, command: ReplaceBankDetails, caller: Caller) -> BankDetailsView:
        """Puts these in the place of the former ones. Raises Unauthenticated, StepUpRequired,
        InvalidInput."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        now = self._clock.now()
        caller.require_recent(now)
        details = _read(command)
        record = self._sealed(details, user_id, now)

        async def body(unit: IdentityUnit) -> BankDetailsView:
            await own_account(unit, user_id, now=now)
            await unit.bank_details.put(record)
            unit.record(BankDetailsChanged(occurred_at=now, user_id=user_id))
            await unit.commit()
            return BankDetailsView.of(details, updated_at=now)

        return await in_unit(lambda: self._units.open(caller), body)

    def check_replace(self, command: ReplaceBankDetails, findings: InputFindings) -> None:
        """Adds what `replace` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: _read(command), *ReplaceBankDetails.model_fields)

    async def remove(self, caller: Caller) -> Done:
        """Takes them away; also where there are none. Raises Unauthenticated, StepUpRequired."""
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        now = self._clock.now()
        caller.require_recent(now)

        async def body(unit: IdentityUnit) -> Done:
            await present_user(unit, user_id)
            if await unit.bank_details.remove(user_id):
                unit.record(BankDetailsRemoved(occurred_at=now, user_id=user_id))
                await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    def _sealed(self, details: BankDetails, user_id: UUID, now: datetime) -> SealedRecord:
        record_id = self._ids.next()
        document = json.dumps(asdict(details), ensure_ascii=False).encode()
        purpose = sealed_purposes.of_bank_details(user_id, record_id)
        sealed = self._sealing.seal(document, purpose=purpose)
        return SealedRecord(id=record_id, user_id=user_id, sealed=sealed, updated_at=now)


def opened(sealing: Sealing, record: SealedRecord) -> BankDetails:
    """The details in a record. Raises Unavailable where the secret that it is sealed under was retired too
    early: there are some, and whoever runs the installation can bring the secret back."""
    purpose = sealed_purposes.of_bank_details(record.user_id, record.id)
    document = sealing.open(record.sealed, purpose=purpose)
    if document is None:
        raise Unavailable(what="bank details", retry_after=_SECRET_IS_BACK_SECONDS)
    return BankDetails(**json.loads(document))


def _read(command: ReplaceBankDetails) -> BankDetails:
    return BankDetails.read(
        holder=command.holder or "",
        bank_name=command.bank_name,
        iban=command.iban,
        account_number=command.account_number,
        bank_code=command.bank_code,
    )
