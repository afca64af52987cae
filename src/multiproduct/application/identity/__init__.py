"""People: registration, sign-in, sessions, profile and user names, as use cases."""

from dataclasses import dataclass

from multiproduct.application.identity.account_commands import (
    ChangeEmail,
    ChangePhone,
    ConfirmContactChange,
    RenameSession,
    StopContactChange,
)
from multiproduct.application.identity.account_results import SessionList, SessionsEnded, SessionView
from multiproduct.application.identity.administration import Administration
from multiproduct.application.identity.administration_commands import (
    AcceptInvitation,
    ChangeUser,
    CreateUser,
    InviteUser,
    ListInvitations,
    ListUsers,
    ReplaceBankDetails,
)
from multiproduct.application.identity.administration_results import (
    BankDetailsView,
    InvitationList,
    InvitationView,
    ManagedUser,
    PersonalData,
    UserList,
)
from multiproduct.application.identity.authenticating import Authenticating
from multiproduct.application.identity.authority import require_another_admin
from multiproduct.application.identity.avatar_purging import AvatarPurging
from multiproduct.application.identity.avatars import Avatars
from multiproduct.application.identity.bank_detail_keeping import BankDetailKeeping
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.commands import (
    CheckUsername,
    ConfirmPasswordReset,
    CreateAdmin,
    GiveConsent,
    RefreshSession,
    RequestPasswordReset,
    RequestSignInCode,
    ResendCode,
    SignInWithCode,
    SignInWithPassword,
    SignOut,
    StartRegistration,
    UpdateProfile,
    VerifyRegistration,
    VerifyToken,
)
from multiproduct.application.identity.consent_keeping import ConsentKeeping
from multiproduct.application.identity.contact_changing import ContactChanging
from multiproduct.application.identity.data_export import DataExport
from multiproduct.application.identity.device_key_commands import (
    EnrolDeviceKey,
    RequestDeviceKeyEnrolment,
    RequestDeviceKeySignIn,
    SignInWithDeviceKey,
)
from multiproduct.application.identity.device_key_keeping import DeviceKeyKeeping
from multiproduct.application.identity.device_key_results import (
    DeviceKeyChallenge,
    DeviceKeyList,
    DeviceKeyView,
)
from multiproduct.application.identity.device_key_sign_in import DeviceKeySignIn
from multiproduct.application.identity.device_sessions import DeviceSessions
from multiproduct.application.identity.document_commands import (
    AnnounceDocument,
    ReviewDocument,
    WithdrawConsent,
)
from multiproduct.application.identity.document_keeping import DocumentKeeping
from multiproduct.application.identity.document_ports import FileScanner, NoScanner
from multiproduct.application.identity.document_purging import DocumentPurging
from multiproduct.application.identity.document_results import (
    ConsentList,
    ConsentView,
    DocumentList,
    DocumentView,
)
from multiproduct.application.identity.document_reviewing import DocumentReviewing
from multiproduct.application.identity.erasing import Erasing
from multiproduct.application.identity.import_commands import ImportReport, ImportUsers
from multiproduct.application.identity.importing import Importing
from multiproduct.application.identity.invitation_accepting import InvitationAccepting
from multiproduct.application.identity.invitation_tokens import InvitationTokens
from multiproduct.application.identity.inviting import Inviting
from multiproduct.application.identity.link_checking import LinkChecking
from multiproduct.application.identity.passkey_checking import PasskeyChecking, PasskeyFactor, PasskeyProof
from multiproduct.application.identity.passkey_commands import AddPasskey, RenameKey, SignInWithPasskey
from multiproduct.application.identity.passkey_keeping import PasskeyKeeping
from multiproduct.application.identity.passkey_results import (
    NewPasskey,
    PasskeyList,
    PasskeyOptions,
    PasskeyView,
)
from multiproduct.application.identity.passkey_sign_in import PasskeySignIn
from multiproduct.application.identity.password_change import PasswordChange
from multiproduct.application.identity.password_commands import ChangePassword, SetPassword
from multiproduct.application.identity.password_reset import PasswordReset
from multiproduct.application.identity.personal_data import (
    ErasureVeto,
    PersonalDataRegistry,
    PersonalDataSource,
)
from multiproduct.application.identity.phone_commands import RequestPhoneCode, SignInByPhone
from multiproduct.application.identity.phone_sign_in import PhoneSignIn
from multiproduct.application.identity.ports import AccessClaims, AccessTokens, IdentityUnit
from multiproduct.application.identity.profile import Profile
from multiproduct.application.identity.purging import Purging
from multiproduct.application.identity.refusal_recording import RefusalRecording
from multiproduct.application.identity.registration import Registration
from multiproduct.application.identity.resealing import Resealing
from multiproduct.application.identity.results import (
    Availability,
    CodeSent,
    Done,
    Registered,
    Tokens,
    TokenStanding,
    UserView,
)
from multiproduct.application.identity.role_assigning import RoleAssigning
from multiproduct.application.identity.role_commands import AssignRole, ChangeRole, CreateRole, RevokeRole
from multiproduct.application.identity.role_keeping import RoleKeeping
from multiproduct.application.identity.role_results import (
    AssignmentList,
    AssignmentView,
    PermissionList,
    PermissionView,
    RoleList,
    RoleView,
)
from multiproduct.application.identity.second_factor_commands import (
    CompleteSignIn,
    ConfirmTotp,
    ContinueSignIn,
    EnrolTotp,
    RemoveSmsFactor,
    RemoveTotp,
    StepUp,
)
from multiproduct.application.identity.second_factor_keeping import SecondFactorKeeping
from multiproduct.application.identity.second_factor_results import (
    NewRecoveryCodes,
    SecondFactorRequired,
    SecondFactors,
    SignedInOrAsked,
    SmsFactorAddedAnswer,
    SmsFactorView,
    SteppedUpAnswer,
    StepUpMethods,
    TotpAdded,
    TotpEnrolment,
)
from multiproduct.application.identity.second_factor_signing_in import SecondFactorSigningIn
from multiproduct.application.identity.session_keeping import SessionKeeping
from multiproduct.application.identity.signing_in import SigningIn
from multiproduct.application.identity.sms_factor_keeping import SmsFactorKeeping
from multiproduct.application.identity.social_commands import (
    SocialCallback,
    SocialProof,
    SocialToken,
    StartSocial,
    TakeProviderNotice,
)
from multiproduct.application.identity.social_linking import SocialLinking
from multiproduct.application.identity.social_proving import SocialProving
from multiproduct.application.identity.social_results import (
    SocialAccountList,
    SocialAccountView,
    SocialDeparture,
    SocialNonce,
    SocialStart,
)
from multiproduct.application.identity.social_sign_in import SocialSignIn
from multiproduct.application.identity.stepping_up import SteppingUp
from multiproduct.application.identity.user_listing import UserListing
from multiproduct.application.identity.user_managing import UserManaging
from multiproduct.application.identity.username_checking import UsernameChecking


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The context's use cases by capability."""

    registration: Registration
    codes: CodeRequests
    sign_in: SigningIn
    sessions: SessionKeeping
    authenticating: Authenticating
    profile: Profile
    password_reset: PasswordReset
    password_change: PasswordChange
    phone_sign_in: PhoneSignIn
    importing: Importing
    device_sessions: DeviceSessions
    contact_changes: ContactChanging
    avatars: Avatars
    avatar_purging: AvatarPurging
    social_proving: SocialProving
    social_sign_in: SocialSignIn
    social_linking: SocialLinking
    second_factor_sign_in: SecondFactorSigningIn
    second_factors: SecondFactorKeeping
    sms_factor: SmsFactorKeeping
    step_up: SteppingUp
    resealing: Resealing
    links: LinkChecking
    usernames: UsernameChecking
    administration: Administration
    bank_details: BankDetailKeeping
    documents: DocumentKeeping
    document_reviews: DocumentReviewing
    document_purging: DocumentPurging
    consents: ConsentKeeping
    data_export: DataExport
    erasing: Erasing
    invitations: Inviting
    invitation_accepting: InvitationAccepting
    user_listing: UserListing
    users: UserManaging
    roles: RoleKeeping
    role_assignments: RoleAssigning
    refusals: RefusalRecording
    passkeys: PasskeyKeeping
    passkey_sign_in: PasskeySignIn
    passkey_checking: PasskeyChecking
    device_keys: DeviceKeyKeeping
    device_key_sign_in: DeviceKeySignIn
    purging: Purging


__all__ = [
    "AcceptInvitation",
    "AccessClaims",
    "AccessTokens",
    "AddPasskey",
    "AnnounceDocument",
    "AssignRole",
    "AssignmentList",
    "AssignmentView",
    "Availability",
    "BankDetailsView",
    "ChangeEmail",
    "ChangePassword",
    "ChangePhone",
    "ChangeRole",
    "ChangeUser",
    "CheckUsername",
    "CodeSent",
    "CompleteSignIn",
    "ConfirmContactChange",
    "ConfirmPasswordReset",
    "ConfirmTotp",
    "ConsentList",
    "ConsentView",
    "ContinueSignIn",
    "CreateAdmin",
    "CreateRole",
    "CreateUser",
    "DeviceKeyChallenge",
    "DeviceKeyList",
    "DeviceKeyView",
    "DocumentList",
    "DocumentView",
    "Done",
    "EnrolDeviceKey",
    "EnrolTotp",
    "ErasureVeto",
    "FileScanner",
    "GiveConsent",
    "Identity",
    "IdentityUnit",
    "ImportReport",
    "ImportUsers",
    "InvitationList",
    "InvitationTokens",
    "InvitationView",
    "InviteUser",
    "ListInvitations",
    "ListUsers",
    "ManagedUser",
    "NewPasskey",
    "NewRecoveryCodes",
    "NoScanner",
    "PasskeyChecking",
    "PasskeyFactor",
    "PasskeyList",
    "PasskeyOptions",
    "PasskeyProof",
    "PasskeyView",
    "PermissionList",
    "PermissionView",
    "PersonalData",
    "PersonalDataRegistry",
    "PersonalDataSource",
    "RefreshSession",
    "Registered",
    "RemoveSmsFactor",
    "RemoveTotp",
    "RenameKey",
    "RenameSession",
    "ReplaceBankDetails",
    "RequestDeviceKeyEnrolment",
    "RequestDeviceKeySignIn",
    "RequestPasswordReset",
    "RequestPhoneCode",
    "RequestSignInCode",
    "ResendCode",
    "ReviewDocument",
    "RevokeRole",
    "RoleList",
    "RoleView",
    "SecondFactorRequired",
    "SecondFactors",
    "SessionList",
    "SessionView",
    "SessionsEnded",
    "SetPassword",
    "SignInByPhone",
    "SignInWithCode",
    "SignInWithDeviceKey",
    "SignInWithPasskey",
    "SignInWithPassword",
    "SignOut",
    "SignedInOrAsked",
    "SmsFactorAddedAnswer",
    "SmsFactorView",
    "SocialAccountList",
    "SocialAccountView",
    "SocialCallback",
    "SocialDeparture",
    "SocialNonce",
    "SocialProof",
    "SocialStart",
    "SocialToken",
    "StartRegistration",
    "StartSocial",
    "StepUp",
    "StepUpMethods",
    "SteppedUpAnswer",
    "StopContactChange",
    "TakeProviderNotice",
    "TokenStanding",
    "Tokens",
    "TotpAdded",
    "TotpEnrolment",
    "UpdateProfile",
    "UserList",
    "UserView",
    "UsernameChecking",
    "VerifyRegistration",
    "VerifyToken",
    "WithdrawConsent",
    "require_another_admin",
]
