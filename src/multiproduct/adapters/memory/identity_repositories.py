"""The repositories of people, codes and sessions, each made when a unit first asks for it."""

from multiproduct.adapters.memory.account import MemoryContactChanges, MemoryPictures
from multiproduct.adapters.memory.administration import (
    MemoryInvitations,
    MemoryPeople,
    MemoryPersonalRows,
    MemorySealedRecords,
    MemoryUsernameTombstones,
)
from multiproduct.adapters.memory.credentials import (
    MemoryCeremonyChallenges,
    MemoryDeviceKeys,
    MemoryPasskeys,
)
from multiproduct.adapters.memory.documents import MemoryConsents, MemoryDocuments
from multiproduct.adapters.memory.identity import MemoryPendingRegistrations, MemorySessions, MemoryUsers
from multiproduct.adapters.memory.identity_social import (
    MemorySocialAccounts,
    MemorySocialNonces,
    MemorySocialStates,
)
from multiproduct.adapters.memory.otp import MemoryChallenges, MemoryGuessBudgets
from multiproduct.adapters.memory.repositories import MemoryRepositories
from multiproduct.adapters.memory.roles import MemoryRoleAssignments, MemoryRoles
from multiproduct.adapters.memory.second_factors import (
    MemoryPendingSignIns,
    MemoryRecoveryCodes,
    MemorySmsFactors,
    MemoryTotpFactors,
)
from multiproduct.adapters.memory.sign_in_failures import MemorySignInFailures
from multiproduct.application.made_once import made_once


class MemoryIdentityRepositories(MemoryRepositories):
    """Most units use a few of them, so that none is made for nothing."""

    @made_once
    def challenges(self) -> MemoryChallenges:
        return MemoryChallenges(stage=self._stage, track=self.track)

    @made_once
    def guess_budgets(self) -> MemoryGuessBudgets:
        return MemoryGuessBudgets(stage=self._stage)

    @made_once
    def users(self) -> MemoryUsers:
        return MemoryUsers(stage=self._stage, track=self.track, now=self._surroundings.now)

    @made_once
    def pending_registrations(self) -> MemoryPendingRegistrations:
        return MemoryPendingRegistrations(stage=self._stage, track=self.track)

    @made_once
    def sessions(self) -> MemorySessions:
        return MemorySessions(stage=self._stage, track=self.track, record=self.record)

    @made_once
    def roles(self) -> MemoryRoles:
        return MemoryRoles(stage=self._stage, track=self.track)

    @made_once
    def role_assignments(self) -> MemoryRoleAssignments:
        return MemoryRoleAssignments(stage=self._stage, track=self.track)

    @made_once
    def passkeys(self) -> MemoryPasskeys:
        return MemoryPasskeys(stage=self._stage, track=self.track)

    @made_once
    def device_keys(self) -> MemoryDeviceKeys:
        return MemoryDeviceKeys(stage=self._stage, track=self.track, record=self.record)

    @made_once
    def ceremony_challenges(self) -> MemoryCeremonyChallenges:
        return MemoryCeremonyChallenges(stage=self._stage)

    @made_once
    def social_accounts(self) -> MemorySocialAccounts:
        return MemorySocialAccounts(
            rows=self._stage.identity.social_accounts,
            unlinks=self._stage.identity.social_unlinks,
            track=self.track,
        )

    @made_once
    def social_states(self) -> MemorySocialStates:
        return MemorySocialStates(rows=self._stage.identity.social_states)

    @made_once
    def social_nonces(self) -> MemorySocialNonces:
        return MemorySocialNonces(rows=self._stage.identity.social_nonces)

    @made_once
    def sign_in_failures(self) -> MemorySignInFailures:
        return MemorySignInFailures(rows=self._stage.identity.sign_in_failures)

    @made_once
    def totp_factors(self) -> MemoryTotpFactors:
        return MemoryTotpFactors(stage=self._stage, track=self.track)

    @made_once
    def recovery_codes(self) -> MemoryRecoveryCodes:
        return MemoryRecoveryCodes(stage=self._stage)

    @made_once
    def sms_factors(self) -> MemorySmsFactors:
        return MemorySmsFactors(stage=self._stage, track=self.track)

    @made_once
    def pending_sign_ins(self) -> MemoryPendingSignIns:
        return MemoryPendingSignIns(stage=self._stage, track=self.track)

    @made_once
    def contact_changes(self) -> MemoryContactChanges:
        return MemoryContactChanges(stage=self._stage, track=self.track)

    @made_once
    def pictures(self) -> MemoryPictures:
        return MemoryPictures(stage=self._stage)

    @made_once
    def documents(self) -> MemoryDocuments:
        return MemoryDocuments(stage=self._stage, track=self.track)

    @made_once
    def consents(self) -> MemoryConsents:
        return MemoryConsents(stage=self._stage)

    @made_once
    def people(self) -> MemoryPeople:
        return MemoryPeople(stage=self._stage)

    @made_once
    def invitations(self) -> MemoryInvitations:
        return MemoryInvitations(stage=self._stage, track=self.track)

    @made_once
    def username_tombstones(self) -> MemoryUsernameTombstones:
        return MemoryUsernameTombstones(stage=self._stage)

    @made_once
    def bank_details(self) -> MemorySealedRecords:
        return MemorySealedRecords(rows=self._stage.identity.bank_details)

    @made_once
    def farewells(self) -> MemorySealedRecords:
        return MemorySealedRecords(rows=self._stage.identity.farewells)

    @made_once
    def personal_rows(self) -> MemoryPersonalRows:
        return MemoryPersonalRows(stage=self._stage)
