"""Signed access tokens with PyJWT."""

from multiproduct.adapters.jwt.access_tokens import JwtAccessTokens

__all__ = ["JwtAccessTokens"]
