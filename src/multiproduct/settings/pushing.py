"""Settings of pushes to devices: how this installation is known at Firebase, at Apple, and by browsers."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from multiproduct.settings.declaring import setting


class PushSettings(BaseSettings):
    """What pushes are sent with. Nothing is pushed by default."""

    push_fcm_service_account: SecretStr = setting(
        "",
        "PUSH_FCM_SERVICE_ACCOUNT",
        "the JSON of a Google service account that may send by Firebase Cloud Messaging, best given as a "
        "file; none switches FCM off",
    )
    push_fcm_url: str = setting(
        "https://fcm.googleapis.com", "PUSH_FCM_URL", "where FCM takes messages (HTTP v1)"
    )
    push_apns_key: SecretStr = setting(
        "",
        "PUSH_APNS_KEY",
        "Apple's authentication key as PEM, as the .p8 file has it; none switches APNs off",
    )
    push_apns_key_id: str = setting("", "PUSH_APNS_KEY_ID", "the id of that key")
    push_apns_team_id: str = setting("", "PUSH_APNS_TEAM_ID", "the team's id at Apple")
    push_apns_topic: str = setting("", "PUSH_APNS_TOPIC", "the bundle id of the app that is pushed to")
    push_apns_url: str = setting(
        "https://api.push.apple.com",
        "PUSH_APNS_URL",
        "where APNs takes messages; https://api.sandbox.push.apple.com for apps in development",
    )
    push_vapid_key: SecretStr = setting(
        "",
        "PUSH_VAPID_KEY",
        "the private key that browsers' push services know this installation by: P-256, as PEM or as 32 "
        "bytes in URL-safe base64; none switches Web Push off; a new one makes every subscription void",
    )
    push_vapid_contact: str = setting(
        "",
        "PUSH_VAPID_CONTACT",
        "where push services reach the operator: mailto:... or https://...; SUPPORT_EMAIL when empty",
    )
