"""The repositories of people, codes and sessions, each made when a unit first asks for it."""

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
from multiproduct.application.made_once import made_once


class SqlIdentityRepositories(SqlRepositories):
    """Most units use a few of them, so that none is made for nothing."""

    @made_once
    def challenges(self) -> SqlChallenges:
        return SqlChallenges(self._lane, self.track)

    @made_once
    def guess_budgets(self) -> SqlGuessBudgets:
        return SqlGuessBudgets(self._lane)

    @made_once
    def users(self) -> SqlUsers:
        return SqlUsers(self._lane, self.track, self._surroundings.now)

    @made_once
    def pending_registrations(self) -> SqlPendingRegistrations:
        return SqlPendingRegistrations(self._lane, self.track)

    @made_once
    def sessions(self) -> SqlSessions:
        return SqlSessions(self._lane, self.track, self.record)

    @made_once
    def roles(self) -> SqlRoles:
        return SqlRoles(self._lane, self.track)

    @made_once
    def role_assignments(self) -> SqlRoleAssignments:
        return SqlRoleAssignments(self._lane, self.track)

    @made_once
    def passkeys(self) -> SqlPasskeys:
        return SqlPasskeys(self._lane, self.track)

    @made_once
    def device_keys(self) -> SqlDeviceKeys:
        return SqlDeviceKeys(self._lane, self.track, self.record)

    @made_once
    def ceremony_challenges(self) -> SqlCeremonyChallenges:
        return SqlCeremonyChallenges(self._lane)

    @made_once
    def social_accounts(self) -> SqlSocialAccounts:
        return SqlSocialAccounts(self._lane, self.track)

    @made_once
    def social_states(self) -> SqlSocialStates:
        return SqlSocialStates(self._lane)

    @made_once
    def social_nonces(self) -> SqlSocialNonces:
        return SqlSocialNonces(self._lane)

    @made_once
    def sign_in_failures(self) -> SqlSignInFailures:
        return SqlSignInFailures(self._lane)

    @made_once
    def totp_factors(self) -> SqlTotpFactors:
        return SqlTotpFactors(self._lane, self.track)

    @made_once
    def recovery_codes(self) -> SqlRecoveryCodes:
        return SqlRecoveryCodes(self._lane)

    @made_once
    def sms_factors(self) -> SqlSmsFactors:
        return SqlSmsFactors(self._lane, self.track)

    @made_once
    def pending_sign_ins(self) -> SqlPendingSignIns:
        return SqlPendingSignIns(self._lane, self.track)

    @made_once
    def contact_changes(self) -> SqlContactChanges:
        return SqlContactChanges(self._lane, self.track)

    @made_once
    def pictures(self) -> SqlPictures:
        return SqlPictures(self._lane)

    @made_once
    def documents(self) -> SqlDocuments:
        return SqlDocuments(self._lane, self.track)

    @made_once
    def consents(self) -> SqlConsents:
        return SqlConsents(self._lane)

    @made_once
    def people(self) -> SqlPeople:
        return SqlPeople(self._lane)

    @made_once
    def invitations(self) -> SqlInvitations:
        return SqlInvitations(self._lane, self.track)

    @made_once
    def username_tombstones(self) -> SqlUsernameTombstones:
        return SqlUsernameTombstones(self._lane)

    @made_once
    def bank_details(self) -> SqlSealedRecords:
        return SqlSealedRecords(self._lane, bank_details)

    @made_once
    def farewells(self) -> SqlSealedRecords:
        return SqlSealedRecords(self._lane, farewells)

    @made_once
    def personal_rows(self) -> SqlPersonalRows:
        return SqlPersonalRows(self._lane)
