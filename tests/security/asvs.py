"""Every requirement of levels 1 and 2 of chapters V6, V7, V9 and V10 of the OWASP ASVS 5.0.0, by section.

Those of level 3 are there where something is to be said. Ids and levels are the standard's, the words ours.
"""

from collections.abc import Mapping

from tests.security import asvs_authentication, asvs_factors, asvs_sessions, asvs_tokens
from tests.security.requirement import Requirement

SECTIONS: Mapping[str, tuple[Requirement, ...]] = {
    "V6.1 Documentation of authentication": asvs_authentication.DOCUMENTATION,
    "V6.2 Passwords": asvs_authentication.PASSWORDS,
    "V6.3 Authentication in general": asvs_authentication.GENERAL,
    "V6.4 The life of factors": asvs_authentication.LIFE,
    "V6.5 Second factors": asvs_factors.SECOND_FACTORS,
    "V6.6 Codes sent elsewhere": asvs_factors.OUT_OF_BAND,
    "V6.7 Keys": asvs_factors.KEYS,
    "V6.8 Identity providers": asvs_factors.PROVIDERS,
    "V7 Sessions": asvs_sessions.SESSIONS,
    "V9 Tokens that speak for themselves": asvs_tokens.TOKENS,
    "V10.1 and V10.2 Clients of OAuth": asvs_tokens.CLIENT,
    "V10.3 Resource servers": asvs_tokens.RESOURCES,
    "V10.4 Authorization servers": asvs_tokens.SERVER,
    "V10.5 Clients of OpenID Connect": asvs_tokens.RELYING_PARTY,
    "V10.6 and V10.7 OpenID providers and consent": asvs_tokens.PROVIDER,
}
