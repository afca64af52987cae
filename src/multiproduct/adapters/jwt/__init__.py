"""Signed access tokens, and other issuers' ID tokens, with PyJWT."""

from multiproduct.adapters.jwt.access_tokens import JwtAccessTokens
from multiproduct.adapters.jwt.client_secrets import SignedClientSecrets
from multiproduct.adapters.jwt.id_tokens import JwtIdTokens
from multiproduct.adapters.jwt.token_signers import PrivateKeySigner

__all__ = ["JwtAccessTokens", "JwtIdTokens", "PrivateKeySigner", "SignedClientSecrets"]
