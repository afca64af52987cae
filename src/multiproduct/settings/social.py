"""Settings of sign-in by Google, Apple and Facebook."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from multiproduct.settings.declaring import setting


class SocialSettings(BaseSettings):
    """How this installation is known at providers."""

    google_client_id: str = setting(
        "",
        "GOOGLE_CLIENT_ID",
        "client ids at Google, separated by commas, the one for browsers first; none switches Google off",
        "GOOGLE_CLIENT_ID",
    )
    google_client_secret: SecretStr = setting(
        "",
        "GOOGLE_CLIENT_SECRET",
        "the secret of the first; without it only ID tokens are taken",
        "GOOGLE_CLIENT_SECRET",
    )
    google_endpoints: str = setting(
        "",
        "GOOGLE_ENDPOINTS",
        "other addresses than Google's, for an OpenID provider of one's own: issuer=..., authorization=..., "
        "token=..., keys=... separated by commas",
    )
    apple_client_id: str = setting(
        "",
        "APPLE_CLIENT_ID",
        "the services id and bundle ids at Apple, separated by commas, the one for browsers first; none "
        "switches Apple off",
        "APPLE_CLIENT_ID",
    )
    apple_team_id: str = setting("", "APPLE_TEAM_ID", "the team's id at Apple", "APPLE_TEAM_ID")
    apple_key_id: str = setting("", "APPLE_KEY_ID", "the id of the private key at Apple", "APPLE_KEY_ID")
    apple_private_key: SecretStr = setting(
        "",
        "APPLE_PRIVATE_KEY",
        "the private key as PEM, as the .p8 file has it; without it only ID tokens are taken",
        "APPLE_PRIVATE_KEY",
    )
    apple_endpoints: str = setting("", "APPLE_ENDPOINTS", "as GOOGLE_ENDPOINTS, in place of Apple's")
    facebook_app_id: str = setting(
        "",
        "FACEBOOK_APP_ID",
        "the application's id at Facebook; without id or secret Facebook is off",
        "FACEBOOK_APP_ID",
    )
    facebook_app_secret: SecretStr = setting(
        "", "FACEBOOK_APP_SECRET", "the application's secret at Facebook", "FACEBOOK_APP_SECRET"
    )
    facebook_endpoints: str = setting(
        "", "FACEBOOK_ENDPOINTS", "as GOOGLE_ENDPOINTS with debug=... and graph=..., in place of Facebook's"
    )
    social_redirect_urls: str = setting(
        "",
        "SOCIAL_REDIRECT_URLS",
        "pages of one's own, separated by commas, that providers may send browsers back to, besides "
        "/api/v1/identity/social/<provider>/callback",
    )
