"""The tables of identity in memory: people, their sessions, factors, roles, papers and invitations."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.beginning_roles import beginning_roles
from multiproduct.adapters.memory.identity_social import SocialNonce, SocialUnlink, UnlinkKey
from multiproduct.adapters.memory.tables import OnStage, OpenedTables, Table, as_it_is
from multiproduct.application.identity.administration_ports import SealedRecord
from multiproduct.domain.identity import (
    CeremonyChallenge,
    Consent,
    ContactChange,
    DeviceKey,
    Document,
    Invitation,
    Passkey,
    PendingRegistration,
    PendingSignIn,
    Picture,
    RecoveryCode,
    Role,
    RoleAssignment,
    Session,
    SignInFailures,
    SmsFactor,
    SocialAccount,
    SocialState,
    TotpFactor,
    User,
)


class IdentityTables:
    """What is kept of identity."""

    def __init__(self) -> None:
        self.users: Table[UUID, User] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={
                "username": lambda row: row.username.key,
                "email": lambda row: row.email.key if row.email else None,
                "phone": lambda row: row.phone.key if row.phone else None,
            },
        )
        self.pending_registrations: Table[UUID, PendingRegistration] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={
                "email": lambda row: row.email.key if row.email else None,
                "phone": lambda row: row.phone.key if row.phone else None,
            },
        )
        self.sessions: Table[UUID, Session] = Table(
            key=lambda row: row.id, copy=replace, indexes={"user": lambda row: row.user_id}
        )
        self.roles: Table[UUID, Role] = Table(
            key=lambda row: row.id, copy=replace, indexes={"key": lambda row: row.key}
        )
        for role in beginning_roles():
            self.roles.put(role)
        self.role_assignments: Table[tuple[UUID, UUID, str], RoleAssignment] = Table(
            key=lambda row: (row.user_id, row.role_id, row.scope),
            copy=replace,
            indexes={"user": lambda row: row.user_id, "role": lambda row: row.role_id},
        )
        self.passkeys: Table[UUID, Passkey] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={"credential": lambda row: row.credential_id, "user": lambda row: row.user_id},
        )
        self.device_keys: Table[UUID, DeviceKey] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={"key": lambda row: row.key_id, "user": lambda row: row.user_id},
        )
        self.device_key_sessions: Table[UUID, tuple[UUID, UUID]] = Table(
            key=lambda row: row[0], copy=as_it_is, indexes={"key": lambda row: row[1]}
        )
        self.ceremony_challenges: Table[UUID, CeremonyChallenge] = Table(
            key=lambda row: row.id, copy=as_it_is
        )
        self.social_accounts: Table[UUID, SocialAccount] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={"subject": lambda row: (row.issuer, row.subject), "user": lambda row: row.user_id},
        )
        self.social_states: Table[str, SocialState] = Table(key=lambda row: row.state_hash, copy=as_it_is)
        self.social_nonces: Table[str, SocialNonce] = Table(key=lambda row: row.nonce_hash, copy=as_it_is)
        self.social_unlinks: Table[UnlinkKey, SocialUnlink] = Table(
            key=lambda row: (row.issuer, row.subject, row.user_id), copy=as_it_is
        )
        self.sign_in_failures: Table[str, SignInFailures] = Table(key=lambda row: row.key, copy=replace)
        self.totp_factors: Table[UUID, TotpFactor] = Table(
            key=lambda row: row.id, copy=replace, indexes={"user": lambda row: row.user_id}
        )
        self.recovery_codes: Table[UUID, RecoveryCode] = Table(
            key=lambda row: row.id, copy=as_it_is, indexes={"user": lambda row: row.user_id}
        )
        self.sms_factors: Table[UUID, SmsFactor] = Table(key=lambda row: row.user_id, copy=replace)
        self.pending_sign_ins: Table[UUID, PendingSignIn] = Table(key=lambda row: row.id, copy=replace)
        self.contact_changes: Table[UUID, ContactChange] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={"open": lambda row: (row.user_id, row.kind) if row.closed_at is None else None},
        )
        self.documents: Table[UUID, Document] = Table(
            key=lambda row: row.id, copy=replace, indexes={"user": lambda row: row.user_id}
        )
        self.removed_documents: Table[UUID, UUID] = Table(key=lambda row: row, copy=as_it_is)
        self.consents: Table[UUID, Consent] = Table(
            key=lambda row: row.id, copy=as_it_is, indexes={"user": lambda row: row.user_id}
        )
        self.pictures: Table[UUID, Picture] = Table(key=lambda row: row.id, copy=as_it_is)
        self.invitations: Table[UUID, Invitation] = Table(
            key=lambda row: row.id, copy=replace, indexes={"email": lambda row: row.email.key}
        )
        self.username_tombstones: Table[str, tuple[str, datetime | None]] = Table(
            key=lambda row: row[0], copy=as_it_is
        )
        self.bank_details: Table[UUID, SealedRecord] = Table(
            key=lambda row: row.id, copy=as_it_is, indexes={"user": lambda row: row.user_id}
        )
        self.farewells: Table[UUID, SealedRecord] = Table(
            key=lambda row: row.id, copy=as_it_is, indexes={"user": lambda row: row.user_id}
        )


class IdentityStage(OpenedTables):
    """Identity as one unit sees it."""

    users = OnStage(IdentityTables, lambda tables: tables.users)
    pending_registrations = OnStage(IdentityTables, lambda tables: tables.pending_registrations)
    sessions = OnStage(IdentityTables, lambda tables: tables.sessions)
    roles = OnStage(IdentityTables, lambda tables: tables.roles)
    role_assignments = OnStage(IdentityTables, lambda tables: tables.role_assignments)
    passkeys = OnStage(IdentityTables, lambda tables: tables.passkeys)
    device_keys = OnStage(IdentityTables, lambda tables: tables.device_keys)
    device_key_sessions = OnStage(IdentityTables, lambda tables: tables.device_key_sessions)
    ceremony_challenges = OnStage(IdentityTables, lambda tables: tables.ceremony_challenges)
    social_accounts = OnStage(IdentityTables, lambda tables: tables.social_accounts)
    social_states = OnStage(IdentityTables, lambda tables: tables.social_states)
    social_nonces = OnStage(IdentityTables, lambda tables: tables.social_nonces)
    social_unlinks = OnStage(IdentityTables, lambda tables: tables.social_unlinks)
    sign_in_failures = OnStage(IdentityTables, lambda tables: tables.sign_in_failures)
    totp_factors = OnStage(IdentityTables, lambda tables: tables.totp_factors)
    recovery_codes = OnStage(IdentityTables, lambda tables: tables.recovery_codes)
    sms_factors = OnStage(IdentityTables, lambda tables: tables.sms_factors)
    pending_sign_ins = OnStage(IdentityTables, lambda tables: tables.pending_sign_ins)
    contact_changes = OnStage(IdentityTables, lambda tables: tables.contact_changes)
    documents = OnStage(IdentityTables, lambda tables: tables.documents)
    removed_documents = OnStage(IdentityTables, lambda tables: tables.removed_documents)
    consents = OnStage(IdentityTables, lambda tables: tables.consents)
    pictures = OnStage(IdentityTables, lambda tables: tables.pictures)
    invitations = OnStage(IdentityTables, lambda tables: tables.invitations)
    username_tombstones = OnStage(IdentityTables, lambda tables: tables.username_tombstones)
    bank_details = OnStage(IdentityTables, lambda tables: tables.bank_details)
    farewells = OnStage(IdentityTables, lambda tables: tables.farewells)
