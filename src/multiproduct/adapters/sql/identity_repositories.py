"""The repositories of people, codes and sessions, each made when a unit first asks for it."""

from functools import cached_property

from multiproduct.adapters.sql.ceremonies import SqlCeremonyChallenges
from multiproduct.adapters.sql.contact_changes import SqlContactChanges
from multiproduct.adapters.sql.device_keys import SqlDeviceKeys
from multiproduct.adapters.sql.documents import SqlConsents, SqlDocuments
from multiproduct.adapters.sql.identity import SqlPendingRegistrations, SqlUsers
from multiproduct.adapters.sql.identity_sessions import SqlSessions
from multiproduct.adapters.sql.identity_social import SqlSocialAccounts, SqlSocialNonces, SqlSocialStates
from multiproduct.adapters.sql.invitations import SqlInvitations
from multiproduct.adapters.sql.otp import SqlChallenges, SqlGuessBudgets
from multiproduct.adapters.sql.passkeys import SqlPasskeys
from multiproduct.adapters.sql.people import SqlPeople
from multiproduct.adapters.sql.personal import SqlPersonalRows, SqlSealedRecords, SqlUsernameTombstones
from multiproduct.adapters.sql.pictures import SqlPictures
from multiproduct.adapters.sql.repositories import SqlRepositories
from multiproduct.adapters.sql.roles import SqlRoleAssignments, SqlRoles
from multiproduct.adapters.sql.second_factors import (
    SqlPendingSignIns,
    SqlRecoveryCodes,
    SqlSmsFactors,
    SqlTotpFactors,
)
from multiproduct.adapters.sql.sign_in_failures import SqlSignInFailures
from multiproduct.adapters.sql.tables.administration import bank_details, farewells


class SqlIdentityRepositories(SqlRepositories):
    """Most units use a few of them, so that none is made for nothing."""

    @cached_property
    def challenges(self) -> SqlChallenges:
        return SqlChallenges(self._lane, self.track)

    @cached_property
    def guess_budgets(self) -> SqlGuessBudgets:
        return SqlGuessBudgets(self._lane)

    @cached_property
    def users(self) -> SqlUsers:
        return SqlUsers(self._lane, self.track, self._surroundings.now)

    @cached_property
    def pending_registrations(self) -> SqlPendingRegistrations:
        return SqlPendingRegistrations(self._lane, self.track)

    @cached_property
    def sessions(self) -> SqlSessions:
        return SqlSessions(self._lane, self.track, self.record)

    @cached_property
    def roles(self) -> SqlRoles:
        return SqlRoles(self._lane, self.track)

    @cached_property
    def role_assignments(self) -> SqlRoleAssignments:
        return SqlRoleAssignments(self._lane, self.track)

    @cached_property
    def passkeys(self) -> SqlPasskeys:
        return SqlPasskeys(self._lane, self.track)

    @cached_property
    def device_keys(self) -> SqlDeviceKeys:
        return SqlDeviceKeys(self._lane, self.track, self.record)

    @cached_property
    def ceremony_challenges(self) -> SqlCeremonyChallenges:
        return SqlCeremonyChallenges(self._lane)

    @cached_property
    def social_accounts(self) -> SqlSocialAccounts:
        return SqlSocialAccounts(self._lane, self.track)

    @cached_property
    def social_states(self) -> SqlSocialStates:
        return SqlSocialStates(self._lane)

    @cached_property
    def social_nonces(self) -> SqlSocialNonces:
        return SqlSocialNonces(self._lane)

    @cached_property
    def sign_in_failures(self) -> SqlSignInFailures:
        return SqlSignInFailures(self._lane)

    @cached_property
    def totp_factors(self) -> SqlTotpFactors:
        return SqlTotpFactors(self._lane, self.track)

    @cached_property
    def recovery_codes(self) -> SqlRecoveryCodes:
        return SqlRecoveryCodes(self._lane)

    @cached_property
    def sms_factors(self) -> SqlSmsFactors:
        return SqlSmsFactors(self._lane, self.track)

    @cached_property
    def pending_sign_ins(self) -> SqlPendingSignIns:
        return SqlPendingSignIns(self._lane, self.track)

    @cached_property
    def contact_changes(self) -> SqlContactChanges:
        return SqlContactChanges(self._lane, self.track)

    @cached_property
    def pictures(self) -> SqlPictures:
        return SqlPictures(self._lane)

    @cached_property
    def documents(self) -> SqlDocuments:
        return SqlDocuments(self._lane, self.track)

    @cached_property
    def consents(self) -> SqlConsents:
        return SqlConsents(self._lane)

    @cached_property
    def people(self) -> SqlPeople:
        return SqlPeople(self._lane)

    @cached_property
    def invitations(self) -> SqlInvitations:
        return SqlInvitations(self._lane, self.track)

    @cached_property
    def username_tombstones(self) -> SqlUsernameTombstones:
        return SqlUsernameTombstones(self._lane)

    @cached_property
    def bank_details(self) -> SqlSealedRecords:
        return SqlSealedRecords(self._lane, bank_details)

    @cached_property
    def farewells(self) -> SqlSealedRecords:
        return SqlSealedRecords(self._lane, farewells)

    @cached_property
    def personal_rows(self) -> SqlPersonalRows:
        return SqlPersonalRows(self._lane)
